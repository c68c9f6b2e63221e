//! `warehouseUpdate`.

use kernel::WarehouseId;
use service::{Ctx, outbox};

use super::lock_warehouse;
use crate::{
    domain::{Details, Error, Warehouse},
    events::WarehouseUpdated,
    store,
};

/// What to change; `None` leaves a field as it is.
pub struct UpdateWarehouse {
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// New name.
    pub name: Option<String>,
    /// New code.
    pub code: Option<String>,
    /// New city.
    pub city: Option<String>,
    /// New province.
    pub province: Option<String>,
}

/// Changes what a shop says about a warehouse.
///
/// # Errors
/// [`Error`]: not found, not a manager of the shop, stale version, a value that breaks a rule, code taken;
/// not logged in.
pub async fn update_warehouse(ctx: &Ctx, input: UpdateWarehouse) -> Result<Warehouse, Error> {
    let (mut tx, mut warehouse) =
        lock_warehouse(ctx, input.warehouse_id, input.expected_version).await?;
    let old = warehouse.details.clone();
    let details = Details {
        name: input.name.unwrap_or(old.name),
        code: input.code.unwrap_or(old.code),
        city: input.city.unwrap_or(old.city),
        province: input.province.unwrap_or(old.province),
    };
    warehouse.update(details, ctx.now())?;
    store::warehouses::update(&mut tx, &warehouse).await?;
    let event = WarehouseUpdated {
        warehouse: (&warehouse).into(),
    };
    outbox::append(&mut tx, ctx, warehouse.id, warehouse.version, &event).await?;
    tx.commit().await?;
    Ok(warehouse)
}
