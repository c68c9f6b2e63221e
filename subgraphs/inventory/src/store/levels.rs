//! Table `stock_levels`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, SellerId, StockLevelId, VariantId};
use sqlx::{FromRow, PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::domain::{Difference, Place, Reconciliation, StockLevel, stock::MAX_QUANTITY};

const COLUMNS: &str = "l.id, l.variant_id, l.product_id, l.seller_id, l.warehouse_id, l.quantity, \
     l.low_stock_threshold, l.movement_seq, l.version, l.created_at, l.updated_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    variant_id: Uuid,
    product_id: Uuid,
    seller_id: Uuid,
    warehouse_id: Uuid,
    quantity: i32,
    low_stock_threshold: i32,
    movement_seq: i32,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct SnapshotRow {
    is_active: bool,
    warehouse_version: i32,
    #[sqlx(flatten)]
    level: Row,
}

impl From<Row> for StockLevel {
    fn from(row: Row) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            place: Place {
                variant_id: Id::from_uuid(row.variant_id),
                warehouse_id: Id::from_uuid(row.warehouse_id),
            },
            product_id: Id::from_uuid(row.product_id),
            seller_id: Id::from_uuid(row.seller_id),
            quantity: row.quantity,
            low_stock_threshold: row.low_stock_threshold,
            movement_seq: row.movement_seq,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

fn levels(rows: Vec<Row>) -> Vec<StockLevel> {
    rows.into_iter().map(StockLevel::from).collect()
}

fn uuids(places: impl Iterator<Item = Place>) -> (Vec<Uuid>, Vec<Uuid>) {
    places
        .map(|place| (place.variant_id.uuid(), place.warehouse_id.uuid()))
        .unzip()
}

/// Opens levels, in the order of their places. Gives the ids of those that were opened; the others exist.
pub(crate) async fn open(
    db: &mut PgConnection,
    new: &[StockLevel],
) -> Result<Vec<StockLevelId>, Fault> {
    let (variants, warehouses) = uuids(new.iter().map(|level| level.place));
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "insert into stock_levels (id, variant_id, warehouse_id, product_id, seller_id, quantity, \
         low_stock_threshold, movement_seq, version, created_at, updated_at) \
         select k.id, k.variant_id, k.warehouse_id, k.product_id, k.seller_id, 0, k.threshold, 0, 0, \
         k.created_at, k.created_at \
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::int[], \
         $7::timestamptz[]) \
         as k (id, variant_id, warehouse_id, product_id, seller_id, threshold, created_at) \
         order by k.variant_id, k.warehouse_id \
         on conflict (variant_id, warehouse_id) do nothing returning id",
    )
    .bind(new.iter().map(|l| l.id.uuid()).collect::<Vec<_>>())
    .bind(variants)
    .bind(warehouses)
    .bind(new.iter().map(|l| l.product_id.uuid()).collect::<Vec<_>>())
    .bind(new.iter().map(|l| l.seller_id.uuid()).collect::<Vec<_>>())
    .bind(new.iter().map(|l| l.low_stock_threshold).collect::<Vec<_>>())
    .bind(new.iter().map(|l| l.created_at).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}

/// Moves units in or out where enough are there and enough fit in, and counts the movement. Gives the
/// levels after that; one that it leaves out was not changed. Whoever names several holds their locks.
pub(crate) async fn shift(
    db: &mut PgConnection,
    shifts: &[(Place, i32)],
    now: DateTime<Utc>,
) -> Result<Vec<StockLevel>, Fault> {
    let (variants, warehouses) = uuids(shifts.iter().map(|(place, _)| *place));
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "update stock_levels as l set quantity = l.quantity + k.delta, \
         movement_seq = l.movement_seq + 1, version = l.version + 1, updated_at = $4 \
         from unnest($1::uuid[], $2::uuid[], $3::int[]) as k (variant_id, warehouse_id, delta) \
         where l.variant_id = k.variant_id and l.warehouse_id = k.warehouse_id \
         and l.quantity + k.delta between 0 and $5 returning {COLUMNS}"
    )))
    .bind(variants)
    .bind(warehouses)
    .bind(shifts.iter().map(|(_, delta)| *delta).collect::<Vec<_>>())
    .bind(now)
    .bind(MAX_QUANTITY)
    .fetch_all(db)
    .await?;
    Ok(levels(rows))
}

/// Reads and locks levels, in the order of their places.
pub(crate) async fn lock(
    db: &mut PgConnection,
    places: &[Place],
) -> Result<Vec<StockLevel>, Fault> {
    let (variants, warehouses) = uuids(places.iter().copied());
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from stock_levels as l \
         join unnest($1::uuid[], $2::uuid[]) as k (variant_id, warehouse_id) \
         on l.variant_id = k.variant_id and l.warehouse_id = k.warehouse_id \
         order by l.variant_id, l.warehouse_id for update of l"
    )))
    .bind(variants)
    .bind(warehouses)
    .fetch_all(db)
    .await?;
    Ok(levels(rows))
}

/// Writes the threshold and the version. The caller holds the row locks.
pub(crate) async fn update(db: &mut PgConnection, changed: &[&StockLevel]) -> Result<(), Fault> {
    sqlx::query(
        "update stock_levels as l set low_stock_threshold = k.threshold, version = k.version, \
         updated_at = k.updated_at from unnest($1::uuid[], $2::int[], $3::int[], $4::timestamptz[]) \
         as k (id, threshold, version, updated_at) where l.id = k.id",
    )
    .bind(changed.iter().map(|l| l.id.uuid()).collect::<Vec<_>>())
    .bind(changed.iter().map(|l| l.low_stock_threshold).collect::<Vec<_>>())
    .bind(changed.iter().map(|l| l.version).collect::<Vec<_>>())
    .bind(changed.iter().map(|l| l.updated_at).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Reads one level.
pub(crate) async fn find(
    db: impl PgExecutor<'_>,
    place: Place,
) -> Result<Option<StockLevel>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from stock_levels as l where l.variant_id = $1 and l.warehouse_id = $2"
    )))
    .bind(place.variant_id.uuid())
    .bind(place.warehouse_id.uuid())
    .fetch_optional(db)
    .await?;
    Ok(row.map(StockLevel::from))
}

/// Reads many levels in one statement.
pub(crate) async fn load(db: &PgPool, ids: &[StockLevelId]) -> Result<Vec<StockLevel>, Fault> {
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from stock_levels as l where l.id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(levels(rows))
}

/// The levels of many variants, in one statement, by the warehouse's code.
pub(crate) async fn load_by_variant(
    db: &PgPool,
    ids: &[VariantId],
) -> Result<Vec<StockLevel>, Fault> {
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from stock_levels as l join warehouses w on w.id = l.warehouse_id \
         where l.variant_id = any($1) order by w.code, l.id"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(levels(rows))
}

#[derive(FromRow)]
struct Comparison {
    recorded: i64,
    #[sqlx(flatten)]
    level: Row,
}

/// Compares every level of a shop with the sum, the number and the end of its movements.
pub(crate) async fn reconcile(db: &PgPool, seller_id: SellerId) -> Result<Reconciliation, Fault> {
    let checked: i64 = sqlx::query_scalar("select count(*) from stock_levels where seller_id = $1")
        .bind(seller_id.uuid())
        .fetch_one(db)
        .await?;
    let rows: Vec<Comparison> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select ledger.recorded, {COLUMNS} from stock_levels as l cross join lateral ( \
         select coalesce(sum(m.delta), 0) as recorded, count(*) as movements, \
         coalesce(max(m.seq), 0) as last_seq \
         from stock_movements m where m.stock_level_id = l.id) as ledger \
         where l.seller_id = $1 and (l.quantity, l.movement_seq, l.movement_seq) \
         is distinct from (ledger.recorded, ledger.movements, ledger.last_seq) \
         order by l.id limit 100"
    )))
    .bind(seller_id.uuid())
    .fetch_all(db)
    .await?;
    let differences = rows.into_iter().map(|row| Difference {
        level: row.level.into(),
        recorded: row.recorded,
    });
    Ok(Reconciliation {
        checked: i32::try_from(checked)?,
        differences: differences.collect(),
    })
}

/// The next levels by id, each with whether its warehouse is active and the warehouse's version.
pub(crate) async fn list_after(
    db: &PgPool,
    after: Option<StockLevelId>,
    first: i32,
) -> Result<Vec<(StockLevel, bool, i32)>, Fault> {
    let rows: Vec<SnapshotRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS}, w.is_active, w.version as warehouse_version from stock_levels as l \
         join warehouses w on w.id = l.warehouse_id where l.id > $1 order by l.id limit $2"
    )))
    .bind(after.map_or(Uuid::nil(), Id::uuid))
    .bind(first)
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.level.into(), row.is_active, row.warehouse_version))
        .collect())
}
