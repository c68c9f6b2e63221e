//! Table `notifications`.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named as _, NotificationId, Page, PageRequest, UserId};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool, types::Json};
use uuid::Uuid;

use super::news::NewsRow;
use crate::domain::{Notification, NotificationType};

const COLUMNS: &str = "id, user_id, seq, type as kind, subject_key, variables, product_id, seller_id, \
     review_id, occurred_at, read_at, created_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    seq: Option<i64>,
    #[sqlx(flatten)]
    news: NewsRow,
    read_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Notification {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            user_id: Id::from_uuid(row.user_id),
            seq: row.seq,
            news: row.news.news("notifications.type")?,
            read_at: row.read_at,
            created_at: row.created_at,
        })
    }
}

fn domain(rows: Vec<Row>) -> Result<Vec<Notification>, Fault> {
    rows.into_iter().map(Notification::try_from).collect()
}

/// Writes notifications that all tell the same, in one statement. The caller holds the people's row locks.
pub(crate) async fn insert(
    db: &mut PgConnection,
    notifications: &[Notification],
) -> Result<(), Fault> {
    let Some(first) = notifications.first() else {
        return Ok(());
    };
    let news = &first.news;
    let ids: Vec<_> = notifications.iter().map(|n| n.id.uuid()).collect();
    let users: Vec<_> = notifications.iter().map(|n| n.user_id.uuid()).collect();
    let seqs: Vec<_> = notifications.iter().map(|n| n.seq).collect();
    sqlx::query(
        "insert into notifications (id, user_id, seq, type, subject_key, variables, product_id, seller_id, \
         review_id, occurred_at, created_at) \
         select id, user_id, seq, $4, $5, $6, $7, $8, $9, $10, $11 \
         from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as n (id, user_id, seq)",
    )
    .bind(ids)
    .bind(users)
    .bind(seqs)
    .bind(news.kind.name())
    .bind(&news.subject_key)
    .bind(Json(&news.variables))
    .bind(news.product_id.map(Id::uuid))
    .bind(news.seller_id.map(Id::uuid))
    .bind(news.review_id.map(Id::uuid))
    .bind(news.occurred_at)
    .bind(first.created_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Who of these people has been told that already.
pub(crate) async fn load_told(
    db: &mut PgConnection,
    users: &[UserId],
    kind: NotificationType,
    subject_key: &str,
) -> Result<HashSet<UserId>, Fault> {
    let told: Vec<Uuid> = sqlx::query_scalar(
        "select user_id from notifications where user_id = any($1) and type = $2 and subject_key = $3",
    )
    .bind(Id::uuids(users))
    .bind(kind.name())
    .bind(subject_key)
    .fetch_all(db)
    .await?;
    Ok(told.into_iter().map(Id::from_uuid).collect())
}

/// Reads notifications by id.
pub(crate) async fn load(
    db: impl PgExecutor<'_>,
    ids: &[NotificationId],
) -> Result<Vec<Notification>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from notifications where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    domain(rows)
}

/// Lists what a person sees in the app, the newest first.
pub(crate) async fn list(
    db: &PgPool,
    user_id: UserId,
    is_unread_only: bool,
    page: &PageRequest,
) -> Result<Page<Notification>, Fault> {
    let after: Option<i64> = page.after()?;
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from notifications where user_id = $1 and seq is not null \
         and (not $2 or read_at is null) and ($3::bigint is null or seq < $3) \
         order by seq desc limit $4"
    )))
    .bind(user_id.uuid())
    .bind(is_unread_only)
    .bind(after)
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    Ok(page.page(domain(rows)?, |notification| notification.seq))
}

/// What a person sees in the app after `seq`, in order, at most `limit`.
pub(crate) async fn list_after(
    db: &PgPool,
    user_id: UserId,
    seq: i64,
    limit: i64,
) -> Result<Vec<Notification>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from notifications where user_id = $1 and seq > $2 order by seq limit $3"
    )))
    .bind(user_id.uuid())
    .bind(seq)
    .bind(limit)
    .fetch_all(db)
    .await?;
    domain(rows)
}

/// How many notifications a person has not read.
pub(crate) async fn count_unread(db: &PgPool, user_id: UserId) -> Result<i64, Fault> {
    let count = sqlx::query_scalar(
        "select count(*) from notifications where user_id = $1 and seq is not null and read_at is null",
    )
    .bind(user_id.uuid())
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// Marks a notification of a person as read, if it is not yet; gives it when it is there.
pub(crate) async fn mark_read(
    db: &mut PgConnection,
    user_id: UserId,
    id: NotificationId,
    now: DateTime<Utc>,
) -> Result<Option<Notification>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "update notifications set read_at = coalesce(read_at, $3) \
         where id = $1 and user_id = $2 and seq is not null returning {COLUMNS}"
    )))
    .bind(id.uuid())
    .bind(user_id.uuid())
    .bind(now)
    .fetch_optional(db)
    .await?;
    row.map(Notification::try_from).transpose()
}

/// Marks what a person has not read up to `seq`; gives how many that were.
pub(crate) async fn mark_all_read(
    db: &mut PgConnection,
    user_id: UserId,
    seq: i64,
    now: DateTime<Utc>,
) -> Result<u64, Fault> {
    let marked = sqlx::query(
        "update notifications set read_at = $3 where user_id = $1 and seq <= $2 and read_at is null",
    )
    .bind(user_id.uuid())
    .bind(seq)
    .bind(now)
    .execute(db)
    .await?;
    Ok(marked.rows_affected())
}

/// Counts another event of a notification and locks its row until the end of the transaction.
pub(crate) async fn next_version(db: &mut PgConnection, id: NotificationId) -> Result<i32, Fault> {
    let version = sqlx::query_scalar(
        "update notifications set version = version + 1 where id = $1 returning version",
    )
    .bind(id.uuid())
    .fetch_one(db)
    .await?;
    Ok(version)
}

/// Removes what a person was told. Their deliveries are gone already.
pub(crate) async fn delete_of(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from notifications where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Removes what was told before `before` with its deliveries, at most a batch.
pub(crate) async fn delete_before(db: &PgPool, before: DateTime<Utc>) -> Result<u64, Fault> {
    let deleted = sqlx::query(
        "delete from notifications where id in \
         (select id from notifications where created_at < $1 order by created_at limit 1000)",
    )
    .bind(before)
    .execute(db)
    .await?;
    Ok(deleted.rows_affected())
}
