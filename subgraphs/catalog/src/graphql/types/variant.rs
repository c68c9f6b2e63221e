//! Variants of products.

use async_graphql::{Context, Object, Result, SimpleObject};
use gql::{GlobalId, MoneyValue};
use kernel::markers;

use super::ProductNode;
use crate::{
    domain::{Dimensions, OptionValue, Variant},
    graphql::loaders::Loaders,
};

/// One property that tells a variant from its siblings.
#[derive(SimpleObject)]
#[graphql(name = "OptionValue")]
pub(crate) struct OptionValueNode {
    /// What differs: `Warna`.
    name: String,
    /// How: `Merah`.
    value: String,
}

/// Outer size when packed.
#[derive(SimpleObject)]
#[graphql(name = "Dimensions")]
pub(crate) struct DimensionsValue {
    /// Longest side in millimetres.
    length_mm: i32,
    /// Second side in millimetres.
    width_mm: i32,
    /// Height in millimetres.
    height_mm: i32,
}

impl From<OptionValue> for OptionValueNode {
    fn from(option: OptionValue) -> Self {
        Self {
            name: option.name,
            value: option.value,
        }
    }
}

impl From<Dimensions> for DimensionsValue {
    fn from(size: Dimensions) -> Self {
        Self {
            length_mm: size.length_mm,
            width_mm: size.width_mm,
            height_mm: size.height_mm,
        }
    }
}

pub(crate) struct VariantNode(pub(crate) Variant);

/// A variant of a product: what is actually bought.
#[Object(name = "ProductVariant")]
impl VariantNode {
    /// Id, begins with `variant_`.
    async fn id(&self) -> GlobalId<markers::Variant> {
        self.0.id.into()
    }

    /// The shop's own number for it, unique in the shop.
    async fn sku(&self) -> &str {
        &self.0.details.sku
    }

    /// What to show beside the product's name.
    async fn name(&self) -> &str {
        &self.0.details.name
    }

    /// What tells it from its siblings, at most 5.
    async fn option_values(&self) -> Vec<OptionValueNode> {
        let options = self.0.details.option_values.iter().cloned();
        options.map(OptionValueNode::from).collect()
    }

    /// What it costs per unit of the product.
    async fn price(&self) -> MoneyValue {
        self.0.details.price.into()
    }

    /// What it used to cost; null when it has not become cheaper.
    async fn compare_at_price(&self) -> Option<MoneyValue> {
        self.0.details.compare_at_price.map(Into::into)
    }

    /// Weight when packed, in grams; null for digital goods and unfinished drafts.
    async fn weight_grams(&self) -> Option<i32> {
        self.0.details.weight_grams
    }

    /// Size when packed; null when it is not told.
    async fn dimensions(&self) -> Option<DimensionsValue> {
        self.0.details.dimensions.map(Into::into)
    }

    /// Place among its siblings, ascending, with gaps.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// The product that it is a variant of; null when it has just been deleted.
    async fn product(&self, ctx: &Context<'_>) -> Result<Option<ProductNode>> {
        let loaders = ctx.data::<Loaders>()?;
        let product = loaders
            .products
            .load(self.0.product_id)
            .await
            .map_err(gql::shared_fault)?;
        Ok(product.map(ProductNode::new))
    }
}
