//! `productVariantAdd`.

use kernel::{ProductId, VariantId};
use serde::Serialize;
use service::{Claim, Ctx, idempotency};

use super::{open_as_manager, record, snapshot};
use crate::{
    domain::{Error, Listing, Rejection, VariantDetails},
    events::ProductVariantAdded,
    store,
};

/// Which product gets which variant.
#[derive(Serialize)]
pub struct AddVariant {
    /// The product.
    pub product_id: ProductId,
    /// What the shop says about the variant.
    pub details: VariantDetails,
}

/// Adds a variant to a product, behind the others.
///
/// # Errors
/// [`Error`]: not found, not a manager of its shop, wrong state, a value that breaks a rule, SKU taken,
/// too many, a reused key; not logged in.
pub async fn add_variant(
    ctx: &Ctx,
    idempotency_key: &str,
    input: AddVariant,
) -> Result<(Listing, VariantId), Error> {
    let (mut tx, mut listing) = open_as_manager(ctx, input.product_id).await?;
    match idempotency::claim(&mut tx, ctx, "productVariantAdd", idempotency_key, &input).await? {
        Claim::Done(answer) => return Ok(answer),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    let id = ctx.ids.next();
    listing
        .add_variant(id, input.details, ctx.now())
        .map_err(|rejection| rejection.inside(&["variant"]))?;
    let added = listing.variants.last().ok_or(Rejection::VariantNotFound)?;
    let seller_id = listing.product.seller_id;
    store::variants::insert(&mut tx, seller_id, std::slice::from_ref(added)).await?;
    store::products::update(&mut tx, &listing.product).await?;
    let event = ProductVariantAdded {
        product: snapshot(&mut tx, &listing.product).await?,
        variant: added.into(),
    };
    record(&mut tx, ctx, &listing.product, event).await?;
    let answer = (listing, id);
    idempotency::remember(&mut tx, ctx, "productVariantAdd", idempotency_key, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}
