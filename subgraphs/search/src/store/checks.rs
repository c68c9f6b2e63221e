//! The projection as a check reads it: each thing with its version and its fields.

use kernel::Fault;
use serde_json::Value;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::projection::{refresh::COMPUTED, sources::Range};
use crate::queries::snapshots::Owner;

/// One thing as the projection has it.
#[derive(FromRow)]
pub(crate) struct Known {
    pub(crate) id: Uuid,
    pub(crate) version: i32,
    pub(crate) fields: Value,
}

const CATEGORIES: &str = "select category_id as id, version, \
     jsonb_build_object('name', name, 'nameEn', name_en, 'path', path) as fields \
     from categories where category_id > $1 and category_id <= $2 and not is_deleted";
const SELLERS: &str = "select seller_id as id, version, jsonb_build_object('shopName', name, \
     'city', city, 'province', province, 'status', status) as fields \
     from sellers where seller_id > $1 and seller_id <= $2";
const STOCK: &str = "select stock_level_id as id, l.version, jsonb_build_object( \
     'productId', product_id, 'warehouseId', l.warehouse_id, 'quantity', quantity, \
     'isWarehouseActive', coalesce(w.is_active, true)) as fields \
     from stock_levels l left join warehouses w on w.warehouse_id = l.warehouse_id \
     where stock_level_id > $1 and stock_level_id <= $2";
const RATINGS: &str = "select product_id as id, version, \
     jsonb_build_object('average', average_hundredths, 'count', count) as fields \
     from ratings where product_id > $1 and product_id <= $2";

/// What is known in a range of ids: the first `limit` by id.
pub(crate) async fn list(
    db: &PgPool,
    owner: Owner,
    range: &Range,
    limit: usize,
) -> Result<Vec<Known>, Fault> {
    let sql = match owner {
        Owner::Categories => CATEGORIES,
        Owner::Sellers => SELLERS,
        Owner::Products => &products(),
        Owner::Stock => STOCK,
        Owner::Ratings => RATINGS,
    };
    let sql = format!("{sql} order by id limit $3");
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(range.after)
        .bind(range.until)
        .bind(i64::try_from(limit)?)
        .fetch_all(db)
        .await?)
}

/// Also whether the document is what follows from what is known now.
fn products() -> String {
    format!(
        "select d.product_id as id, d.product_version as version, jsonb_build_object( \
         'status', d.status, 'sellerId', d.seller_id, 'categoryId', d.category_id, 'name', t.name, \
         'description', t.description, 'brand', t.brand, 'features', t.features, \
         'attributes', t.attributes, 'minPrice', d.min_price, 'maxPrice', d.max_price, \
         'document', (d.city, d.province, d.rating, d.rating_count, d.stock, d.is_searchable) = \
         (c.city, c.province, c.rating, c.rating_count, c.stock, c.is_searchable)) as fields \
         from documents d join document_texts t on t.product_id = d.product_id \
         join ({COMPUTED}) c on c.product_id = d.product_id \
         where d.product_id > $1 and d.product_id <= $2 and d.product_version > 0 \
         and d.status <> 'DELETED'"
    )
}

/// A document as the search node should have it.
#[derive(FromRow)]
pub(crate) struct Indexed {
    pub(crate) product_id: Uuid,
    pub(crate) version: i64,
    pub(crate) is_searchable: bool,
    /// The node has not been given this version yet.
    pub(crate) is_pending: bool,
}

/// The documents in a range of ids, those that cannot be found, too: the first `limit` by id.
pub(crate) async fn list_documents(
    db: &PgPool,
    range: &Range,
    limit: usize,
) -> Result<Vec<Indexed>, Fault> {
    Ok(sqlx::query_as(
        "select product_id, version, is_searchable, version > indexed_version as is_pending \
         from documents where product_id > $1 and product_id <= $2 order by product_id limit $3",
    )
    .bind(range.after)
    .bind(range.until)
    .bind(i64::try_from(limit)?)
    .fetch_all(db)
    .await?)
}

/// How many products can be found.
pub(crate) async fn count_findable(db: &PgPool) -> Result<i64, Fault> {
    Ok(
        sqlx::query_scalar("select count(*) from documents where is_searchable")
            .fetch_one(db)
            .await?,
    )
}
