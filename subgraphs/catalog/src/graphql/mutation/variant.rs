//! Adding, changing and removing variants.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use gql::{GlobalId, MoneyInput, UserError, settle};
use kernel::{VariantId, markers};

use super::{ProductPayload, nullable, product_payload};
use crate::{
    commands,
    domain::{Dimensions, Error, Listing, OptionValue, VariantDetails},
    graphql::{
        types::{ProductNode, VariantNode},
        user_error::user_error,
    },
};

/// One property that tells a variant from its siblings.
#[derive(InputObject)]
struct OptionValueInput {
    /// What differs, 1 to 40 characters: `Warna`.
    name: String,
    /// How, 1 to 80 characters: `Merah`.
    value: String,
}

/// Outer size when packed, each side 1 to 10000 mm.
#[derive(InputObject)]
struct DimensionsInput {
    /// Longest side in millimetres.
    length_mm: i32,
    /// Second side in millimetres.
    width_mm: i32,
    /// Height in millimetres.
    height_mm: i32,
}

/// What the shop says about a variant.
#[derive(InputObject)]
pub(super) struct ProductVariantInput {
    /// The shop's own number for it, unique in the shop: 1 to 64 letters, digits, dots, underscores,
    /// slashes and hyphens.
    sku: String,
    /// What to show beside the product's name, 1 to 120 characters.
    name: String,
    /// What tells it from its siblings, at most 5. No two variants of a product may have the same.
    #[graphql(default, validator(max_items = 5))]
    option_values: Vec<OptionValueInput>,
    /// What it costs per unit of the product, 1 to 100000000000 rupiah.
    price: MoneyInput,
    /// What it used to cost, higher than the price.
    compare_at_price: Option<MoneyInput>,
    /// Weight when packed, 1 to 1000000 grams. Needed to publish a physical product; not for digital.
    weight_grams: Option<i32>,
    /// Size when packed. Not for digital products.
    dimensions: Option<DimensionsInput>,
}

/// A variant to add.
#[derive(InputObject)]
struct ProductVariantAddInput {
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// The variant; it is put behind the others.
    variant: ProductVariantInput,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// What to change of a variant; fields left out stay as they are.
#[derive(InputObject)]
struct ProductVariantUpdateInput {
    /// The variant.
    variant_id: GlobalId<markers::Variant>,
    /// The version of the product that was read.
    expected_version: i32,
    /// The shop's own number for it, unique in the shop.
    sku: Option<String>,
    /// What to show beside the product's name, 1 to 120 characters.
    name: Option<String>,
    /// What tells it from its siblings, instead of all that it has, at most 5.
    #[graphql(validator(max_items = 5))]
    option_values: Option<Vec<OptionValueInput>>,
    /// What it costs per unit of the product, 1 to 100000000000 rupiah.
    price: Option<MoneyInput>,
    /// What it used to cost, higher than the price; null removes it.
    compare_at_price: MaybeUndefined<MoneyInput>,
    /// Weight when packed, 1 to 1000000 grams; null removes it.
    weight_grams: MaybeUndefined<i32>,
    /// Size when packed; null removes it.
    dimensions: MaybeUndefined<DimensionsInput>,
}

/// A variant to remove.
#[derive(InputObject)]
struct ProductVariantRemoveInput {
    /// The variant.
    variant_id: GlobalId<markers::Variant>,
    /// The version of the product that was read.
    expected_version: i32,
}

/// The product and the variant after the change, or why it was refused.
#[derive(SimpleObject)]
struct ProductVariantPayload {
    /// The product; null when the change was refused.
    product: Option<ProductNode>,
    /// The variant; null when the change was refused.
    variant: Option<VariantNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

impl From<OptionValueInput> for OptionValue {
    fn from(input: OptionValueInput) -> Self {
        Self {
            name: input.name,
            value: input.value,
        }
    }
}

impl From<DimensionsInput> for Dimensions {
    fn from(input: DimensionsInput) -> Self {
        Self {
            length_mm: input.length_mm,
            width_mm: input.width_mm,
            height_mm: input.height_mm,
        }
    }
}

impl From<ProductVariantInput> for VariantDetails {
    fn from(input: ProductVariantInput) -> Self {
        Self {
            sku: input.sku,
            name: input.name,
            option_values: options(input.option_values),
            price: input.price.into(),
            compare_at_price: input.compare_at_price.map(Into::into),
            weight_grams: input.weight_grams,
            dimensions: input.dimensions.map(Into::into),
        }
    }
}

impl From<ProductVariantUpdateInput> for commands::UpdateVariant {
    fn from(input: ProductVariantUpdateInput) -> Self {
        Self {
            variant_id: input.variant_id.0,
            expected_version: input.expected_version,
            sku: input.sku,
            name: input.name,
            option_values: input.option_values.map(options),
            price: input.price.map(Into::into),
            compare_at_price: nullable(input.compare_at_price),
            weight_grams: nullable(input.weight_grams),
            dimensions: nullable(input.dimensions),
        }
    }
}

fn options(values: Vec<OptionValueInput>) -> Vec<OptionValue> {
    values.into_iter().map(Into::into).collect()
}

fn variant_payload(
    outcome: Result<(Listing, VariantId), Error>,
) -> Result<Option<ProductVariantPayload>> {
    let (changed, user_errors) = settle(outcome, user_error)?;
    let Some((listing, id)) = changed else {
        return Ok(Some(ProductVariantPayload {
            product: None,
            variant: None,
            user_errors,
        }));
    };
    let variant = listing.variants.iter().find(|variant| variant.id == id);
    Ok(Some(ProductVariantPayload {
        variant: variant.cloned().map(VariantNode),
        product: Some(listing.into()),
        user_errors,
    }))
}

#[derive(Default)]
pub(crate) struct VariantMutation;

#[Object]
impl VariantMutation {
    /// Adds a variant to a product. For the owner and managers of the shop.
    async fn product_variant_add(
        &self,
        ctx: &Context<'_>,
        input: ProductVariantAddInput,
    ) -> Result<Option<ProductVariantPayload>> {
        let command = commands::AddVariant {
            product_id: input.product_id.0,
            details: input.variant.into(),
        };
        variant_payload(commands::add_variant(ctx.data()?, &input.idempotency_key, command).await)
    }

    /// Changes a variant. For the owner and managers of the shop.
    async fn product_variant_update(
        &self,
        ctx: &Context<'_>,
        input: ProductVariantUpdateInput,
    ) -> Result<Option<ProductVariantPayload>> {
        let id = input.variant_id.0;
        let outcome = commands::update_variant(ctx.data()?, input.into()).await;
        variant_payload(outcome.map(|listing| (listing, id)))
    }

    /// Removes a variant; the last one stays. For the owner and managers of the shop.
    async fn product_variant_remove(
        &self,
        ctx: &Context<'_>,
        input: ProductVariantRemoveInput,
    ) -> Result<Option<ProductPayload>> {
        let command = commands::RemoveVariant {
            variant_id: input.variant_id.0,
            expected_version: input.expected_version,
        };
        product_payload(commands::remove_variant(ctx.data()?, command).await)
    }
}
