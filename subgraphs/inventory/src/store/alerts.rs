//! Table `stock_alerts`. Whoever changes alerts of a level holds its row lock.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, InventoryAlertId, Named as _, Page, PageRequest, SellerId, StockLevelId};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::domain::{Alert, AlertKind, AlertStatus};

const COLUMNS: &str = "id, stock_level_id, seller_id, kind, status, quantity, low_stock_threshold, \
     created_at, acknowledged_at, resolved_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    stock_level_id: Uuid,
    seller_id: Uuid,
    kind: String,
    status: String,
    quantity: i32,
    low_stock_threshold: i32,
    created_at: DateTime<Utc>,
    acknowledged_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Alert {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let kind = AlertKind::from_column("stock_alerts.kind", &row.kind)?;
        let status = AlertStatus::from_column("stock_alerts.status", &row.status)?;
        Ok(Self {
            id: Id::from_uuid(row.id),
            stock_level_id: Id::from_uuid(row.stock_level_id),
            seller_id: Id::from_uuid(row.seller_id),
            kind,
            status,
            quantity: row.quantity,
            low_stock_threshold: row.low_stock_threshold,
            created_at: row.created_at,
            acknowledged_at: row.acknowledged_at,
            resolved_at: row.resolved_at,
        })
    }
}

/// Writes new alerts.
pub(crate) async fn insert(db: &mut PgConnection, alerts: &[&Alert]) -> Result<(), Fault> {
    let (mut ids, mut levels, mut sellers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut kinds, mut statuses, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let (mut quantities, mut thresholds) = (Vec::new(), Vec::new());
    for alert in alerts {
        ids.push(alert.id.uuid());
        levels.push(alert.stock_level_id.uuid());
        sellers.push(alert.seller_id.uuid());
        kinds.push(alert.kind.name());
        statuses.push(alert.status.name());
        quantities.push(alert.quantity);
        thresholds.push(alert.low_stock_threshold);
        times.push(alert.created_at);
    }
    sqlx::query(
        "insert into stock_alerts (id, stock_level_id, seller_id, kind, status, quantity, \
         low_stock_threshold, created_at) select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], \
         $4::text[], $5::text[], $6::int[], $7::int[], $8::timestamptz[])",
    )
    .bind(ids)
    .bind(levels)
    .bind(sellers)
    .bind(kinds)
    .bind(statuses)
    .bind(quantities)
    .bind(thresholds)
    .bind(times)
    .execute(db)
    .await?;
    Ok(())
}

/// Resolves whatever is still said about these levels.
pub(crate) async fn resolve(
    db: &mut PgConnection,
    levels: &[StockLevelId],
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    sqlx::query(
        "update stock_alerts set status = 'RESOLVED', resolved_at = $2 \
         where stock_level_id = any($1) and status <> 'RESOLVED'",
    )
    .bind(Id::uuids(levels))
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Takes an open alert on; `None` when it is not open.
pub(crate) async fn acknowledge(
    db: &mut PgConnection,
    id: InventoryAlertId,
    now: DateTime<Utc>,
) -> Result<Option<Alert>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "update stock_alerts set status = 'ACKNOWLEDGED', acknowledged_at = $2 \
         where id = $1 and status = 'OPEN' returning {COLUMNS}"
    )))
    .bind(id.uuid())
    .bind(now)
    .fetch_optional(db)
    .await?;
    row.map(Alert::try_from).transpose()
}

/// Reads one alert.
pub(crate) async fn find(
    db: impl PgExecutor<'_>,
    id: InventoryAlertId,
) -> Result<Option<Alert>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from stock_alerts where id = $1"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Alert::try_from).transpose()
}

/// Lists the alerts of a shop, the newest first.
pub(crate) async fn list(
    db: &PgPool,
    seller_id: SellerId,
    statuses: &[AlertStatus],
    page: &PageRequest,
) -> Result<Page<Alert>, Fault> {
    let after: Option<(DateTime<Utc>, InventoryAlertId)> = page.after()?;
    let statuses = AlertStatus::names(statuses);
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from stock_alerts where seller_id = $1 and status = any($2) \
         and ($3::timestamptz is null or (created_at, id) < ($3, $4)) \
         order by created_at desc, id desc limit $5"
    )))
    .bind(seller_id.uuid())
    .bind(statuses)
    .bind(after.map(|(created_at, _)| created_at))
    .bind(after.map(|(_, id)| id.uuid()))
    .bind(page.limit())
    .fetch_all(db)
    .await?;
    let alerts = rows
        .into_iter()
        .map(Alert::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.page(alerts, |alert| (alert.created_at, alert.id)))
}
