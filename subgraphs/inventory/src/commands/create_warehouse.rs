//! `warehouseCreate`.

use kernel::SellerId;
use serde::Serialize;
use service::{Claim, Ctx, idempotency, outbox};

use crate::{
    access::{self, ShopRole},
    domain::{Details, Error, Rejection, Warehouse, rejection::path, warehouse::MAX_WAREHOUSES},
    events::WarehouseCreated,
    store,
};

/// What a warehouse needs to begin.
#[derive(Serialize)]
pub struct CreateWarehouse {
    /// The shop.
    pub seller_id: SellerId,
    /// What the shop says about it.
    pub details: Details,
}

/// Opens a warehouse.
///
/// # Errors
/// [`Error`]: not a manager of the shop, a value that breaks a rule, code taken, too many, a reused key;
/// not logged in.
pub async fn create_warehouse(
    ctx: &Ctx,
    idempotency_key: &str,
    input: CreateWarehouse,
) -> Result<Warehouse, Error> {
    access::require_role(ctx, input.seller_id, ShopRole::Manager, path("sellerId")).await?;
    let mut tx = ctx.begin().await?;
    match idempotency::claim(&mut tx, ctx, "warehouseCreate", idempotency_key, &input).await? {
        Claim::Done(warehouse) => return Ok(warehouse),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    let id = ctx.ids.next();
    let warehouse = Warehouse::open(id, input.seller_id, input.details, ctx.now())?;
    store::lock_shop(&mut tx, warehouse.seller_id).await?;
    if store::warehouses::count(&mut tx, warehouse.seller_id).await? >= MAX_WAREHOUSES {
        return Err(Rejection::TooManyWarehouses.into());
    }
    store::warehouses::insert(&mut tx, &warehouse).await?;
    let event = WarehouseCreated {
        warehouse: (&warehouse).into(),
    };
    outbox::append(&mut tx, ctx, warehouse.id, warehouse.version, &event).await?;
    idempotency::remember(&mut tx, ctx, "warehouseCreate", idempotency_key, &warehouse).await?;
    tx.commit().await?;
    Ok(warehouse)
}
