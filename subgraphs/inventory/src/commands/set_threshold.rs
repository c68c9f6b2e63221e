//! `stockThresholdSet`.

use service::{Ctx, outbox};

use super::{announce, switch_alerts, warehouse_as};
use crate::{
    access::ShopRole,
    domain::{Error, Place, Rejection, StockLevel, rejection::path, stock::check_quantity},
    events::ThresholdChanged,
    store,
};

/// When stock is low.
pub struct SetThreshold {
    /// Which stock.
    pub place: Place,
    /// At or below this it is low.
    pub low_stock_threshold: i32,
    /// The version the caller has read.
    pub expected_version: i32,
}

/// Says when the stock of a variant in a warehouse is low.
///
/// # Errors
/// [`Error`]: warehouse or level not found, not of the shop, stale version, a value that breaks a rule; not
/// logged in.
pub async fn set_threshold(ctx: &Ctx, input: SetThreshold) -> Result<StockLevel, Error> {
    let warehouse_id = input.place.warehouse_id;
    warehouse_as(ctx, warehouse_id, ShopRole::Staff, "warehouseId").await?;
    check_quantity("lowStockThreshold", input.low_stock_threshold)?;
    let mut tx = ctx.begin().await?;
    let level = store::levels::lock(&mut tx, &[input.place]).await?.pop();
    let mut level = level.ok_or(Rejection::LevelNotFound {
        path: path("variantId"),
    })?;
    level.expect_version(input.expected_version)?;
    let before = level.alert_kind();
    level.low_stock_threshold = input.low_stock_threshold;
    level.updated_at = ctx.now();
    let event = ThresholdChanged {
        stock: (&level).into(),
    };
    outbox::append(&mut tx, ctx, level.id, level.count_event(), &event).await?;
    let raised = switch_alerts(&mut tx, ctx, vec![(&level, before)]).await?;
    if let Some(alert) = raised.get(&level.id) {
        announce(&mut tx, ctx, &mut level, alert).await?;
    }
    store::levels::update(&mut tx, &[&level]).await?;
    tx.commit().await?;
    Ok(level)
}
