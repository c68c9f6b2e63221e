//! Table `synonyms`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Page, PageRequest};
use sqlx::{FromRow, PgConnection, PgPool};

use crate::domain::SynonymSet;

#[derive(FromRow)]
struct Row {
    term: String,
    alternatives: Vec<String>,
    unless_words: Vec<String>,
    version: i32,
    updated_at: DateTime<Utc>,
}

impl From<Row> for SynonymSet {
    fn from(row: Row) -> Self {
        Self {
            term: row.term,
            alternatives: row.alternatives,
            unless: row.unless_words,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

const COLUMNS: &str = "term, alternatives, unless_words, version, updated_at";

/// The sets of these words.
pub(crate) async fn of(db: &PgPool, words: &[String]) -> Result<Vec<SynonymSet>, Fault> {
    let sql = format!("select {COLUMNS} from synonyms where term = any($1)");
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(words)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The sets in which one of these words stands for something else.
pub(crate) async fn with(db: &PgPool, words: &[String]) -> Result<Vec<SynonymSet>, Fault> {
    let sql = format!("select {COLUMNS} from synonyms where alternatives && $1 order by term");
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(words)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Lists all sets by term.
pub(crate) async fn list(db: &PgPool, page: &PageRequest) -> Result<Page<SynonymSet>, Fault> {
    let after: Option<String> = page.after()?;
    let sql = format!(
        "select {COLUMNS} from synonyms \
         where $1::text is null or term collate \"C\" > $1 order by term collate \"C\" limit $2"
    );
    // A cursor is the caller's: NUL would not be text for PostgreSQL.
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(after.map(|term| term.replace('\0', "")))
        .bind(page.limit())
        .fetch_all(db)
        .await?;
    Ok(page.page(
        rows.into_iter().map(Into::into).collect(),
        |set: &SynonymSet| set.term.clone(),
    ))
}

/// Reads a set and locks it.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    term: &str,
) -> Result<Option<SynonymSet>, Fault> {
    let sql = format!("select {COLUMNS} from synonyms where term = $1 for update");
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(term)
        .fetch_optional(db)
        .await?;
    Ok(row.map(Into::into))
}

/// Writes a set, new or changed. Gives `false` when another one was written in the meantime.
pub(crate) async fn put(db: &mut PgConnection, set: &SynonymSet) -> Result<bool, Fault> {
    let done = sqlx::query(
        "insert into synonyms as s (term, alternatives, unless_words, version, updated_at) \
         values ($1, $2, $3, $4, $5) on conflict (term) do update \
         set alternatives = excluded.alternatives, unless_words = excluded.unless_words, \
         version = excluded.version, updated_at = excluded.updated_at \
         where s.version = excluded.version - 1",
    )
    .bind(&set.term)
    .bind(&set.alternatives)
    .bind(&set.unless)
    .bind(set.version)
    .bind(set.updated_at)
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes a set.
pub(crate) async fn delete(db: &mut PgConnection, term: &str) -> Result<(), Fault> {
    sqlx::query("delete from synonyms where term = $1")
        .bind(term)
        .execute(db)
        .await?;
    Ok(())
}
