//! Operations for other subgraphs.

use async_graphql::{Context, Object, Result};
use gql::{GlobalId, Snapshot};
use kernel::markers;

use crate::queries;

#[derive(Default)]
pub(crate) struct InternalQuery;

#[Object]
impl InternalQuery {
    /// The ratings of products in the order of their ids, as `rating.changed` tells them, for other subgraphs
    /// only. Products that were never reviewed are left out. `first` is 1 to 500.
    #[graphql(inaccessible)]
    async fn rating_snapshots(
        &self,
        ctx: &Context<'_>,
        after: Option<GlobalId<markers::Product>>,
        #[graphql(validator(minimum = 1, maximum = 500))] first: i32,
    ) -> Result<Vec<Snapshot>> {
        let after = after.map(|id| id.0);
        let ratings = queries::list_rating_snapshots(ctx.data()?, after, first).await;
        Snapshot::page(ratings, |rating| rating.product_id)
    }
}
