//! Table `warehouses`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, SellerId, WarehouseId};
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{Details, Error, Rejection, Warehouse};

const COLUMNS: &str =
    "id, seller_id, name, code, city, province, is_active, version, created_at, updated_at";

#[derive(FromRow)]
struct Row {
    id: Uuid,
    seller_id: Uuid,
    name: String,
    code: String,
    city: String,
    province: String,
    is_active: bool,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Warehouse {
    fn from(row: Row) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            seller_id: Id::from_uuid(row.seller_id),
            details: Details {
                name: row.name,
                code: row.code,
                city: row.city,
                province: row.province,
            },
            is_active: row.is_active,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Writes a new warehouse.
pub(crate) async fn insert(db: &mut PgConnection, warehouse: &Warehouse) -> Result<(), Error> {
    sqlx::query(
        "insert into warehouses (id, seller_id, name, code, city, province, is_active, version, \
         created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(warehouse.id.uuid())
    .bind(warehouse.seller_id.uuid())
    .bind(&warehouse.details.name)
    .bind(&warehouse.details.code)
    .bind(&warehouse.details.city)
    .bind(&warehouse.details.province)
    .bind(warehouse.is_active)
    .bind(warehouse.version)
    .bind(warehouse.created_at)
    .bind(warehouse.updated_at)
    .execute(db)
    .await
    .on_constraint("warehouses_seller_id_code_key", || Rejection::CodeTaken)?;
    Ok(())
}

/// Writes a changed warehouse. The caller holds its row lock.
pub(crate) async fn update(db: &mut PgConnection, warehouse: &Warehouse) -> Result<(), Error> {
    sqlx::query(
        "update warehouses set name = $2, code = $3, city = $4, province = $5, is_active = $6, \
         version = $7, updated_at = $8 where id = $1",
    )
    .bind(warehouse.id.uuid())
    .bind(&warehouse.details.name)
    .bind(&warehouse.details.code)
    .bind(&warehouse.details.city)
    .bind(&warehouse.details.province)
    .bind(warehouse.is_active)
    .bind(warehouse.version)
    .bind(warehouse.updated_at)
    .execute(db)
    .await
    .on_constraint("warehouses_seller_id_code_key", || Rejection::CodeTaken)?;
    Ok(())
}

/// Reads and locks a warehouse.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: WarehouseId,
) -> Result<Option<Warehouse>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from warehouses where id = $1 for update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    Ok(row.map(Warehouse::from))
}

/// How many warehouses a shop has.
pub(crate) async fn count(db: &mut PgConnection, seller_id: SellerId) -> Result<usize, Fault> {
    let count: i64 = sqlx::query_scalar("select count(*) from warehouses where seller_id = $1")
        .bind(seller_id.uuid())
        .fetch_one(db)
        .await?;
    Ok(usize::try_from(count)?)
}

/// Reads many warehouses in one statement.
pub(crate) async fn load(db: &PgPool, ids: &[WarehouseId]) -> Result<Vec<Warehouse>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from warehouses where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Warehouse::from).collect())
}

/// The warehouses of many shops, in one statement, by code.
pub(crate) async fn load_by_seller(db: &PgPool, ids: &[SellerId]) -> Result<Vec<Warehouse>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from warehouses where seller_id = any($1) order by code"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Warehouse::from).collect())
}
