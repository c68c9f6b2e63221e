//! Table `deliveries`.

use chrono::{DateTime, Utc};
use kernel::{DeliveryId, Fault, Id, Named, Page, PageRequest, UserId};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{ChannelKind, Delivery, DeliveryStatus, NotificationType, Queue};

const COLUMNS: &str = "id, notification_id, user_id, type as kind, channel, device_id, status, attempts, \
     next_attempt_at, provider, provider_id, reason, created_at, updated_at, sent_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    notification_id: Uuid,
    user_id: Uuid,
    kind: String,
    channel: String,
    device_id: Option<Uuid>,
    status: String,
    attempts: i32,
    next_attempt_at: Option<DateTime<Utc>>,
    provider: Option<String>,
    provider_id: Option<String>,
    reason: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Delivery {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            notification_id: Id::from_uuid(row.notification_id),
            user_id: Id::from_uuid(row.user_id),
            kind: Named::from_column("deliveries.type", &row.kind)?,
            channel: Named::from_column("deliveries.channel", &row.channel)?,
            device_id: row.device_id.map(Id::from_uuid),
            status: Named::from_column("deliveries.status", &row.status)?,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            provider: row.provider,
            provider_id: row.provider_id,
            reason: row.reason,
            created_at: row.created_at,
            updated_at: row.updated_at,
            sent_at: row.sent_at,
        })
    }
}

fn domain(rows: Vec<Row>) -> Result<Vec<Delivery>, Fault> {
    rows.into_iter().map(Delivery::try_from).collect()
}

/// Which deliveries to list.
pub struct DeliveryFilter {
    /// Only to this person.
    pub user_id: Option<UserId>,
    /// Only of this type.
    pub kind: Option<NotificationType>,
    /// Only over this channel.
    pub channel: Option<ChannelKind>,
    /// Only those that stand like this.
    pub status: Option<DeliveryStatus>,
}

/// Writes new deliveries in one statement.
pub(crate) async fn insert(db: &mut PgConnection, deliveries: &[Delivery]) -> Result<(), Fault> {
    let ids: Vec<_> = deliveries.iter().map(|d| d.id.uuid()).collect();
    let notifications: Vec<_> = deliveries
        .iter()
        .map(|d| d.notification_id.uuid())
        .collect();
    let users: Vec<_> = deliveries.iter().map(|d| d.user_id.uuid()).collect();
    let kinds: Vec<_> = deliveries.iter().map(|d| d.kind.name()).collect();
    let awaited: Vec<_> = deliveries.iter().map(|d| d.kind.is_awaited()).collect();
    let channels: Vec<_> = deliveries.iter().map(|d| d.channel.name()).collect();
    let devices: Vec<_> = deliveries
        .iter()
        .map(|d| d.device_id.map(Id::uuid))
        .collect();
    let due: Vec<_> = deliveries.iter().map(|d| d.next_attempt_at).collect();
    let created: Vec<_> = deliveries.iter().map(|d| d.created_at).collect();
    sqlx::query(
        "insert into deliveries (id, notification_id, user_id, type, channel, device_id, status, \
         next_attempt_at, created_at, updated_at, is_awaited) \
         select id, notification_id, user_id, type, channel, device_id, 'QUEUED', due, created_at, created_at, \
         is_awaited \
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], \
         $7::timestamptz[], $8::timestamptz[], $9::boolean[]) \
         as d (id, notification_id, user_id, type, channel, device_id, due, created_at, is_awaited)",
    )
    .bind(ids)
    .bind(notifications)
    .bind(users)
    .bind(kinds)
    .bind(channels)
    .bind(devices)
    .bind(due)
    .bind(created)
    .bind(awaited)
    .execute(db)
    .await?;
    Ok(())
}

/// Claims up to `limit` due deliveries of a queue until `lease`: nobody else takes them before. Counts an attempt.
pub(crate) async fn claim(
    db: &PgPool,
    queue: Queue,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Delivery>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "with due as (select id as due_id from deliveries where is_awaited = $1 and next_attempt_at <= $2 \
         order by next_attempt_at limit $4 for update skip locked) \
         update deliveries set attempts = attempts + 1, next_attempt_at = $3 \
         from due where id = due_id returning {COLUMNS}"
    )))
    .bind(queue == Queue::Awaited)
    .bind(now)
    .bind(lease)
    .bind(limit)
    .fetch_all(db)
    .await?;
    domain(rows)
}

/// Keeps claimed deliveries until `lease`, as far as nobody else has them by now.
pub(crate) async fn renew(
    db: &PgPool,
    claimed: &[Delivery],
    lease: DateTime<Utc>,
) -> Result<(), Fault> {
    let ids: Vec<_> = claimed.iter().map(|d| d.id.uuid()).collect();
    let attempts: Vec<_> = claimed.iter().map(|d| d.attempts).collect();
    sqlx::query(
        "update deliveries d set next_attempt_at = $3 \
         from unnest($1::uuid[], $2::integer[]) as c (id, attempts) \
         where d.id = c.id and d.attempts = c.attempts and d.next_attempt_at is not null",
    )
    .bind(ids)
    .bind(attempts)
    .bind(lease)
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a claimed delivery back to `at` without counting the attempt, unless somebody else has it by now.
pub(crate) async fn put_back(
    db: &PgPool,
    claimed: &Delivery,
    at: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query(
        "update deliveries set attempts = attempts - 1, next_attempt_at = $3 \
         where id = $1 and attempts = $2 and next_attempt_at is not null",
    )
    .bind(claimed.id.uuid())
    .bind(claimed.attempts)
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}

/// Reads a delivery and locks its row until the end of the transaction.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: DeliveryId,
) -> Result<Option<Delivery>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from deliveries where id = $1 for update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Delivery::try_from).transpose()
}

/// The same by the name that its provider has for it.
pub(crate) async fn find_by_provider_for_update(
    db: &mut PgConnection,
    provider: &str,
    provider_id: &str,
) -> Result<Option<Delivery>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from deliveries where provider = $1 and provider_id = $2 \
         order by created_at desc, id limit 1 for update"
    )))
    .bind(provider)
    .bind(provider_id)
    .fetch_optional(db)
    .await?;
    row.map(Delivery::try_from).transpose()
}

/// Writes a changed delivery. The caller holds its row lock.
pub(crate) async fn update(db: &mut PgConnection, delivery: &Delivery) -> Result<(), Fault> {
    sqlx::query(
        "update deliveries set status = $2, next_attempt_at = $3, provider = $4, provider_id = $5, \
         reason = $6, updated_at = $7, sent_at = $8 where id = $1",
    )
    .bind(delivery.id.uuid())
    .bind(delivery.status.name())
    .bind(delivery.next_attempt_at)
    .bind(&delivery.provider)
    .bind(&delivery.provider_id)
    .bind(&delivery.reason)
    .bind(delivery.updated_at)
    .bind(delivery.sent_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Lists deliveries, the newest first.
pub(crate) async fn list(
    db: &PgPool,
    filter: &DeliveryFilter,
    page: &PageRequest,
) -> Result<Page<Delivery>, Fault> {
    let after: Option<(DateTime<Utc>, DeliveryId)> = page.after()?;
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from deliveries \
         where ($1::uuid is null or user_id = $1) and ($2::text is null or type = $2) \
         and ($3::text is null or channel = $3) and ($4::text is null or status = $4) \
         and ($5::timestamptz is null or (created_at, id) < ($5, $6)) \
         order by created_at desc, id desc limit $7"
    )))
    .bind(filter.user_id.map(Id::uuid))
    .bind(filter.kind.map(NotificationType::name))
    .bind(filter.channel.map(ChannelKind::name))
    .bind(filter.status.map(DeliveryStatus::name))
    .bind(after.map(|(created_at, _)| created_at))
    .bind(after.map(|(_, id)| id.uuid()))
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    Ok(page.page(domain(rows)?, |delivery| (delivery.created_at, delivery.id)))
}

/// How many deliveries of a queue are due, for the gauge; counts no further than `most`.
pub(crate) async fn count_due(
    db: &PgPool,
    queue: Queue,
    now: DateTime<Utc>,
    most: i64,
) -> Result<i64, Fault> {
    let count = sqlx::query_scalar(
        "select count(*) from (select from deliveries where is_awaited = $1 and next_attempt_at <= $2 \
         limit $3) as due",
    )
    .bind(queue == Queue::Awaited)
    .bind(now)
    .bind(most)
    .fetch_one(db)
    .await?;
    Ok(count)
}

/// Removes the deliveries to a person.
pub(crate) async fn delete_of(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from deliveries where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}
