//! What this subgraph does about events of others: it keeps its projection.

pub(crate) mod payload;

use std::sync::Arc;

use futures_util::FutureExt as _;
use kernel::Fault;
use service::{Consumer, Ctx, Event, Transaction};

use crate::{commands::project, metrics};

/// The topics that the projection is made of.
pub(crate) const TOPICS: [&str; 6] = [
    "catalog.category",
    "catalog.product",
    "inventory.stock_level",
    "inventory.warehouse",
    "reviews.product_rating",
    "sellers.seller",
];

/// The consumers of this subgraph.
#[must_use]
pub(crate) fn consumers() -> Vec<Consumer> {
    vec![Consumer {
        name: "search.projection",
        topics: &TOPICS,
        handle: Arc::new(|ctx, tx, event| consume(ctx, tx, event).boxed()),
    }]
}

/// Takes over what `event` tells, unless something newer about the same thing is known.
async fn consume(ctx: &Ctx, tx: &mut Transaction, event: &Event) -> Result<(), Fault> {
    let source = project::Source::of(event);
    match event.aggregate_type.as_str() {
        "product" => {
            let mut product: payload::Product = event.read()?;
            if event.event_type == "product.deleted" {
                "DELETED".clone_into(&mut product.status);
            }
            project::product(tx, &source, &product).await?;
        }
        "category" if event.event_type == "category.deleted" => {
            let gone: payload::CategoryGone = event.read()?;
            project::category_gone(tx, &source, gone.category_id).await?;
        }
        "category" => project::category(tx, &source, &event.read()?).await?,
        "seller" => {
            let mut seller: payload::Seller = event.read()?;
            seller.status = seller_status(&event.event_type).map(str::to_owned);
            project::seller(tx, &source, &seller).await?;
        }
        "stock_level" => project::stock(tx, &source, &event.read()?).await?,
        "warehouse" => {
            let warehouse: payload::Warehouse = event.read()?;
            let is_active = match event.event_type.as_str() {
                "warehouse.deactivated" => Some(false),
                "warehouse.created" | "warehouse.activated" => Some(true),
                _ => None,
            };
            project::warehouse(tx, &source, warehouse.warehouse_id, is_active).await?;
        }
        "product_rating" => project::rating(tx, &source, &event.read()?).await?,
        _ => return Ok(()),
    }
    metrics::projected(ctx.now() - event.event_time);
    Ok(())
}

/// The state of a shop after an event of that type; `None` when it stays as it was.
fn seller_status(event_type: &str) -> Option<&'static str> {
    match event_type {
        "seller.registered" | "seller.reinstated" => Some("UNVERIFIED"),
        "seller.verification_submitted" => Some("IN_REVIEW"),
        "seller.verified" => Some("VERIFIED"),
        "seller.rejected" => Some("REJECTED"),
        "seller.suspended" => Some("SUSPENDED"),
        _ => None,
    }
}
