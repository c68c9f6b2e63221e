//! Table `announcements`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named, UserId};
use sqlx::{FromRow, PgConnection, PgPool, types::Json};
use uuid::Uuid;

use super::news::NewsRow;
use crate::domain::{Announcement, Audience, AudienceKind};

const COLUMNS: &str = "id, event_id, type as kind, audience, user_id, seller_id, product_id, review_id, \
     subject_key, variables, occurred_at, attempts";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    event_id: Uuid,
    audience: String,
    user_id: Option<Uuid>,
    #[sqlx(flatten)]
    news: NewsRow,
    attempts: i32,
}

impl TryFrom<Row> for Announcement {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let news = row.news.news("announcements.type")?;
        let audience = match Named::from_column("announcements.audience", &row.audience)? {
            AudienceKind::User => row.user_id.map(Id::from_uuid).map(Audience::User),
            AudienceKind::Shop => news.seller_id.map(Audience::Shop),
            AudienceKind::Watchers => news.product_id.map(Audience::Watchers),
        };
        let audience = audience
            .ok_or_else(|| Fault::unknown_value("announcements.audience", &row.audience))?;
        Ok(Self {
            id: row.id,
            event_id: Id::from_uuid(row.event_id),
            audience,
            news,
            attempts: row.attempts,
        })
    }
}

/// Writes a new announcement, due at once. The same event announces a type once.
pub(crate) async fn insert(
    db: &mut PgConnection,
    announcement: &Announcement,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let user_id = match announcement.audience {
        Audience::User(id) => Some(id.uuid()),
        Audience::Shop(_) | Audience::Watchers(_) => None,
    };
    let news = &announcement.news;
    sqlx::query(
        "insert into announcements (id, event_id, type, audience, user_id, seller_id, product_id, \
         review_id, subject_key, variables, occurred_at, next_attempt_at, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) \
         on conflict (event_id, type) do nothing",
    )
    .bind(announcement.id)
    .bind(announcement.event_id.uuid())
    .bind(news.kind.name())
    .bind(announcement.audience.kind().name())
    .bind(user_id)
    .bind(news.seller_id.map(Id::uuid))
    .bind(news.product_id.map(Id::uuid))
    .bind(news.review_id.map(Id::uuid))
    .bind(&news.subject_key)
    .bind(Json(&news.variables))
    .bind(news.occurred_at)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Claims the announcement to such an audience that has been due for the longest time until `lease`.
pub(crate) async fn claim(
    db: &PgPool,
    audience: AudienceKind,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
) -> Result<Option<Announcement>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "with due as (select id as due_id from announcements where audience = $1 and next_attempt_at <= $2 \
         order by next_attempt_at limit 1 for update skip locked) \
         update announcements set attempts = attempts + 1, next_attempt_at = $3 \
         from due where id = due_id returning {COLUMNS}"
    )))
    .bind(audience.name())
    .bind(now)
    .bind(lease)
    .fetch_optional(db)
    .await?;
    row.map(Announcement::try_from).transpose()
}

/// Locks a claimed announcement and gives the last person that was reached; `None` when it is somebody
/// else's by now or gone.
pub(crate) async fn lock_claimed(
    db: &mut PgConnection,
    claimed: &Announcement,
) -> Result<Option<Option<UserId>>, Fault> {
    let reached: Option<Option<Uuid>> = sqlx::query_scalar(
        "select reached from announcements where id = $1 and attempts = $2 for update",
    )
    .bind(claimed.id)
    .bind(claimed.attempts)
    .fetch_optional(db)
    .await?;
    Ok(reached.map(|reached| reached.map(Id::from_uuid)))
}

/// Remembers how far an announcement has come and keeps it claimed until `lease`.
pub(crate) async fn advance(
    db: &mut PgConnection,
    claimed: &Announcement,
    reached: UserId,
    lease: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query("update announcements set reached = $2, next_attempt_at = $3 where id = $1")
        .bind(claimed.id)
        .bind(reached.uuid())
        .bind(lease)
        .execute(db)
        .await?;
    Ok(())
}

/// How many announcements to such an audience are still to be told, now or later; counts no further than `most`.
pub(crate) async fn count_waiting(
    db: &PgPool,
    audience: AudienceKind,
    most: i64,
) -> Result<i64, Fault> {
    let count = sqlx::query_scalar(
        "select count(*) from (select from announcements where audience = $1 and next_attempt_at is not null \
         limit $2) as waiting",
    )
    .bind(audience.name())
    .bind(most)
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// Removes an announcement that has been told.
pub(crate) async fn delete(db: &mut PgConnection, claimed: &Announcement) -> Result<(), Fault> {
    sqlx::query("delete from announcements where id = $1")
        .bind(claimed.id)
        .execute(db)
        .await?;
    Ok(())
}

/// Puts a claimed announcement off; without a time it stays for an operator.
pub(crate) async fn put_off(
    db: &PgPool,
    claimed: &Announcement,
    at: Option<DateTime<Utc>>,
    failure: &str,
) -> Result<(), Fault> {
    sqlx::query(
        "update announcements set next_attempt_at = $3, failure = $4 where id = $1 and attempts = $2",
    )
    .bind(claimed.id)
    .bind(claimed.attempts)
    .bind(at)
    .bind(failure)
    .execute(db)
    .await?;
    Ok(())
}

/// Removes what is to be told to one person.
pub(crate) async fn delete_of(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from announcements where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Removes announcements that were given up before `before`.
pub(crate) async fn delete_given_up(db: &PgPool, before: DateTime<Utc>) -> Result<u64, Fault> {
    let deleted =
        sqlx::query("delete from announcements where next_attempt_at is null and created_at < $1")
            .bind(before)
            .execute(db)
            .await?;
    Ok(deleted.rows_affected())
}
