//! Root mutations with their inputs and payloads.

mod category;
mod product;
mod status;
mod variant;

use async_graphql::{InputObject, MaybeUndefined, MergedObject, Result, SimpleObject};
use gql::{UserError, settle};

use super::{types::ProductNode, user_error::user_error};
use crate::domain::{Error, Listing};

/// Root of all mutations of this subgraph.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    product::ProductMutation,
    variant::VariantMutation,
    status::StatusMutation,
    category::CategoryMutation,
    category::AttributeMutation,
);

/// A value of an attribute, by the attribute's code.
#[derive(InputObject)]
pub(crate) struct AttributeValueInput {
    /// The attribute's code.
    pub(crate) code: String,
    /// The value as a text: any text, a number like `12.5`, `true` or `false`, or an option.
    pub(crate) value: String,
}

/// The product after the change, or why it was refused.
#[derive(SimpleObject)]
struct ProductPayload {
    /// The product; null when the change was refused.
    product: Option<ProductNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

fn product_payload(outcome: Result<Listing, Error>) -> Result<Option<ProductPayload>> {
    let (listing, user_errors) = settle(outcome, user_error)?;
    Ok(Some(ProductPayload {
        product: listing.map(ProductNode::from),
        user_errors,
    }))
}

fn attribute_values(values: Vec<AttributeValueInput>) -> Vec<(String, String)> {
    values
        .into_iter()
        .map(|value| (value.code, value.value))
        .collect()
}

/// Left out: `None`, as it is. Null: `Some(None)`, emptied.
fn nullable<T, U: From<T>>(field: MaybeUndefined<T>) -> Option<Option<U>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value.into())),
    }
}
