//! `productDelete`.

use kernel::ProductId;
use service::Ctx;

use super::{open_as_manager, record, snapshot};
use crate::{
    domain::{Error, rejection::expect_version},
    events::ProductDeleted,
    store,
};

/// Which product goes.
pub struct DeleteProduct {
    /// The product.
    pub product_id: ProductId,
    /// The version the caller has read.
    pub expected_version: i32,
}

/// Deletes a draft that was never published. Its slug and SKUs are free again.
///
/// # Errors
/// [`Error`]: not found, not a manager of its shop, stale version, wrong state; not logged in.
pub async fn delete_product(ctx: &Ctx, input: DeleteProduct) -> Result<ProductId, Error> {
    let (mut tx, mut listing) = open_as_manager(ctx, input.product_id).await?;
    expect_version(listing.product.version, input.expected_version)?;
    listing.check_deletable()?;
    let actor = ctx.principal.actor();
    store::variants::delete_of_product(&mut tx, listing.product.id).await?;
    store::products::delete(&mut tx, &listing, &actor, ctx.now()).await?;
    listing.product.touch(ctx.now());
    let product = snapshot(&mut tx, &listing.product).await?;
    record(&mut tx, ctx, &listing.product, ProductDeleted { product }).await?;
    tx.commit().await?;
    Ok(listing.product.id)
}
