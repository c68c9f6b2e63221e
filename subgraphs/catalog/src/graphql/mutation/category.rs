//! The category tree and its attributes.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use gql::{GlobalId, UserError, settle};
use kernel::markers;
use service::Ctx;

use super::nullable;
use crate::{
    commands,
    domain::{Attribute, Category, CategoryNames, Definition, Error},
    graphql::{
        types::{AttributeKindValue, AttributeNode, CategoryNode},
        user_error::user_error,
    },
};

/// What a new category is made of.
#[derive(InputObject)]
struct CategoryCreateInput {
    /// The category above; null or left out for the top. The tree has at most 6 levels, and at most 100
    /// categories are directly below one.
    parent_id: Option<GlobalId<markers::Category>>,
    /// Unique name in addresses: 3 to 120 lower-case letters, digits and single hyphens.
    slug: String,
    /// Indonesian name, 2 to 80 characters.
    name: String,
    /// English name, 2 to 80 characters.
    name_en: String,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// What to change of a category; fields left out stay as they are.
#[derive(InputObject)]
struct CategoryUpdateInput {
    /// The category.
    category_id: GlobalId<markers::Category>,
    /// The version that was read.
    expected_version: i32,
    /// Unique name in addresses: 3 to 120 lower-case letters, digits and single hyphens.
    slug: Option<String>,
    /// Indonesian name, 2 to 80 characters.
    name: Option<String>,
    /// English name, 2 to 80 characters.
    name_en: Option<String>,
}

/// Where a category goes.
#[derive(InputObject)]
struct CategoryMoveInput {
    /// The category.
    category_id: GlobalId<markers::Category>,
    /// The version that was read.
    expected_version: i32,
    /// The category above; null or left out for the top.
    parent_id: Option<GlobalId<markers::Category>>,
}

/// A category to delete.
#[derive(InputObject)]
struct CategoryDeleteInput {
    /// The category.
    category_id: GlobalId<markers::Category>,
    /// The version that was read.
    expected_version: i32,
}

/// A category and an attribute.
#[derive(InputObject)]
struct CategoryAttributeInput {
    /// The category.
    category_id: GlobalId<markers::Category>,
    /// The attribute.
    attribute_id: GlobalId<markers::Attribute>,
}

/// What a new attribute is made of.
#[derive(InputObject)]
struct AttributeCreateInput {
    /// Unique name for programs: 1 to 40 lower-case letters, digits and underscores.
    code: String,
    /// Form of its values; cannot be changed later.
    kind: AttributeKindValue,
    /// What to show, 1 to 80 characters.
    label: String,
    /// The unit of a `NUMBER`, 1 to 20 characters.
    unit: Option<String>,
    /// What an `ENUM` offers, in the order to show: 1 to 100 of 1 to 80 characters.
    #[graphql(default, validator(max_items = 100))]
    options: Vec<String>,
    /// Whether a product needs it to be published.
    #[graphql(default)]
    is_required: bool,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// What to change of an attribute; fields left out stay as they are.
#[derive(InputObject)]
struct AttributeUpdateInput {
    /// The attribute.
    attribute_id: GlobalId<markers::Attribute>,
    /// The version that was read.
    expected_version: i32,
    /// What to show, 1 to 80 characters.
    label: Option<String>,
    /// The unit of a `NUMBER`, 1 to 20 characters; null removes it.
    unit: MaybeUndefined<String>,
    /// What an `ENUM` offers, instead of all: 1 to 100 of 1 to 80 characters.
    #[graphql(validator(max_items = 100))]
    options: Option<Vec<String>>,
    /// Whether a product needs it to be published.
    is_required: Option<bool>,
}

/// The category after the change, or why it was refused.
#[derive(SimpleObject)]
struct CategoryPayload {
    /// The category; null when the change was refused.
    category: Option<CategoryNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The category that is gone, or why it is not.
#[derive(SimpleObject)]
struct CategoryDeletePayload {
    /// Its id; null when the change was refused.
    deleted_category_id: Option<GlobalId<markers::Category>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The attribute after the change, or why it was refused.
#[derive(SimpleObject)]
struct AttributePayload {
    /// The attribute; null when the change was refused.
    attribute: Option<AttributeNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

fn category_payload(outcome: Result<Category, Error>) -> Result<Option<CategoryPayload>> {
    let (category, user_errors) = settle(outcome, user_error)?;
    Ok(Some(CategoryPayload {
        category: category.map(CategoryNode),
        user_errors,
    }))
}

fn attribute_payload(outcome: Result<Attribute, Error>) -> Result<Option<AttributePayload>> {
    let (attribute, user_errors) = settle(outcome, user_error)?;
    Ok(Some(AttributePayload {
        attribute: attribute.map(AttributeNode),
        user_errors,
    }))
}

#[derive(Default)]
pub(crate) struct CategoryMutation;

#[Object]
impl CategoryMutation {
    /// Creates a category. Needs the permission `manage:catalog`.
    async fn category_create(
        &self,
        ctx: &Context<'_>,
        input: CategoryCreateInput,
    ) -> Result<Option<CategoryPayload>> {
        let command = commands::CreateCategory {
            parent_id: input.parent_id.map(|id| id.0),
            names: CategoryNames {
                slug: input.slug,
                name: input.name,
                name_en: input.name_en,
            },
        };
        category_payload(
            commands::create_category(ctx.data()?, &input.idempotency_key, command).await,
        )
    }

    /// Changes how a category is called. Needs the permission `manage:catalog`.
    async fn category_update(
        &self,
        ctx: &Context<'_>,
        input: CategoryUpdateInput,
    ) -> Result<Option<CategoryPayload>> {
        let command = commands::UpdateCategory {
            category_id: input.category_id.0,
            expected_version: input.expected_version,
            slug: input.slug,
            name: input.name,
            name_en: input.name_en,
        };
        category_payload(commands::update_category(ctx.data()?, command).await)
    }

    /// Hangs a category, with all below it, under another one. Needs the permission `manage:catalog`.
    async fn category_move(
        &self,
        ctx: &Context<'_>,
        input: CategoryMoveInput,
    ) -> Result<Option<CategoryPayload>> {
        let command = commands::MoveCategory {
            category_id: input.category_id.0,
            expected_version: input.expected_version,
            parent_id: input.parent_id.map(|id| id.0),
        };
        category_payload(commands::move_category(ctx.data()?, command).await)
    }

    /// Deletes a category without products and without categories below it. Needs the permission
    /// `manage:catalog`.
    async fn category_delete(
        &self,
        ctx: &Context<'_>,
        input: CategoryDeleteInput,
    ) -> Result<Option<CategoryDeletePayload>> {
        let command = commands::DeleteCategory {
            category_id: input.category_id.0,
            expected_version: input.expected_version,
        };
        let outcome = commands::delete_category(ctx.data()?, command).await;
        let (id, user_errors) = settle(outcome, user_error)?;
        Ok(Some(CategoryDeletePayload {
            deleted_category_id: id.map(Into::into),
            user_errors,
        }))
    }

    /// Gives an attribute to a category and all below it; nothing happens when it has it. Needs the
    /// permission `manage:catalog`.
    async fn category_attribute_attach(
        &self,
        ctx: &Context<'_>,
        input: CategoryAttributeInput,
    ) -> Result<Option<CategoryPayload>> {
        category_payload(set_attribute(ctx.data()?, &input, true).await)
    }

    /// Takes an attribute from a category; nothing happens when it does not have it. Values that
    /// products have stay. Needs the permission `manage:catalog`.
    async fn category_attribute_detach(
        &self,
        ctx: &Context<'_>,
        input: CategoryAttributeInput,
    ) -> Result<Option<CategoryPayload>> {
        category_payload(set_attribute(ctx.data()?, &input, false).await)
    }
}

async fn set_attribute(
    ctx: &Ctx,
    input: &CategoryAttributeInput,
    attached: bool,
) -> Result<Category, Error> {
    let command = commands::SetCategoryAttribute {
        category_id: input.category_id.0,
        attribute_id: input.attribute_id.0,
        attached,
    };
    commands::set_category_attribute(ctx, command).await
}

#[derive(Default)]
pub(crate) struct AttributeMutation;

#[Object]
impl AttributeMutation {
    /// Creates an attribute. Needs the permission `manage:catalog`.
    async fn attribute_create(
        &self,
        ctx: &Context<'_>,
        input: AttributeCreateInput,
    ) -> Result<Option<AttributePayload>> {
        let command = commands::CreateAttribute {
            code: input.code,
            kind: input.kind.into(),
            definition: Definition {
                label: input.label,
                unit: input.unit,
                options: input.options,
                is_required: input.is_required,
            },
        };
        attribute_payload(
            commands::create_attribute(ctx.data()?, &input.idempotency_key, command).await,
        )
    }

    /// Changes what an attribute asks for. Values that products have stay. Needs the permission
    /// `manage:catalog`.
    async fn attribute_update(
        &self,
        ctx: &Context<'_>,
        input: AttributeUpdateInput,
    ) -> Result<Option<AttributePayload>> {
        let command = commands::UpdateAttribute {
            attribute_id: input.attribute_id.0,
            expected_version: input.expected_version,
            label: input.label,
            unit: nullable(input.unit),
            options: input.options,
            is_required: input.is_required,
        };
        attribute_payload(commands::update_attribute(ctx.data()?, command).await)
    }
}
