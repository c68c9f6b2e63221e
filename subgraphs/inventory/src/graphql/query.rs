//! Root query fields.

use async_graphql::{Context, InputObject, Object, Result};
use gql::{Connection, GlobalId, connection, page_request};
use kernel::markers;

use super::{
    loaders::Loaders,
    types::{StockAlertNode, StockAlertStatus, StockLevelNode, StockReconciliation, WarehouseNode},
};
use crate::{domain::Place, queries};

/// Which alerts to list.
#[derive(InputObject)]
struct StockAlertWhere {
    /// Only alerts in one of these states (at most 3); without it, all.
    #[graphql(validator(max_items = 3))]
    status: Option<Vec<StockAlertStatus>>,
}

#[derive(Default)]
pub(crate) struct InventoryQuery;

#[Object]
impl InventoryQuery {
    /// The stock of a variant in a warehouse; null when there has never been any or it is not for the caller
    /// to see. For the people of the shop and the permission `manage:stock`.
    async fn stock_level(
        &self,
        ctx: &Context<'_>,
        variant_id: GlobalId<markers::Variant>,
        warehouse_id: GlobalId<markers::Warehouse>,
    ) -> Result<Option<StockLevelNode>> {
        let place = Place {
            variant_id: variant_id.0,
            warehouse_id: warehouse_id.0,
        };
        let level = queries::find_level(ctx.data()?, place)
            .await
            .map_err(gql::fault)?;
        Ok(level.map(StockLevelNode))
    }

    /// The warehouse with this id; null when it does not exist or is not for the caller to see. For the
    /// people of the shop and the permission `manage:stock`.
    async fn warehouse(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<markers::Warehouse>,
    ) -> Result<Option<WarehouseNode>> {
        let loaders = ctx.data::<Loaders>()?;
        let warehouse = loaders.warehouses.load(id.0).await;
        let Some(warehouse) = warehouse.map_err(gql::shared_fault)? else {
            return Ok(None);
        };
        let insider = loaders.insider.load(warehouse.seller_id).await;
        let insider = insider.map_err(gql::shared_fault)?;
        Ok(insider.map(|()| WarehouseNode(warehouse)))
    }

    /// The stock alerts of a shop, the newest first. `first` is at most 100, 20 without it. For the people of
    /// the shop and the permission `manage:stock`.
    async fn stock_alerts(
        &self,
        ctx: &Context<'_>,
        seller_id: GlobalId<markers::Seller>,
        first: Option<i32>,
        after: Option<String>,
        r#where: Option<StockAlertWhere>,
    ) -> Result<Option<Connection<StockAlertNode>>> {
        let page = page_request(first, after)?;
        let statuses = r#where.and_then(|w| w.status).unwrap_or_default();
        let statuses: Vec<_> = statuses.into_iter().map(Into::into).collect();
        let alerts = queries::list_alerts(ctx.data()?, seller_id.0, &statuses, &page)
            .await
            .map_err(gql::fault)?;
        Ok(Some(connection(alerts, StockAlertNode)))
    }

    /// Computes the stock of a shop again from its movements and tells where it differs. For the people of
    /// the shop and the permission `manage:stock`.
    async fn stock_reconcile(
        &self,
        ctx: &Context<'_>,
        seller_id: GlobalId<markers::Seller>,
    ) -> Result<Option<StockReconciliation>> {
        let found = queries::reconcile(ctx.data()?, seller_id.0)
            .await
            .map_err(gql::fault)?;
        Ok(Some(found.into()))
    }
}
