//! `stockAlertAcknowledge`.

use kernel::{Fault, InventoryAlertId};
use service::{Ctx, outbox};

use crate::{
    access::{self, ShopRole},
    domain::{Alert, AlertStatus, Error, Rejection, rejection::path},
    events::AlertAcknowledged,
    store,
};

/// Takes an alert on. Doing it again changes nothing.
///
/// # Errors
/// [`Error`]: not found, not of the shop, resolved already; not logged in.
pub async fn acknowledge_alert(ctx: &Ctx, id: InventoryAlertId) -> Result<Alert, Error> {
    ctx.user()?;
    let seen = store::alerts::find(&ctx.db, id).await?;
    let seen = seen.ok_or(Rejection::AlertNotFound)?;
    access::require_role(ctx, seen.seller_id, ShopRole::Staff, path("alertId")).await?;
    let level = store::levels::load(&ctx.db, &[seen.stock_level_id])
        .await?
        .pop();
    let place = level
        .ok_or_else(|| Fault::internal("an alert about no stock level"))?
        .place;
    let mut tx = ctx.begin().await?;
    let locked = store::levels::lock(&mut tx, &[place]).await?.pop();
    let acknowledged = store::alerts::acknowledge(&mut tx, id, ctx.now()).await?;
    let (Some(mut level), Some(alert)) = (locked, acknowledged) else {
        let alert = store::alerts::find(&mut *tx, id).await?;
        return alert
            .filter(|alert| alert.status == AlertStatus::Acknowledged)
            .ok_or_else(|| {
                let rule = "a resolved alert needs nobody's attention";
                Rejection::InvalidState { rule }.into()
            });
    };
    let event = AlertAcknowledged {
        stock: (&level).into(),
        alert_id: alert.id,
    };
    outbox::append(&mut tx, ctx, level.id, level.count_event(), &event).await?;
    store::levels::update(&mut tx, &[&level]).await?;
    tx.commit().await?;
    Ok(alert)
}
