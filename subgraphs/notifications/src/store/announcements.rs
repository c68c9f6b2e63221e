//! Table `announcements`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, UserId};
use sqlx::{FromRow, PgConnection, PgPool, types::Json};
use uuid::Uuid;

use super::{unknown_value, value};
use crate::domain::{Announcement, Audience, AudienceKind, Named as _, Variables};

const COLUMNS: &str = "id, event_id, type as kind, audience, user_id, seller_id, product_id, review_id, \
     subject_key, variables, occurred_at, attempts";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    event_id: Uuid,
    kind: String,
    audience: String,
    user_id: Option<Uuid>,
    seller_id: Option<Uuid>,
    product_id: Option<Uuid>,
    review_id: Option<Uuid>,
    subject_key: String,
    variables: Json<Variables>,
    occurred_at: DateTime<Utc>,
    attempts: i32,
}

impl TryFrom<Row> for Announcement {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let audience = match value("announcements.audience", &row.audience)? {
            AudienceKind::User => row.user_id.map(Id::from_uuid).map(Audience::User),
            AudienceKind::Shop => row.seller_id.map(Id::from_uuid).map(Audience::Shop),
            AudienceKind::Watchers => row.product_id.map(Id::from_uuid).map(Audience::Watchers),
        };
        let audience =
            audience.ok_or_else(|| unknown_value("announcements.audience", &row.audience))?;
        Ok(Self {
            id: row.id,
            event_id: Id::from_uuid(row.event_id),
            kind: value("announcements.type", &row.kind)?,
            audience,
            subject_key: row.subject_key,
            variables: row.variables.0,
            product_id: row.product_id.map(Id::from_uuid),
            seller_id: row.seller_id.map(Id::from_uuid),
            review_id: row.review_id.map(Id::from_uuid),
            occurred_at: row.occurred_at,
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
    sqlx::query(
        "insert into announcements (id, event_id, type, audience, user_id, seller_id, product_id, \
         review_id, subject_key, variables, occurred_at, next_attempt_at, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) \
         on conflict (event_id, type) do nothing",
    )
    .bind(announcement.id)
    .bind(announcement.event_id.uuid())
    .bind(announcement.kind.name())
    .bind(announcement.audience.kind().name())
    .bind(user_id)
    .bind(announcement.seller_id.map(Id::uuid))
    .bind(announcement.product_id.map(Id::uuid))
    .bind(announcement.review_id.map(Id::uuid))
    .bind(&announcement.subject_key)
    .bind(Json(&announcement.variables))
    .bind(announcement.occurred_at)
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
        "update announcements set attempts = attempts + 1, next_attempt_at = $3 where id in \
         (select id from announcements where audience = $1 and next_attempt_at <= $2 \
         order by next_attempt_at limit 1 for update skip locked) returning {COLUMNS}"
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
