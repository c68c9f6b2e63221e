//! What is read of stock.

use kernel::{Fault, Page, PageRequest, SellerId, StockLevelId};
use service::Ctx;
use strum::VariantArray as _;

use crate::{
    access,
    domain::{Alert, AlertStatus, Place, Reconciliation, StockLevel},
    events::AvailabilitySnapshot,
    store,
};

/// The stock of a variant in a warehouse, if there is any record and the caller may see it.
///
/// # Errors
/// [`Fault`] of the database; `sellers` does not answer.
pub async fn find_level(ctx: &Ctx, place: Place) -> Result<Option<StockLevel>, Fault> {
    let Some(level) = store::levels::find(&ctx.db, place).await? else {
        return Ok(None);
    };
    let may_see = access::is_insider(ctx, level.seller_id).await?;
    Ok(may_see.then_some(level))
}

/// Lists the alerts of a shop, the newest first. No statuses means all.
///
/// # Errors
/// `FORBIDDEN` unless the caller works there or manages all stock; `BAD_USER_INPUT` for a cursor of
/// another list; [`Fault`] of the database; `sellers` does not answer.
pub async fn list_alerts(
    ctx: &Ctx,
    seller_id: SellerId,
    statuses: &[AlertStatus],
    page: &PageRequest,
) -> Result<Page<Alert>, Fault> {
    access::require_insider(ctx, seller_id).await?;
    let statuses = if statuses.is_empty() {
        AlertStatus::VARIANTS
    } else {
        statuses
    };
    store::alerts::list(&ctx.db, seller_id, statuses, page).await
}

/// Compares the stock of a shop with its ledger.
///
/// # Errors
/// `FORBIDDEN` unless the caller works there or manages all stock; [`Fault`] of the database; `sellers`
/// does not answer.
pub async fn reconcile(ctx: &Ctx, seller_id: SellerId) -> Result<Reconciliation, Fault> {
    access::require_insider(ctx, seller_id).await?;
    store::levels::reconcile(&ctx.db, seller_id).await
}

/// Stock levels in the order of their ids, as events tell them and with their warehouse's state, for
/// other subgraphs.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn list_snapshots(
    ctx: &Ctx,
    after: Option<StockLevelId>,
    first: i32,
) -> Result<Vec<(i32, AvailabilitySnapshot)>, Fault> {
    ctx.require_service()?;
    let levels = store::levels::list_after(&ctx.db, after, first).await?;
    let levels = levels.into_iter();
    Ok(levels
        .map(|(level, is_warehouse_active, warehouse_version)| {
            let snapshot = AvailabilitySnapshot {
                stock: (&level).into(),
                is_warehouse_active,
                warehouse_version,
            };
            (level.version, snapshot)
        })
        .collect())
}
