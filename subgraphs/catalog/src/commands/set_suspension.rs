//! `productSuspend` and `productReinstate`.

use kernel::ProductId;
use service::Ctx;

use super::{lock, record, snapshot};
use crate::{
    access::MODERATE_PRODUCTS,
    domain::{Error, Listing, rejection::expect_version},
    events::{ProductReinstated, ProductSuspended},
    store,
};

/// Whether a product is taken down.
pub struct SetSuspension {
    /// The product.
    pub product_id: ProductId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// Take it down, or give it back.
    pub suspended: bool,
    /// Why.
    pub reason: String,
}

/// Takes a product down or gives it back to its shop.
///
/// # Errors
/// [`Error`]: not found, stale version, wrong state, a bad reason; without `moderate:products`.
pub async fn set_suspension(ctx: &Ctx, input: SetSuspension) -> Result<Listing, Error> {
    ctx.require(MODERATE_PRODUCTS)?;
    let mut tx = ctx.begin().await?;
    let mut listing = lock(&mut tx, input.product_id).await?;
    expect_version(listing.product.version, input.expected_version)?;
    if input.suspended {
        listing.suspend(input.reason.clone(), ctx.now())?;
    } else {
        listing.reinstate(&input.reason, ctx.now())?;
    }
    store::products::update(&mut tx, &listing.product).await?;
    let product = snapshot(&mut tx, &listing.product).await?;
    let reason = input.reason;
    if input.suspended {
        let event = ProductSuspended { product, reason };
        record(&mut tx, ctx, &listing.product, event).await?;
    } else {
        let event = ProductReinstated { product, reason };
        record(&mut tx, ctx, &listing.product, event).await?;
    }
    tx.commit().await?;
    Ok(listing)
}
