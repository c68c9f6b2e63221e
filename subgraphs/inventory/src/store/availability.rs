//! Sums over `stock_levels` in active warehouses.

use kernel::{Fault, Id, ProductId, VariantId};
use sqlx::PgPool;
use std::collections::HashMap;
use uuid::Uuid;

use crate::domain::Availability;

type Row = (Uuid, i64, i64);

/// What can be bought of many variants, in one statement. Variants without stock levels are left out.
pub(crate) async fn load_by_variant(
    db: &PgPool,
    ids: &[VariantId],
) -> Result<HashMap<VariantId, Availability>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(
        "select l.variant_id, sum(l.quantity), sum(l.low_stock_threshold) from stock_levels l \
         join warehouses w on w.id = l.warehouse_id and w.is_active \
         where l.variant_id = any($1) group by l.variant_id",
    )
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, quantity, threshold)| (Id::from_uuid(id), Availability::of(quantity, threshold)))
        .collect())
}

/// What can be bought of many products, in one statement. Products without stock levels are left out.
pub(crate) async fn load_by_product(
    db: &PgPool,
    ids: &[ProductId],
) -> Result<HashMap<ProductId, Availability>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(
        "select l.product_id, sum(l.quantity), sum(l.low_stock_threshold) from stock_levels l \
         join warehouses w on w.id = l.warehouse_id and w.is_active \
         where l.product_id = any($1) group by l.product_id",
    )
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, quantity, threshold)| (Id::from_uuid(id), Availability::of(quantity, threshold)))
        .collect())
}
