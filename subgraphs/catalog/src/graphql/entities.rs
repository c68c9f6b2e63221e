//! Reference resolvers: how the router enters this subgraph. They give `None` for what is not there
//! and never an error, because one error would take the neighbours with it.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use gql::GlobalId;
use kernel::{
    Fault, VariantId,
    markers::{Category as CategoryMarker, Product as ProductMarker},
    markers::{Seller as SellerMarker, Variant as VariantMarker},
};
use service::Ctx;

use super::{
    loaders::Loaders,
    types::{CategoryNode, ProductNode, SellerNode, VariantNode},
};
use crate::domain::Variant;

#[derive(Default)]
pub(crate) struct CatalogEntities;

#[Object]
impl CatalogEntities {
    #[graphql(entity)]
    async fn find_product_by_id(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<ProductMarker>,
    ) -> Result<Option<ProductNode>> {
        let loaders = ctx.data::<Loaders>()?;
        let product = loaders.visible_product(ctx.data()?, id.0).await;
        Ok(gql::soft(ctx, product).map(ProductNode::new))
    }

    #[graphql(entity)]
    async fn find_product_variant_by_id(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<VariantMarker>,
    ) -> Result<Option<VariantNode>> {
        let variant = visible_variant(ctx.data()?, ctx.data()?, id.0).await;
        Ok(gql::soft(ctx, variant).map(VariantNode))
    }

    #[graphql(entity)]
    async fn find_category_by_id(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<CategoryMarker>,
    ) -> Result<Option<CategoryNode>> {
        let category = ctx.data::<Loaders>()?.categories.load(id.0).await;
        Ok(gql::soft(ctx, category).map(CategoryNode))
    }

    #[graphql(entity)]
    async fn find_seller_by_id(&self, id: GlobalId<SellerMarker>) -> Option<SellerNode> {
        Some(SellerNode { id: id.0 })
    }
}

/// A variant of a product that the caller may see.
async fn visible_variant(
    ctx: &Ctx,
    loaders: &Loaders,
    id: VariantId,
) -> Result<Option<Variant>, Arc<Fault>> {
    let Some(variant) = loaders.variants.load(id).await? else {
        return Ok(None);
    };
    let product = loaders.visible_product(ctx, variant.product_id).await?;
    Ok(product.map(|_| variant))
}
