//! Tables `searches` and `search_clicks`: what was looked for, without who did.

use chrono::{DateTime, Utc};
use kernel::{Fault, ProductId, SearchId};
use service::OnConstraint as _;
use sqlx::{FromRow, PgConnection, PgPool};

use crate::domain::{Error, QueryStatistics, Rejection, SearchStatistics};

/// One search as the log keeps it.
pub(crate) struct Logged<'a> {
    pub(crate) id: SearchId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) query: &'a str,
    pub(crate) hits: i32,
    pub(crate) rescue: Option<&'static str>,
    pub(crate) engine: &'static str,
}

/// Logs a search. A crash may lose the last moments of the log, so that a search need not wait for the disk.
pub(crate) async fn insert(db: &PgPool, search: &Logged<'_>) -> Result<(), Fault> {
    sqlx::query(
        "insert into searches (search_id, searched_at, query, hits, rescue, engine) \
         select $1, $2, $3, $4, $5, $6 from set_config('synchronous_commit', 'off', true) lazily \
         where lazily = 'off'",
    )
    .bind(search.id.uuid())
    .bind(search.at)
    .bind(search.query)
    .bind(search.hits)
    .bind(search.rescue)
    .bind(search.engine)
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that a hit was chosen; the first time counts.
pub(crate) async fn click(
    db: &mut PgConnection,
    id: SearchId,
    product_id: ProductId,
    position: i32,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "insert into search_clicks (search_id, product_id, position, clicked_at) \
         values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(id.uuid())
    .bind(product_id.uuid())
    .bind(position)
    .bind(at)
    .execute(db)
    .await
    .on_constraint("search_clicks_search_id_fkey", || Rejection::SearchNotFound)?;
    Ok(())
}

#[derive(FromRow)]
struct QueryRow {
    query: String,
    searches: i64,
    clicked: i64,
    hits: i64,
}

/// What was looked for from `from` until before `to`: in all, the most frequent, and the most frequent
/// without hits.
pub(crate) async fn statistics(
    db: &PgPool,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    first: i64,
) -> Result<SearchStatistics, Fault> {
    let (searches, clicked, without_hits, rescued): (i64, i64, i64, i64) = sqlx::query_as(
        "select count(*), count(*) filter (where exists (select from search_clicks c \
           where c.search_id = s.search_id)), \
         count(*) filter (where hits = 0), count(*) filter (where rescue is not null) \
         from searches s where searched_at >= $1 and searched_at < $2",
    )
    .bind(from)
    .bind(to)
    .fetch_one(db)
    .await?;
    Ok(SearchStatistics {
        searches,
        clicked,
        without_hits,
        rescued,
        top: queries(db, TOP, from, to, first).await?,
        unanswered: queries(db, UNANSWERED, from, to, first).await?,
    })
}

const TOP: &str = "select query, count(*) as searches, count(*) filter (where exists (select from \
     search_clicks c where c.search_id = s.search_id)) as clicked, \
     (sum(hits) / count(*))::bigint as hits from searches s \
     where searched_at >= $1 and searched_at < $2 \
     group by query order by searches desc, query collate \"C\" limit $3";
// Rescued searches count as well: the shop has not what was asked for.
const UNANSWERED: &str = "select query, count(*) as searches, count(*) filter (where exists (select from \
     search_clicks c where c.search_id = s.search_id)) as clicked, \
     (sum(hits) / count(*))::bigint as hits from searches s \
     where searched_at >= $1 and searched_at < $2 and (hits = 0 or rescue is not null) \
     group by query order by searches desc, query collate \"C\" limit $3";

async fn queries(
    db: &PgPool,
    sql: &'static str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    first: i64,
) -> Result<Vec<QueryStatistics>, Fault> {
    let rows: Vec<QueryRow> = sqlx::query_as(sql)
        .bind(from)
        .bind(to)
        .bind(first)
        .fetch_all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| QueryStatistics {
            query: row.query,
            searches: row.searches,
            clicked: row.clicked,
            hits: row.hits,
        })
        .collect())
}

/// Queries that begin so, found something and were asked at least three times since `since`, so that what
/// one person asked is not shown to others; the most frequent first.
pub(crate) async fn popular(
    db: &PgPool,
    beginning: &str,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<String>, Fault> {
    Ok(sqlx::query_scalar(
        "select query from searches where searched_at >= $2 and hits > 0 and rescue is null \
         and starts_with(query, $1) and query <> $1 \
         group by query having count(*) >= 3 order by count(*) desc, query collate \"C\" limit $3",
    )
    .bind(beginning)
    .bind(since)
    .bind(limit)
    .fetch_all(db)
    .await?)
}

/// Forgets searches before `until`, some at a time; gives how many.
pub(crate) async fn forget(db: &PgPool, until: DateTime<Utc>) -> Result<u64, Fault> {
    let done = sqlx::query(
        "delete from searches where search_id in \
         (select search_id from searches where searched_at < $1 limit 5000)",
    )
    .bind(until)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
