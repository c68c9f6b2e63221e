//! Events of products. Each carries the whole product as it is after it, so that a consumer such as the
//! search index needs no question back.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{CategoryId, Money, Named as _, ProductId, SellerId, VariantId};
use schemars::JsonSchema;
use serde::Serialize;
use service::outbox::EventPayload;

use crate::domain::{OptionValue, Product, Variant};

/// A product as others may keep it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductSnapshot {
    /// The product.
    pub product_id: ProductId,
    /// The shop that sells it.
    pub seller_id: SellerId,
    /// Its category.
    pub category_id: CategoryId,
    /// From the top of the tree down to its category.
    pub category_path: Vec<CategoryId>,
    /// Unique name in addresses.
    pub slug: String,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub description: String,
    /// `PHYSICAL` or `DIGITAL`.
    pub kind: &'static str,
    /// What the price buys: `PIECE`, `KILOGRAM` …
    pub unit: &'static str,
    /// `DRAFT`, `ACTIVE`, `ARCHIVED` or `SUSPENDED`; everybody may see it only while `ACTIVE`.
    pub status: &'static str,
    /// Whether it spoils.
    pub is_perishable: bool,
    /// Selling points.
    pub features: Vec<String>,
    /// Attribute values by code.
    pub attributes: BTreeMap<String, String>,
    /// Price of the cheapest variant.
    pub min_price: Money,
    /// Price of the dearest variant.
    pub max_price: Money,
    /// When it was created, RFC 3339; older events do not have it.
    #[schemars(with = "Option<String>")]
    pub created_at: Option<DateTime<Utc>>,
}

/// A variant as others may keep it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariantSnapshot {
    /// The variant.
    pub variant_id: VariantId,
    /// The shop's own number for it.
    pub sku: String,
    /// What to show beside the product's name.
    pub name: String,
    /// What tells it from its siblings.
    pub option_values: Vec<OptionSnapshot>,
    /// What it costs.
    pub price: Money,
    /// What it used to cost.
    pub compare_at_price: Option<Money>,
    /// Weight when packed.
    pub weight_grams: Option<i32>,
    /// Place among its siblings.
    pub position: i32,
}

/// One property that tells a variant from its siblings.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OptionSnapshot {
    /// What differs.
    pub name: String,
    /// How.
    pub value: String,
}

/// The price of one variant before and after.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceChanged {
    /// The variant.
    pub variant_id: VariantId,
    /// The shop's own number for it.
    pub sku: String,
    /// Price before.
    pub old_price: Money,
    /// Price now.
    pub new_price: Money,
}

impl ProductSnapshot {
    /// What the product is now, in the category at the end of `category_path`.
    #[must_use]
    pub fn new(product: &Product, category_path: Vec<CategoryId>) -> Self {
        let details = &product.details;
        Self {
            product_id: product.id,
            seller_id: product.seller_id,
            category_id: details.category_id,
            category_path,
            slug: product.slug.clone(),
            name: details.name.clone(),
            description: details.description.clone(),
            kind: product.kind.name(),
            unit: details.unit.name(),
            status: product.status.name(),
            is_perishable: details.is_perishable,
            features: details.features.clone(),
            attributes: details.attributes.clone(),
            min_price: product.min_price,
            max_price: product.max_price,
            created_at: Some(product.created_at),
        }
    }
}

impl From<&Variant> for VariantSnapshot {
    fn from(variant: &Variant) -> Self {
        let details = &variant.details;
        Self {
            variant_id: variant.id,
            sku: details.sku.clone(),
            name: details.name.clone(),
            option_values: details
                .option_values
                .iter()
                .map(OptionSnapshot::from)
                .collect(),
            price: details.price,
            compare_at_price: details.compare_at_price,
            weight_grams: details.weight_grams,
            position: variant.position,
        }
    }
}

impl From<&OptionValue> for OptionSnapshot {
    fn from(option: &OptionValue) -> Self {
        Self {
            name: option.name.clone(),
            value: option.value.clone(),
        }
    }
}

/// A product was created, as a draft.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductCreated {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
    /// All variants, in order.
    pub variants: Vec<VariantSnapshot>,
}

/// What a shop says about a product was changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductUpdated {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
}

/// A draft that was never published was deleted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductDeleted {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
}

/// A product was put on the shelf.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductPublished {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
    /// All variants, in order.
    pub variants: Vec<VariantSnapshot>,
}

/// A product became a draft again.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductUnpublished {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
}

/// A product was taken off the shelf for good.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductArchived {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
}

/// A product was taken down by the marketplace.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductSuspended {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
    /// Why.
    pub reason: String,
}

/// A product that was taken down was given back to its shop, as a draft.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductReinstated {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
    /// Why.
    pub reason: String,
}

/// A product has one more variant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantAdded {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
    /// The new variant.
    pub variant: VariantSnapshot,
}

/// A variant was changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantUpdated {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
    /// The variant as it is now.
    pub variant: VariantSnapshot,
}

/// A variant is no longer sold.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductVariantRemoved {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
    /// The variant as it was.
    pub variant: VariantSnapshot,
}

/// Variants became cheaper or dearer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductPriceChanged {
    /// The product after it.
    #[serde(flatten)]
    pub product: ProductSnapshot,
    /// What changed.
    pub changes: Vec<PriceChanged>,
}

impl EventPayload for ProductCreated {
    const EVENT_TYPE: &'static str = "product.created";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductUpdated {
    const EVENT_TYPE: &'static str = "product.updated";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductDeleted {
    const EVENT_TYPE: &'static str = "product.deleted";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductPublished {
    const EVENT_TYPE: &'static str = "product.published";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductUnpublished {
    const EVENT_TYPE: &'static str = "product.unpublished";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductArchived {
    const EVENT_TYPE: &'static str = "product.archived";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductSuspended {
    const EVENT_TYPE: &'static str = "product.suspended";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductReinstated {
    const EVENT_TYPE: &'static str = "product.reinstated";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductVariantAdded {
    const EVENT_TYPE: &'static str = "product.variant_added";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductVariantUpdated {
    const EVENT_TYPE: &'static str = "product.variant_updated";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductVariantRemoved {
    const EVENT_TYPE: &'static str = "product.variant_removed";
    const AGGREGATE_TYPE: &'static str = "product";
}
impl EventPayload for ProductPriceChanged {
    const EVENT_TYPE: &'static str = "product.price_changed";
    const AGGREGATE_TYPE: &'static str = "product";
}
