//! `productVariantRemove`.

use kernel::VariantId;
use service::Ctx;

use super::{open_of_variant, record, snapshot};
use crate::{
    domain::{Error, Listing, rejection::expect_version},
    events::ProductVariantRemoved,
    store,
};

/// Which variant goes.
pub struct RemoveVariant {
    /// The variant.
    pub variant_id: VariantId,
    /// The version of the product that the caller has read.
    pub expected_version: i32,
}

/// Removes a variant from its product. The last one stays.
///
/// # Errors
/// [`Error`]: not found, not a manager of its shop, stale version, wrong state; not logged in.
pub async fn remove_variant(ctx: &Ctx, input: RemoveVariant) -> Result<Listing, Error> {
    let (mut tx, mut listing) = open_of_variant(ctx, input.variant_id).await?;
    expect_version(listing.product.version, input.expected_version)?;
    let removed = listing.remove_variant(input.variant_id, ctx.now())?;
    store::variants::delete(&mut tx, removed.id).await?;
    store::products::update(&mut tx, &listing.product).await?;
    let event = ProductVariantRemoved {
        product: snapshot(&mut tx, &listing.product).await?,
        variant: (&removed).into(),
    };
    record(&mut tx, ctx, &listing.product, event).await?;
    tx.commit().await?;
    Ok(listing)
}
