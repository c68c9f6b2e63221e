//! `productVariantUpdate`.

use kernel::{Money, VariantId};
use service::{Ctx, Transaction};

use super::{open_of_variant, record, snapshot};
use crate::{
    domain::{
        Dimensions, Error, Listing, OptionValue, PriceChange, Rejection, Variant, VariantDetails,
        rejection::expect_version,
    },
    events::{PriceChanged, ProductPriceChanged, ProductVariantUpdated},
    store,
};

/// What to change; `None` leaves a field as it is, `Some(None)` empties it.
pub struct UpdateVariant {
    /// The variant.
    pub variant_id: VariantId,
    /// The version of the product that the caller has read.
    pub expected_version: i32,
    /// New SKU.
    pub sku: Option<String>,
    /// New name.
    pub name: Option<String>,
    /// New options, instead of all.
    pub option_values: Option<Vec<OptionValue>>,
    /// New price.
    pub price: Option<Money>,
    /// New former price.
    pub compare_at_price: Option<Option<Money>>,
    /// New weight.
    pub weight_grams: Option<Option<i32>>,
    /// New size.
    pub dimensions: Option<Option<Dimensions>>,
}

/// Changes a variant of a product. A new price is an event of its own.
///
/// # Errors
/// [`Error`]: not found, not a manager of its shop, stale version, wrong state, a value that breaks a
/// rule, SKU taken; not logged in.
pub async fn update_variant(ctx: &Ctx, input: UpdateVariant) -> Result<Listing, Error> {
    let id = input.variant_id;
    let (mut tx, mut listing) = open_of_variant(ctx, id).await?;
    expect_version(listing.product.version, input.expected_version)?;
    let old = find(&listing, id)?.details.clone();
    let details = VariantDetails {
        sku: input.sku.unwrap_or(old.sku),
        name: input.name.unwrap_or(old.name),
        option_values: input.option_values.unwrap_or(old.option_values),
        price: input.price.unwrap_or(old.price),
        compare_at_price: input.compare_at_price.unwrap_or(old.compare_at_price),
        weight_grams: input.weight_grams.unwrap_or(old.weight_grams),
        dimensions: input.dimensions.unwrap_or(old.dimensions),
    };
    let change = listing.update_variant(id, details, ctx.now())?;
    let variant = find(&listing, id)?.clone();
    store::variants::update(&mut tx, &variant).await?;
    let event = ProductVariantUpdated {
        product: snapshot(&mut tx, &listing.product).await?,
        variant: (&variant).into(),
    };
    record(&mut tx, ctx, &listing.product, event).await?;
    if let Some(change) = change {
        record_price(&mut tx, ctx, &mut listing, (&variant, change)).await?;
    }
    store::products::update(&mut tx, &listing.product).await?;
    tx.commit().await?;
    Ok(listing)
}

fn find(listing: &Listing, id: VariantId) -> Result<&Variant, Rejection> {
    let mut variants = listing.variants.iter();
    variants
        .find(|variant| variant.id == id)
        .ok_or(Rejection::VariantNotFound)
}

async fn record_price(
    tx: &mut Transaction,
    ctx: &Ctx,
    listing: &mut Listing,
    (variant, change): (&Variant, PriceChange),
) -> Result<(), Error> {
    listing.product.touch(ctx.now());
    let event = ProductPriceChanged {
        product: snapshot(tx, &listing.product).await?,
        changes: vec![PriceChanged {
            variant_id: variant.id,
            sku: variant.details.sku.clone(),
            old_price: change.old,
            new_price: change.new,
        }],
    };
    Ok(record(tx, ctx, &listing.product, event).await?)
}
