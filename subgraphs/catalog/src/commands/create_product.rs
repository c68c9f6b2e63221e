//! `productCreate`.

use kernel::{CategoryId, ProductId, SellerId};
use serde::Serialize;
use service::{Claim, Ctx, Transaction, idempotency};

use super::{attributes_of, record, snapshot};
use crate::{
    access,
    domain::{
        Details, Error, Listing, NewListing, Product, ProductKind, Rejection, Unit, VariantDetails,
        attribute::check_values, text::slug_from,
    },
    events::ProductCreated,
    store,
};

/// What a new product is made of.
#[derive(Serialize)]
pub struct CreateProduct {
    /// The shop.
    pub seller_id: SellerId,
    /// Unique name in addresses; made from the name without it.
    pub slug: Option<String>,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Where it is in the shop.
    pub category_id: CategoryId,
    /// Whether it is sent.
    pub kind: ProductKind,
    /// What the price buys.
    pub unit: Unit,
    /// Whether it spoils.
    pub is_perishable: bool,
    /// Selling points.
    pub features: Vec<String>,
    /// Attribute values by code.
    pub attributes: Vec<(String, String)>,
    /// Its variants, in order.
    pub variants: Vec<VariantDetails>,
}

/// Creates a product, as a draft.
///
/// # Errors
/// [`Error`]: not a manager of the shop, a value that breaks a rule, slug or SKU taken, no such category,
/// a reused key; not logged in.
pub async fn create_product(
    ctx: &Ctx,
    idempotency_key: &str,
    input: CreateProduct,
) -> Result<Listing, Error> {
    access::require_manager(ctx, input.seller_id).await?;
    let mut tx = ctx.begin().await?;
    match idempotency::claim(&mut tx, ctx, "productCreate", idempotency_key, &input).await? {
        Claim::Done(listing) => return Ok(listing),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    let is_slug_chosen = input.slug.is_some();
    let mut listing = make(&mut tx, ctx, input).await?;
    insert(&mut tx, &mut listing.product, is_slug_chosen).await?;
    store::variants::insert(&mut tx, listing.product.seller_id, &listing.variants).await?;
    let event = ProductCreated {
        product: snapshot(&mut tx, &listing.product).await?,
        variants: listing.variants.iter().map(Into::into).collect(),
    };
    record(&mut tx, ctx, &listing.product, event).await?;
    idempotency::remember(&mut tx, ctx, "productCreate", idempotency_key, &listing).await?;
    tx.commit().await?;
    Ok(listing)
}

async fn make(tx: &mut Transaction, ctx: &Ctx, input: CreateProduct) -> Result<Listing, Error> {
    let category_id = input.category_id;
    let attributes = attributes_of(tx, category_id).await?;
    let id = ctx.ids.next();
    let variants = input.variants.into_iter();
    let new = NewListing {
        id,
        seller_id: input.seller_id,
        slug: input
            .slug
            .unwrap_or_else(|| slug_from(&input.name, "product")),
        kind: input.kind,
        details: Details {
            category_id,
            name: input.name,
            description: input.description,
            unit: input.unit,
            is_perishable: input.is_perishable,
            features: input.features,
            attributes: check_values(&input.attributes, &attributes)?,
        },
        variants: variants.map(|details| (ctx.ids.next(), details)).collect(),
    };
    Ok(Listing::create(new, ctx.now())?)
}

/// Writes the product. A slug that was made from its name gets an ending when it is taken.
async fn insert(
    tx: &mut Transaction,
    product: &mut Product,
    is_slug_chosen: bool,
) -> Result<(), Error> {
    if store::products::insert(tx, product).await? {
        return Ok(());
    }
    if is_slug_chosen {
        return Err(Rejection::SlugTaken.into());
    }
    for slug in with_endings(&product.slug, product.id) {
        product.slug = slug;
        if store::products::insert(tx, product).await? {
            return Ok(());
        }
    }
    Err(Rejection::SlugTaken.into())
}

/// The slug with the random end of the product's id, and with all of the id.
fn with_endings(slug: &str, id: ProductId) -> [String; 2] {
    let id = id.to_string();
    let whole = id.rsplit('_').next().unwrap_or_default();
    let end: String = whole.chars().skip(20).collect();
    [format!("{slug}-{end}"), format!("{slug}-{whole}")]
}
