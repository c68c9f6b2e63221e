//! `productUpdate`.

use kernel::{CategoryId, ProductId};
use service::Ctx;

use super::{attributes_of, open_as_manager, record, snapshot};
use crate::{
    domain::{Details, Error, Listing, Unit, attribute::check_values, rejection::expect_version},
    events::ProductUpdated,
    store,
};

/// What to change; `None` leaves a field as it is.
pub struct UpdateProduct {
    /// The product.
    pub product_id: ProductId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// New name; the slug stays.
    pub name: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// New category.
    pub category_id: Option<CategoryId>,
    /// New unit.
    pub unit: Option<Unit>,
    /// Whether it spoils.
    pub is_perishable: Option<bool>,
    /// New selling points, instead of all.
    pub features: Option<Vec<String>>,
    /// New attribute values by code, instead of all.
    pub attributes: Option<Vec<(String, String)>>,
}

/// Changes what a shop says about a product.
///
/// # Errors
/// [`Error`]: not found, not a manager of its shop, stale version, wrong state, a value that breaks a
/// rule; not logged in.
pub async fn update_product(ctx: &Ctx, input: UpdateProduct) -> Result<Listing, Error> {
    let (mut tx, mut listing) = open_as_manager(ctx, input.product_id).await?;
    expect_version(listing.product.version, input.expected_version)?;
    let old = listing.product.details.clone();
    let category_id = input.category_id.unwrap_or(old.category_id);
    let attributes = attributes_of(&mut tx, category_id).await?;
    let values = if input.attributes.is_some() || category_id != old.category_id {
        let values = input
            .attributes
            .unwrap_or_else(|| old.attributes.into_iter().collect());
        check_values(&values, &attributes)?
    } else {
        old.attributes
    };
    let details = Details {
        category_id,
        name: input.name.unwrap_or(old.name),
        description: input.description.unwrap_or(old.description),
        unit: input.unit.unwrap_or(old.unit),
        is_perishable: input.is_perishable.unwrap_or(old.is_perishable),
        features: input.features.unwrap_or(old.features),
        attributes: values,
    };
    listing.edit(details, &attributes, ctx.now())?;
    store::products::update(&mut tx, &listing.product).await?;
    let product = snapshot(&mut tx, &listing.product).await?;
    record(&mut tx, ctx, &listing.product, ProductUpdated { product }).await?;
    tx.commit().await?;
    Ok(listing)
}
