//! Categories and attributes.

use async_graphql::{Context, Enum, Object, Result};
use chrono::{DateTime, Utc};
use gql::{Connection, GlobalId};
use kernel::markers;

use super::{ProductNode, ProductSortValue, list_args, product_connection};
use crate::{
    domain::{Attribute, AttributeKind, Category},
    graphql::loaders::Loaders,
};

/// What form the values of an attribute have.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "AttributeKind", remote = "AttributeKind")]
pub(crate) enum AttributeKindValue {
    /// Any text, at most 255 characters.
    Text,
    /// A number, with the attribute's unit.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of the attribute's options.
    Enum,
}

pub(crate) struct AttributeNode(pub(crate) Attribute);

/// A typed attribute that categories can have: what can be said about their products.
#[Object(name = "Attribute")]
impl AttributeNode {
    /// Id, begins with `attribute_`.
    async fn id(&self) -> GlobalId<markers::Attribute> {
        self.0.id.into()
    }

    /// Unique name for programs; never changes.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// What to show.
    async fn label(&self) -> &str {
        &self.0.definition.label
    }

    /// Form of its values; never changes.
    async fn kind(&self) -> AttributeKindValue {
        self.0.kind.into()
    }

    /// The unit of a `NUMBER`; null when it has none.
    async fn unit(&self) -> Option<&str> {
        self.0.definition.unit.as_deref()
    }

    /// What an `ENUM` offers, in the order to show, at most 100; empty for other kinds.
    async fn options(&self) -> &[String] {
        &self.0.definition.options
    }

    /// Whether a product needs it to be published.
    async fn is_required(&self) -> bool {
        self.0.definition.is_required
    }

    /// Grows with every change; mutations take it as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

pub(crate) struct CategoryNode(pub(crate) Category);

/// A node of the category tree, which has at most 6 levels.
#[Object(name = "Category")]
impl CategoryNode {
    /// Id, begins with `category_`.
    async fn id(&self) -> GlobalId<markers::Category> {
        self.0.id.into()
    }

    /// Indonesian name.
    async fn name(&self) -> &str {
        &self.0.names.name
    }

    /// English name.
    async fn name_en(&self) -> &str {
        &self.0.names.name_en
    }

    /// Unique name in addresses.
    async fn slug(&self) -> &str {
        &self.0.names.slug
    }

    /// The category above; null at the top.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<CategoryNode>> {
        let Some(id) = self.0.parent_id else {
            return Ok(None);
        };
        let parent = ctx.data::<Loaders>()?.categories.load(id).await;
        Ok(parent.map_err(gql::shared_fault)?.map(CategoryNode))
    }

    /// What is directly below it, by name, at most 100.
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<CategoryNode>> {
        let children = ctx.data::<Loaders>()?.children.load(self.0.id).await;
        let children = children.map_err(gql::shared_fault)?.unwrap_or_default();
        Ok(children.into_iter().map(CategoryNode).collect())
    }

    /// What is above it, the top first, at most 5.
    async fn ancestors(&self, ctx: &Context<'_>) -> Result<Vec<CategoryNode>> {
        let ancestors = ctx.data::<Loaders>()?.ancestors.load(self.0.id).await;
        let ancestors = ancestors.map_err(gql::shared_fault)?.unwrap_or_default();
        Ok(ancestors.into_iter().map(CategoryNode).collect())
    }

    /// What can be said about its products, with what it inherits, by code, at most 300.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<AttributeNode>> {
        let loaders = ctx.data::<Loaders>()?;
        let attributes = loaders.attributes_of_category.load(self.0.id).await;
        let attributes = attributes.map_err(gql::shared_fault)?.unwrap_or_default();
        Ok(attributes.into_iter().map(AttributeNode).collect())
    }

    /// How many products are on the shelf in it and below it; counting stops at 10000.
    async fn product_count(&self, ctx: &Context<'_>) -> Result<i32> {
        let count = ctx.data::<Loaders>()?.product_counts.load(self.0.id).await;
        let count = count.map_err(gql::shared_fault)?.unwrap_or_default();
        Ok(i32::try_from(count)?)
    }

    /// What is on the shelf in it and below it. `first` is at most 100, 20 without it.
    async fn products(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        #[graphql(default)] sort: ProductSortValue,
    ) -> Result<Option<Connection<ProductNode>>> {
        let key = (self.0.id, list_args(first, after, sort)?);
        let page = ctx.data::<Loaders>()?.products_of_category.load(key).await;
        Ok(Some(product_connection(page.map_err(gql::shared_fault)?)))
    }

    /// Grows with every change; mutations take it as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}
