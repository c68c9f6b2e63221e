//! Operations for other subgraphs.

use async_graphql::{Context, Object, Result};
use gql::{GlobalId, Snapshot};
use kernel::markers;

use crate::queries;

#[derive(Default)]
pub(crate) struct InternalQuery;

#[Object]
impl InternalQuery {
    /// Stock levels in the order of their ids, as their events tell them and with the state of their
    /// warehouse, for other subgraphs only. `first` is 1 to 500.
    #[graphql(inaccessible)]
    async fn availability_snapshots(
        &self,
        ctx: &Context<'_>,
        after: Option<GlobalId<markers::StockLevel>>,
        #[graphql(validator(minimum = 1, maximum = 500))] first: i32,
    ) -> Result<Vec<Snapshot>> {
        let after = after.map(|id| id.0);
        let levels = queries::list_snapshots(ctx.data()?, after, first).await;
        Snapshot::page(levels, |level| level.stock.stock_level_id)
    }
}
