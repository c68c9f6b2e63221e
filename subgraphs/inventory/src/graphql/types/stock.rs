//! What lies where.

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use gql::{Connection, GlobalId, Int64, connection, page_request};
use kernel::{Page, markers};

use super::{ProductNode, VariantNode, WarehouseNode, movement::StockMovement};
use crate::{
    domain::{Difference, Reconciliation, StockLevel},
    graphql::loaders::Loaders,
};

pub(crate) struct StockLevelNode(pub(crate) StockLevel);

/// The stock of one variant in one warehouse. For the people of the shop and the permission `manage:stock`.
#[Object(name = "StockLevel")]
impl StockLevelNode {
    /// Id, begins with `stock_`.
    async fn id(&self) -> GlobalId<markers::StockLevel> {
        self.0.id.into()
    }

    /// The variant.
    async fn variant(&self) -> Option<VariantNode> {
        Some(VariantNode {
            id: self.0.place.variant_id,
        })
    }

    /// The product of the variant.
    async fn product(&self) -> Option<ProductNode> {
        Some(ProductNode {
            id: self.0.product_id,
        })
    }

    /// The warehouse.
    async fn warehouse(&self, ctx: &Context<'_>) -> Result<Option<WarehouseNode>> {
        let loaders = ctx.data::<Loaders>()?;
        let warehouse = loaders.warehouses.load(self.0.place.warehouse_id).await;
        Ok(warehouse.map_err(gql::shared_fault)?.map(WarehouseNode))
    }

    /// Units on hand, 0 to 1000000.
    async fn quantity(&self) -> i32 {
        self.0.quantity
    }

    /// At or below this an alert is raised; 5 until the shop chooses.
    async fn low_stock_threshold(&self) -> i32 {
        self.0.low_stock_threshold
    }

    /// Grows with every event; `stockThresholdSet` takes it as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// The ledger: every change of the quantity, the newest first. `first` is at most 100, 20 without it.
    async fn movements(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Connection<StockMovement>> {
        let page = page_request(first, after)?;
        // Here, so that a wrong cursor fails this field and not all that are loaded with it.
        page.after::<i32>().map_err(|e| gql::fault(e.into()))?;
        let loaders = ctx.data::<Loaders>()?;
        let movements = loaders.movements.load((self.0.id, page)).await;
        let movements = movements.map_err(gql::shared_fault)?;
        Ok(connection(
            movements.unwrap_or_else(Page::empty),
            StockMovement::from,
        ))
    }
}

/// What a comparison of a shop's stock with its ledger found.
#[derive(SimpleObject)]
pub(crate) struct StockReconciliation {
    /// How many stock levels were compared.
    checked: i32,
    /// Those that are not what their ledger says, at most 100; empty when all is well.
    differences: Vec<StockDifference>,
}

/// A stock level that is not what its ledger says.
#[derive(SimpleObject)]
pub(crate) struct StockDifference {
    /// The level, with the quantity that it claims.
    stock_level: StockLevelNode,
    /// The quantity that its movements make.
    recorded_quantity: Int64,
}

impl From<Reconciliation> for StockReconciliation {
    fn from(found: Reconciliation) -> Self {
        let differences = found.differences.into_iter();
        Self {
            checked: found.checked,
            differences: differences.map(StockDifference::from).collect(),
        }
    }
}

impl From<Difference> for StockDifference {
    fn from(difference: Difference) -> Self {
        Self {
            stock_level: StockLevelNode(difference.level),
            recorded_quantity: Int64(difference.recorded),
        }
    }
}
