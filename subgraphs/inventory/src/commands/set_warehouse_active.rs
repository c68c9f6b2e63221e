//! `warehouseActivate` and `warehouseDeactivate`.

use kernel::WarehouseId;
use service::{Ctx, outbox};

use super::lock_warehouse;
use crate::{
    domain::{Error, Warehouse},
    events::{WarehouseActivated, WarehouseDeactivated},
    store,
};

/// Whether the stock of a warehouse is for sale.
pub struct SetWarehouseActive {
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// Put it up for sale, or take it off.
    pub is_active: bool,
}

/// Puts the stock of a warehouse up for sale or takes it off.
///
/// # Errors
/// [`Error`]: not found, not a manager of the shop, stale version, so already; not logged in.
pub async fn set_warehouse_active(
    ctx: &Ctx,
    input: SetWarehouseActive,
) -> Result<Warehouse, Error> {
    let (mut tx, mut warehouse) =
        lock_warehouse(ctx, input.warehouse_id, input.expected_version).await?;
    warehouse.set_active(input.is_active, ctx.now())?;
    store::warehouses::update(&mut tx, &warehouse).await?;
    let (warehouse_id, seller_id) = (warehouse.id, warehouse.seller_id);
    let version = warehouse.version;
    if input.is_active {
        let event = WarehouseActivated {
            warehouse_id,
            seller_id,
        };
        outbox::append(&mut tx, ctx, warehouse_id, version, &event).await?;
    } else {
        let event = WarehouseDeactivated {
            warehouse_id,
            seller_id,
        };
        outbox::append(&mut tx, ctx, warehouse_id, version, &event).await?;
    }
    tx.commit().await?;
    Ok(warehouse)
}
