//! `stockAdjust`.

use serde::Serialize;
use service::{Claim, Ctx, idempotency};

use super::{record, shift_one, warehouse_as};
use crate::{
    access::ShopRole,
    domain::{
        Cause, Change, Error, Place, Reason, Rejection, StockLevel, movement::check_note,
        stock::MAX_QUANTITY,
    },
};

/// What comes in or goes out.
#[derive(Serialize)]
pub struct AdjustStock {
    /// Which stock.
    pub place: Place,
    /// How many units come in, or go out when negative.
    pub delta: i32,
    /// Why.
    pub reason: Reason,
    /// What to add to that.
    pub note: Option<String>,
}

/// Moves units in or out.
///
/// # Errors
/// [`Error`]: warehouse or level not found, not of the shop, not enough there, a value that breaks a rule,
/// the warehouse is deactivated, a reused key; not logged in.
pub async fn adjust_stock(
    ctx: &Ctx,
    idempotency_key: &str,
    input: AdjustStock,
) -> Result<StockLevel, Error> {
    let warehouse_id = input.place.warehouse_id;
    let warehouse = warehouse_as(ctx, warehouse_id, ShopRole::Staff, "warehouseId").await?;
    if input.delta == 0 || !(-MAX_QUANTITY..=MAX_QUANTITY).contains(&input.delta) {
        let rule = "must be -1000000 to 1000000 and not 0";
        return Err(Rejection::invalid("delta", rule).into());
    }
    check_note(input.note.as_deref())?;
    let kind = input.reason.kind(input.delta)?;
    let mut tx = ctx.begin().await?;
    match idempotency::claim(&mut tx, ctx, "stockAdjust", idempotency_key, &input).await? {
        Claim::Done(level) => return Ok(level),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    warehouse.accept(input.delta)?;
    let fields = ("variantId", "delta");
    let level = shift_one(&mut tx, ctx, (input.place, input.delta), fields).await?;
    let cause = Cause {
        kind,
        reason: Some(input.reason),
        note: input.note,
        actor: ctx.principal.actor(),
    };
    let mut changes = [Change::new(level, ctx.ids.next(), input.delta, cause)];
    record(&mut tx, ctx, &mut changes).await?;
    let [Change { level, .. }] = changes;
    idempotency::remember(&mut tx, ctx, "stockAdjust", idempotency_key, &level).await?;
    tx.commit().await?;
    Ok(level)
}
