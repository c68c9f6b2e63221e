//! `stockTransfer`.

use kernel::{VariantId, WarehouseId};
use serde::{Deserialize, Serialize};
use service::{Claim, Ctx, Transaction, idempotency};

use super::{record, shift_one, warehouse_as};
use crate::{
    access::ShopRole,
    domain::{
        Cause, Change, Error, MovementKind, Place, Rejection, StockLevel, Warehouse,
        rejection::path, stock::MAX_QUANTITY,
    },
    store,
};

/// What goes from where to where.
#[derive(Serialize)]
pub struct TransferStock {
    /// The variant.
    pub variant_id: VariantId,
    /// Where it lies.
    pub from_warehouse_id: WarehouseId,
    /// Where it goes, a warehouse of the same shop.
    pub to_warehouse_id: WarehouseId,
    /// How many units.
    pub quantity: i32,
}

/// Both levels after a transfer.
#[derive(Serialize, Deserialize)]
pub struct Transfer {
    /// Where units went out.
    pub from: StockLevel,
    /// Where they came in.
    pub to: StockLevel,
}

/// Moves units from one warehouse of a shop to another.
///
/// # Errors
/// [`Error`]: warehouse or level not found, not of the shop, not enough there, a value that breaks a rule,
/// the target is deactivated, a reused key; not logged in.
pub async fn transfer_stock(
    ctx: &Ctx,
    idempotency_key: &str,
    input: TransferStock,
) -> Result<Transfer, Error> {
    let from = input.from_warehouse_id;
    let from = warehouse_as(ctx, from, ShopRole::Staff, "fromWarehouseId").await?;
    let target = target(ctx, &from, input.to_warehouse_id).await?;
    if !(1..=MAX_QUANTITY).contains(&input.quantity) {
        return Err(Rejection::invalid("quantity", "must be 1 to 1000000").into());
    }
    let mut tx = ctx.begin().await?;
    match idempotency::claim(&mut tx, ctx, "stockTransfer", idempotency_key, &input).await? {
        Claim::Done(transfer) => return Ok(transfer),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    target.accept(input.quantity)?;
    store::lock_shop(&mut tx, from.seller_id).await?;
    let mut changes = shift_both(&mut tx, ctx, &input).await?;
    record(&mut tx, ctx, &mut changes).await?;
    let [from, to] = changes.map(|change| change.level);
    let transfer = Transfer { from, to };
    idempotency::remember(&mut tx, ctx, "stockTransfer", idempotency_key, &transfer).await?;
    tx.commit().await?;
    Ok(transfer)
}

/// Another warehouse of the same shop.
async fn target(ctx: &Ctx, from: &Warehouse, id: WarehouseId) -> Result<Warehouse, Error> {
    let path = path("toWarehouseId");
    let found = store::warehouses::load(&ctx.db, &[id]).await?.pop();
    let is_of_shop = |to: &Warehouse| to.seller_id == from.seller_id;
    let Some(to) = found.filter(is_of_shop) else {
        return Err(Rejection::WarehouseNotFound { path }.into());
    };
    if to.id == from.id {
        let rule = "must be another warehouse than `fromWarehouseId`";
        return Err(Rejection::Invalid { path, rule }.into());
    }
    Ok(to)
}

/// Moves the units out and in, in the order of the places, as everybody locks them. Gives the change of the
/// source, then of the target.
async fn shift_both(
    tx: &mut Transaction,
    ctx: &Ctx,
    input: &TransferStock,
) -> Result<[Change; 2], Error> {
    let place = |warehouse_id| Place {
        variant_id: input.variant_id,
        warehouse_id,
    };
    let (from, to) = (place(input.from_warehouse_id), place(input.to_warehouse_id));
    let source = store::levels::find(&mut **tx, from).await?;
    let source = source.ok_or(Rejection::LevelNotFound {
        path: path("variantId"),
    })?;
    let mut changes = Vec::new();
    let mut steps = [
        (from, -input.quantity, MovementKind::TransferOut),
        (to, input.quantity, MovementKind::TransferIn),
    ];
    steps.sort_by_key(|(place, ..)| *place);
    for (place, delta, kind) in steps {
        if place == to && store::levels::find(&mut **tx, to).await?.is_none() {
            let owner = (source.product_id, source.seller_id);
            let level = StockLevel::open(ctx.ids.next(), to, owner, ctx.now());
            store::levels::open(tx, &[level]).await?;
        }
        let fields = ("variantId", "quantity");
        let level = shift_one(tx, ctx, (place, delta), fields).await?;
        let cause = Cause {
            kind,
            reason: None,
            note: None,
            actor: ctx.principal.actor(),
        };
        changes.push(Change::new(level, ctx.ids.next(), delta, cause));
    }
    if from > to {
        changes.reverse();
    }
    let both = <[Change; 2]>::try_from(changes);
    Ok(both.map_err(|_| kernel::Fault::internal("a transfer changes two levels"))?)
}
