//! Types that other subgraphs own, with what this one adds.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use gql::GlobalId;
use kernel::{ProductId, SellerId, VariantId, markers};
use service::Ctx;

use super::{StockLevelNode, WarehouseNode, is_insider};
use crate::{
    domain::{Availability, AvailabilityStatus},
    graphql::loaders::Loaders,
};

/// How much can be bought: the sum over all active warehouses of the shop.
#[derive(SimpleObject)]
#[graphql(name = "Availability")]
pub(crate) struct AvailabilityValue {
    /// In a word.
    status: AvailabilityStatusValue,
    /// In units.
    quantity: i32,
}

/// How much can be bought, in a word.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "AvailabilityStatus", remote = "AvailabilityStatus")]
#[expect(clippy::enum_variant_names, reason = "the graph's words")]
pub(crate) enum AvailabilityStatusValue {
    /// More than the low-stock thresholds together.
    InStock,
    /// At most the low-stock thresholds together.
    LowStock,
    /// Nothing.
    OutOfStock,
}

impl From<Option<Availability>> for AvailabilityValue {
    fn from(availability: Option<Availability>) -> Self {
        let availability = availability.unwrap_or(Availability::NONE);
        Self {
            status: availability.status.into(),
            quantity: availability.quantity,
        }
    }
}

/// A product; `catalog` owns and describes it.
pub(crate) struct ProductNode {
    pub(crate) id: ProductId,
}

#[Object(name = "Product")]
impl ProductNode {
    /// Id, begins with `product_`.
    async fn id(&self) -> GlobalId<markers::Product> {
        self.id.into()
    }

    /// How much can be bought: the sum over its variants in all active warehouses.
    async fn availability(&self, ctx: &Context<'_>) -> Result<Option<AvailabilityValue>> {
        let loaders = ctx.data::<Loaders>()?;
        let found = loaders.product_availability.load(self.id).await;
        Ok(Some(found.map_err(gql::shared_fault)?.into()))
    }
}

/// A variant of a product; `catalog` owns and describes it.
pub(crate) struct VariantNode {
    pub(crate) id: VariantId,
}

#[Object(name = "ProductVariant")]
impl VariantNode {
    /// Id, begins with `variant_`.
    async fn id(&self) -> GlobalId<markers::Variant> {
        self.id.into()
    }

    /// How much can be bought: the sum over all active warehouses.
    async fn availability(&self, ctx: &Context<'_>) -> Result<Option<AvailabilityValue>> {
        let loaders = ctx.data::<Loaders>()?;
        let found = loaders.variant_availability.load(self.id).await;
        Ok(Some(found.map_err(gql::shared_fault)?.into()))
    }

    /// What lies where, at most one level for each of the shop's 50 warehouses, by the warehouse's code. For
    /// the people of the shop and the permission `manage:stock`.
    async fn stock(&self, ctx: &Context<'_>) -> Result<Option<Vec<StockLevelNode>>> {
        // Where there are no levels there is no shop to ask about; the answer still needs a login.
        if gql::or_null(ctx, ctx.data::<Ctx>()?.user()).is_none() {
            return Ok(None);
        }
        let levels = ctx.data::<Loaders>()?.variant_levels.load(self.id).await;
        let levels = levels.map_err(gql::shared_fault)?.unwrap_or_default();
        // A variant belongs to one shop.
        if let Some(level) = levels.first()
            && !is_insider(ctx, level.seller_id).await?
        {
            return Ok(None);
        }
        Ok(Some(levels.into_iter().map(StockLevelNode).collect()))
    }
}

/// A shop; `sellers` owns and describes it.
pub(crate) struct SellerNode {
    pub(crate) id: SellerId,
}

#[Object(name = "Seller")]
impl SellerNode {
    /// Id, begins with `seller_`.
    async fn id(&self) -> GlobalId<markers::Seller> {
        self.id.into()
    }

    /// The shop's warehouses, at most 50, by code. For the people of the shop and the permission
    /// `manage:stock`.
    async fn warehouses(&self, ctx: &Context<'_>) -> Result<Option<Vec<WarehouseNode>>> {
        if !is_insider(ctx, self.id).await? {
            return Ok(None);
        }
        let warehouses = ctx.data::<Loaders>()?.shop_warehouses.load(self.id).await;
        let warehouses = warehouses.map_err(gql::shared_fault)?.unwrap_or_default();
        Ok(Some(warehouses.into_iter().map(WarehouseNode).collect()))
    }
}
