//! What changes stock. Each command decides, saves and records the events, in one transaction. Questions
//! to other subgraphs come before it: they must not hold its locks.

mod acknowledge_alert;
mod adjust_stock;
mod create_warehouse;
mod set_stock;
mod set_threshold;
mod set_warehouse_active;
mod transfer_stock;
mod update_warehouse;

pub use acknowledge_alert::acknowledge_alert;
pub use adjust_stock::{AdjustStock, adjust_stock};
pub use create_warehouse::{CreateWarehouse, create_warehouse};
pub use set_stock::{SetStock, SetStockLine, set_stock, set_stock_many};
pub use set_threshold::{SetThreshold, set_threshold};
pub use set_warehouse_active::{SetWarehouseActive, set_warehouse_active};
pub use transfer_stock::{Transfer, TransferStock, transfer_stock};
pub use update_warehouse::{UpdateWarehouse, update_warehouse};

use std::collections::HashMap;

use kernel::{Fault, Named as _, StockLevelId, WarehouseId};
use service::{Ctx, Transaction, outbox};

use crate::{
    access::{self, ShopRole},
    domain::{
        Alert, AlertKind, Change, Error, Movement, Place, Rejection, StockLevel, Warehouse,
        rejection::path,
    },
    events::{LowStock, OutOfStock, Restocked, StockChanged},
    store,
};

/// A warehouse that the caller may work with in `role`. `field` is the input field that names it.
async fn warehouse_as(
    ctx: &Ctx,
    id: WarehouseId,
    role: ShopRole,
    field: &str,
) -> Result<Warehouse, Error> {
    ctx.user()?;
    let warehouse = store::warehouses::load(&ctx.db, &[id]).await?.pop();
    let warehouse = warehouse.ok_or(Rejection::WarehouseNotFound { path: path(field) })?;
    access::require_role(ctx, warehouse.seller_id, role, path(field)).await?;
    Ok(warehouse)
}

/// Locks a warehouse on behalf of a manager who has read `expected_version` of it.
async fn lock_warehouse(
    ctx: &Ctx,
    id: WarehouseId,
    expected_version: i32,
) -> Result<(Transaction, Warehouse), Error> {
    let seen = warehouse_as(ctx, id, ShopRole::Manager, "warehouseId").await?;
    let mut tx = ctx.begin().await?;
    let warehouse = store::warehouses::find_for_update(&mut tx, seen.id).await?;
    let warehouse = warehouse.ok_or(Rejection::WarehouseNotFound {
        path: path("warehouseId"),
    })?;
    warehouse.expect_version(expected_version)?;
    Ok((tx, warehouse))
}

/// Moves units in or out of one existing level. `fields` are the input fields that name the level and the
/// size of the change.
async fn shift_one(
    tx: &mut Transaction,
    ctx: &Ctx,
    (place, delta): (Place, i32),
    (level_field, size_field): (&str, &str),
) -> Result<StockLevel, Error> {
    let shifts = [(place, delta)];
    if let Some(level) = store::levels::shift(tx, &shifts, ctx.now()).await?.pop() {
        return Ok(level);
    }
    // Now it is worth a lock: to say why not, or to do it after all when it has just become possible.
    let level = store::levels::lock(tx, &[place]).await?.pop();
    let level = level.ok_or(Rejection::LevelNotFound {
        path: path(level_field),
    })?;
    level.check_shift(delta, size_field)?;
    let level = store::levels::shift(tx, &shifts, ctx.now()).await?.pop();
    Ok(level.ok_or_else(|| Fault::internal("a locked stock level refused a possible change"))?)
}

/// Writes the movements, what they change in alerts, and the events.
async fn record(tx: &mut Transaction, ctx: &Ctx, changes: &mut [Change]) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let movements: Vec<&Movement> = changes.iter().map(|change| &change.movement).collect();
    store::movements::insert(tx, &movements).await?;
    let levels = changes
        .iter()
        .map(|change| (&change.level, change.alert_before));
    let raised = switch_alerts(tx, ctx, levels.collect()).await?;
    for change in &mut *changes {
        let event = StockChanged {
            stock: (&change.level).into(),
            delta: change.movement.delta,
            movement_seq: change.movement.seq,
            movement_type: change.movement.cause.kind.name(),
        };
        let level = &mut change.level;
        // The movement itself has counted this event.
        outbox::append(tx, ctx, level.id, level.version, &event).await?;
        if change.is_restocked {
            let stock = (&*level).into();
            outbox::append(tx, ctx, level.id, level.count_event(), &Restocked { stock }).await?;
        }
        if let Some(alert) = raised.get(&level.id) {
            announce(tx, ctx, level, alert).await?;
        }
    }
    let with_more = |change: &&Change| change.is_restocked || raised.contains_key(&change.level.id);
    let recounted: Vec<_> = changes
        .iter()
        .filter(with_more)
        .map(|change| &change.level)
        .collect();
    if !recounted.is_empty() {
        store::levels::update(tx, &recounted).await?;
    }
    Ok(())
}

/// Resolves what is no longer so and raises what is now so. Each level comes with what was said about it
/// before; gives the alerts that were raised.
async fn switch_alerts(
    tx: &mut Transaction,
    ctx: &Ctx,
    mut levels: Vec<(&StockLevel, Option<AlertKind>)>,
) -> Result<HashMap<StockLevelId, Alert>, Error> {
    levels.retain(|(level, before)| level.alert_kind() != *before);
    let over: Vec<_> = levels
        .iter()
        .filter(|(_, before)| before.is_some())
        .map(|(level, _)| level.id)
        .collect();
    if !over.is_empty() {
        store::alerts::resolve(tx, &over, ctx.now()).await?;
    }
    let mut raised = HashMap::new();
    for (level, _) in levels {
        if let Some(kind) = level.alert_kind() {
            raised.insert(level.id, level.alert(ctx.ids.next(), kind, ctx.now()));
        }
    }
    if !raised.is_empty() {
        store::alerts::insert(tx, &raised.values().collect::<Vec<_>>()).await?;
    }
    Ok(raised)
}

/// Publishes that an alert was raised.
async fn announce(
    tx: &mut Transaction,
    ctx: &Ctx,
    level: &mut StockLevel,
    alert: &Alert,
) -> Result<(), Fault> {
    let (id, version) = (level.id, level.count_event());
    let (stock, alert_id) = ((&*level).into(), alert.id);
    match alert.kind {
        AlertKind::LowStock => {
            outbox::append(tx, ctx, id, version, &LowStock { stock, alert_id }).await
        }
        AlertKind::OutOfStock => {
            outbox::append(tx, ctx, id, version, &OutOfStock { stock, alert_id }).await
        }
    }
}
