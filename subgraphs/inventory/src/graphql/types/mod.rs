//! Object types: newtypes over domain values.

mod alert;
mod movement;
mod others;
mod stock;
mod warehouse;

pub(crate) use alert::{StockAlertNode, StockAlertStatus};
pub(crate) use movement::StockReason;
pub(crate) use others::{ProductNode, SellerNode, VariantNode};
pub(crate) use stock::{StockLevelNode, StockReconciliation};
pub(crate) use warehouse::WarehouseNode;

use async_graphql::{Context, Result};
use kernel::SellerId;
use service::Ctx;

use super::loaders::Loaders;
use crate::access::MANAGE_STOCK;

/// Whether the caller works in the shop or manages all stock; if not, the answer says so.
async fn is_insider(ctx: &Context<'_>, seller_id: SellerId) -> Result<bool> {
    let insider = ctx.data::<Loaders>()?.insider.load(seller_id).await;
    if insider.map_err(gql::shared_fault)?.is_some() {
        return Ok(true);
    }
    let refusal = ctx.data::<Ctx>()?.require(MANAGE_STOCK);
    Ok(gql::or_null(ctx, refusal).is_some())
}
