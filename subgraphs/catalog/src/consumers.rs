//! What the catalogue does about events of others.

use std::sync::Arc;

use futures_util::FutureExt as _;
use kernel::{Fault, SellerId};
use serde::Deserialize;
use service::{Consumer, Ctx, Event, Transaction};

use crate::commands;

/// The consumers of this subgraph.
pub(crate) fn all() -> Vec<Consumer> {
    vec![Consumer {
        name: "catalog.shops",
        topics: &["sellers.seller"],
        handle: Arc::new(|ctx, tx, event| on_seller(ctx, tx, event).boxed()),
    }]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shop {
    seller_id: SellerId,
}

async fn on_seller(_: &Ctx, tx: &mut Transaction, event: &Event) -> Result<(), Fault> {
    let is_suspended = match event.event_type.as_str() {
        "seller.suspended" => true,
        "seller.reinstated" => false,
        _ => return Ok(()),
    };
    let shop: Shop = event.read()?;
    commands::set_shop_suspension(tx, shop.seller_id, event.version, is_suspended).await
}
