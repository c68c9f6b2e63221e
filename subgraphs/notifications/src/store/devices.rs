//! Table `devices`.

use chrono::{DateTime, Utc};
use kernel::{DeviceId, Fault, Id, Named, UserId};
use sqlx::{FromRow, PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::Device;

const COLUMNS: &str = "id, user_id, token, platform, name, created_at, seen_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    token: String,
    platform: String,
    name: String,
    created_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

impl TryFrom<Row> for Device {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            user_id: Id::from_uuid(row.user_id),
            token: row.token,
            platform: Named::from_column("devices.platform", &row.platform)?,
            name: row.name,
            created_at: row.created_at,
            seen_at: row.seen_at,
        })
    }
}

/// Writes a device. A token names one device: it moves to the person who registers it last.
pub(crate) async fn upsert(db: &mut PgConnection, device: &Device) -> Result<Device, Fault> {
    let row: Row = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "insert into devices as d ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $6) \
         on conflict (token) do update set user_id = excluded.user_id, platform = excluded.platform, \
         name = excluded.name, seen_at = excluded.seen_at, \
         id = case when d.user_id = excluded.user_id then d.id else excluded.id end, \
         created_at = case when d.user_id = excluded.user_id then d.created_at else excluded.created_at end \
         returning {COLUMNS}"
    )))
    .bind(device.id.uuid())
    .bind(device.user_id.uuid())
    .bind(&device.token)
    .bind(device.platform.name())
    .bind(&device.name)
    .bind(device.created_at)
    .fetch_one(db)
    .await?;
    row.try_into()
}

/// Removes the devices of a person that were seen longest ago, so that `most` are left.
pub(crate) async fn delete_surplus(
    db: &mut PgConnection,
    user_id: UserId,
    most: i64,
) -> Result<(), Fault> {
    sqlx::query(
        "delete from devices where id in (select id from devices where user_id = $1 \
         order by seen_at desc, id desc offset $2)",
    )
    .bind(user_id.uuid())
    .bind(most)
    .execute(db)
    .await?;
    Ok(())
}

/// The devices of people, the one seen last first.
pub(crate) async fn load_by_user(
    db: impl PgExecutor<'_>,
    users: &[UserId],
) -> Result<Vec<Device>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from devices where user_id = any($1) order by seen_at desc, id desc"
    )))
    .bind(Id::uuids(users))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Device::try_from).collect()
}

/// Devices by id.
pub(crate) async fn load(db: impl PgExecutor<'_>, ids: &[DeviceId]) -> Result<Vec<Device>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from devices where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Device::try_from).collect()
}

/// Removes a device of a person; gives whether it was there.
pub(crate) async fn delete(
    db: &mut PgConnection,
    user_id: UserId,
    id: DeviceId,
) -> Result<bool, Fault> {
    let deleted = sqlx::query("delete from devices where id = $1 and user_id = $2")
        .bind(id.uuid())
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Removes the devices of a person.
pub(crate) async fn delete_of(db: &mut PgConnection, user_id: UserId) -> Result<(), Fault> {
    sqlx::query("delete from devices where user_id = $1")
        .bind(user_id.uuid())
        .execute(db)
        .await?;
    Ok(())
}
