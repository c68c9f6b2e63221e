//! Reference resolvers: how the router enters this subgraph. They give `None` for what is not there
//! and never an error, because one error would take the neighbours with it.

use async_graphql::{Context, Object, Result};
use gql::GlobalId;
use kernel::markers;

use super::{
    loaders::Loaders,
    types::{ProductNode, SellerNode, VariantNode, WarehouseNode},
};

#[derive(Default)]
pub(crate) struct InventoryEntities;

#[Object]
impl InventoryEntities {
    #[graphql(entity)]
    async fn find_warehouse_by_id(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<markers::Warehouse>,
    ) -> Result<Option<WarehouseNode>> {
        let loaders = ctx.data::<Loaders>()?;
        let Some(warehouse) = gql::soft(ctx, loaders.warehouses.load(id.0).await) else {
            return Ok(None);
        };
        let insider = gql::soft(ctx, loaders.insider.load(warehouse.seller_id).await);
        Ok(insider.map(|()| WarehouseNode(warehouse)))
    }

    #[graphql(entity)]
    async fn find_product_variant_by_id(
        &self,
        id: GlobalId<markers::Variant>,
    ) -> Option<VariantNode> {
        Some(VariantNode { id: id.0 })
    }

    #[graphql(entity)]
    async fn find_product_by_id(&self, id: GlobalId<markers::Product>) -> Option<ProductNode> {
        Some(ProductNode { id: id.0 })
    }

    #[graphql(entity)]
    async fn find_seller_by_id(&self, id: GlobalId<markers::Seller>) -> Option<SellerNode> {
        Some(SellerNode { id: id.0 })
    }
}
