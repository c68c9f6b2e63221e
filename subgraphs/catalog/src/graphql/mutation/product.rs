//! Creating, changing and deleting products.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use gql::{GlobalId, UserError, settle};
use kernel::markers;

use super::{
    AttributeValueInput, ProductPayload, attribute_values, product_payload,
    variant::ProductVariantInput,
};
use crate::{
    commands,
    graphql::{
        types::{ProductKindValue, UnitValue},
        user_error::user_error,
    },
};

/// What a new product is made of.
#[derive(InputObject)]
struct ProductCreateInput {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// Unique name in addresses: 3 to 120 lower-case letters, digits and single hyphens. Without it,
    /// one is made from the name.
    slug: Option<String>,
    /// What it is called, 3 to 255 characters.
    name: String,
    /// What it is, at most 5000 characters.
    description: String,
    /// Where it is in the shop.
    category_id: GlobalId<markers::Category>,
    /// Whether it is sent or downloaded; cannot be changed later.
    kind: ProductKindValue,
    /// What the price buys; cannot be changed once published. Digital goods: `PIECE`, `PACK` or `SET`.
    unit: UnitValue,
    /// Whether it spoils.
    #[graphql(default)]
    is_perishable: bool,
    /// Selling points, in the order to show: at most 20 of 1 to 120 characters.
    #[graphql(default, validator(max_items = 20))]
    features: Vec<String>,
    /// Values of the category's attributes, at most 50. Those that are required must be there to
    /// publish.
    #[graphql(default, validator(max_items = 50))]
    attributes: Vec<AttributeValueInput>,
    /// Its variants, in order: 1 to 100.
    #[graphql(validator(max_items = 100))]
    variants: Vec<ProductVariantInput>,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// What to change of a product; fields left out stay as they are.
#[derive(InputObject)]
struct ProductUpdateInput {
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// The version that was read.
    expected_version: i32,
    /// What it is called, 3 to 255 characters. The slug stays.
    name: Option<String>,
    /// What it is, at most 5000 characters.
    description: Option<String>,
    /// Where it is in the shop. Its attribute values must fit the new category.
    category_id: Option<GlobalId<markers::Category>>,
    /// What the price buys; cannot be changed once published.
    unit: Option<UnitValue>,
    /// Whether it spoils.
    is_perishable: Option<bool>,
    /// Selling points instead of all that it has: at most 20 of 1 to 120 characters.
    #[graphql(validator(max_items = 20))]
    features: Option<Vec<String>>,
    /// Attribute values instead of all that it has, at most 50.
    #[graphql(validator(max_items = 50))]
    attributes: Option<Vec<AttributeValueInput>>,
}

/// A product to delete.
#[derive(InputObject)]
struct ProductDeleteInput {
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// The version that was read.
    expected_version: i32,
}

/// The product that is gone, or why it is not.
#[derive(SimpleObject)]
struct ProductDeletePayload {
    /// Its id; null when the change was refused.
    deleted_product_id: Option<GlobalId<markers::Product>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

impl From<ProductCreateInput> for commands::CreateProduct {
    fn from(input: ProductCreateInput) -> Self {
        Self {
            seller_id: input.seller_id.0,
            slug: input.slug,
            name: input.name,
            description: input.description,
            category_id: input.category_id.0,
            kind: input.kind.into(),
            unit: input.unit.into(),
            is_perishable: input.is_perishable,
            features: input.features,
            attributes: attribute_values(input.attributes),
            variants: input.variants.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ProductUpdateInput> for commands::UpdateProduct {
    fn from(input: ProductUpdateInput) -> Self {
        Self {
            product_id: input.product_id.0,
            expected_version: input.expected_version,
            name: input.name,
            description: input.description,
            category_id: input.category_id.map(|id| id.0),
            unit: input.unit.map(Into::into),
            is_perishable: input.is_perishable,
            features: input.features,
            attributes: input.attributes.map(attribute_values),
        }
    }
}

#[derive(Default)]
pub(crate) struct ProductMutation;

#[Object]
impl ProductMutation {
    /// Creates a product, as a draft. For the owner and managers of the shop.
    async fn product_create(
        &self,
        ctx: &Context<'_>,
        mut input: ProductCreateInput,
    ) -> Result<Option<ProductPayload>> {
        let key = std::mem::take(&mut input.idempotency_key);
        product_payload(commands::create_product(ctx.data()?, &key, input.into()).await)
    }

    /// Changes what the shop says about a product. For the owner and managers of the shop.
    async fn product_update(
        &self,
        ctx: &Context<'_>,
        input: ProductUpdateInput,
    ) -> Result<Option<ProductPayload>> {
        product_payload(commands::update_product(ctx.data()?, input.into()).await)
    }

    /// Deletes a draft that was never published; others can be archived. For the owner and managers of
    /// the shop.
    async fn product_delete(
        &self,
        ctx: &Context<'_>,
        input: ProductDeleteInput,
    ) -> Result<Option<ProductDeletePayload>> {
        let command = commands::DeleteProduct {
            product_id: input.product_id.0,
            expected_version: input.expected_version,
        };
        let outcome = commands::delete_product(ctx.data()?, command).await;
        let (id, user_errors) = settle(outcome, user_error)?;
        Ok(Some(ProductDeletePayload {
            deleted_product_id: id.map(Into::into),
            user_errors,
        }))
    }
}
