//! `productPublish`, `productUnpublish` and `productArchive`.

use kernel::ProductId;
use service::Ctx;

use super::{attributes_of, open_as_manager, record, snapshot};
use crate::{
    domain::{Error, Listing, rejection::expect_version},
    events::{ProductArchived, ProductPublished, ProductUnpublished},
    store,
};

/// What a shop can do with the status of its product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShopAction {
    /// Put it on the shelf.
    Publish,
    /// Make it a draft again.
    Unpublish,
    /// Take it off the shelf for good.
    Archive,
}

/// Which product to do it with.
pub struct SetStatus {
    /// The product.
    pub product_id: ProductId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// What to do.
    pub action: ShopAction,
}

/// Puts a product on the shelf or takes it off.
///
/// # Errors
/// [`Error`]: not found, not a manager of its shop, stale version, wrong state, not complete; not logged in.
pub async fn set_status(ctx: &Ctx, input: SetStatus) -> Result<Listing, Error> {
    let (mut tx, mut listing) = open_as_manager(ctx, input.product_id).await?;
    expect_version(listing.product.version, input.expected_version)?;
    let now = ctx.now();
    match input.action {
        ShopAction::Publish => {
            let attributes = attributes_of(&mut tx, listing.product.details.category_id).await?;
            listing.publish(&attributes, now)?;
        }
        ShopAction::Unpublish => listing.unpublish(now)?,
        ShopAction::Archive => listing.archive(now)?,
    }
    store::products::update(&mut tx, &listing.product).await?;
    let product = snapshot(&mut tx, &listing.product).await?;
    match input.action {
        ShopAction::Publish => {
            let variants = listing.variants.iter().map(Into::into).collect();
            let event = ProductPublished { product, variants };
            record(&mut tx, ctx, &listing.product, event).await?;
        }
        ShopAction::Unpublish => {
            record(
                &mut tx,
                ctx,
                &listing.product,
                ProductUnpublished { product },
            )
            .await?;
        }
        ShopAction::Archive => {
            record(&mut tx, ctx, &listing.product, ProductArchived { product }).await?;
        }
    }
    tx.commit().await?;
    Ok(listing)
}
