//! Chores that one worker does from time to time.

use chrono::{DateTime, Duration, Utc};
use kernel::Fault;
use sqlx::{PgConnection, PgPool};

/// Held by the worker that pushes to the search node.
const PUSH_LOCK: i64 = 0x7365_6172_6368_0002;

/// Claims a chore, unless it was done less than `every` ago.
pub(crate) async fn claim(
    db: &PgPool,
    name: &str,
    every: Duration,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let claimed = sqlx::query(
        "insert into chores as c (name, done_at) values ($1, $2) on conflict (name) do update \
         set done_at = excluded.done_at where c.done_at <= $3",
    )
    .bind(name)
    .bind(now)
    .bind(now - every)
    .execute(db)
    .await?;
    Ok(claimed.rows_affected() > 0)
}

/// Whether this transaction is the one that pushes; until its end nobody else does.
pub(crate) async fn may_push(db: &mut PgConnection) -> Result<bool, Fault> {
    Ok(sqlx::query_scalar("select pg_try_advisory_xact_lock($1)")
        .bind(PUSH_LOCK)
        .fetch_one(db)
        .await?)
}

/// Forgets words that no product uses any more, of the next `limit` after `after`; gives the last of these.
pub(crate) async fn sweep_terms(
    db: &PgPool,
    after: &str,
    limit: i64,
) -> Result<Option<String>, Fault> {
    Ok(sqlx::query_scalar(
        "with page as (select term from terms where term > $1 order by term limit $2), \
         gone as (delete from terms where term in (select term from page where not exists ( \
           select from document_texts t join documents d using (product_id) \
           where t.lexemes @@ plainto_tsquery('simple', term) and d.is_searchable \
         )) returning term) \
         select max(term) from page",
    )
    .bind(after)
    .bind(limit)
    .fetch_one(db)
    .await?)
}
