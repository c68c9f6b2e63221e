//! Root query fields.

use async_graphql::{Context, Object, Result};
use gql::{Connection, GlobalId, connection, page_request};
use kernel::markers;
use service::Ctx;

use super::{loaders::Loaders, types::ReviewNode};
use crate::{access, queries};

#[derive(Default)]
pub(crate) struct ReviewQuery;

#[Object]
impl ReviewQuery {
    /// The review with this id; null when it does not exist or is not for the caller to see.
    async fn review(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<markers::Review>,
    ) -> Result<Option<ReviewNode>> {
        let review = ctx
            .data::<Loaders>()?
            .reviews
            .load(id.0)
            .await
            .map_err(gql::shared_fault)?;
        let request = ctx.data::<Ctx>()?;
        Ok(review
            .filter(|review| access::may_see(request, review))
            .map(ReviewNode))
    }

    /// The reviews that wait for a moderator, the longest waiting first. `first` is at most 100, 20
    /// without it. Needs the permission `moderate:reviews`.
    async fn review_moderation_queue(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<Connection<ReviewNode>>> {
        let page = page_request(first, after)?;
        let reviews = queries::list_held(ctx.data()?, &page)
            .await
            .map_err(gql::fault)?;
        Ok(Some(connection(reviews, ReviewNode)))
    }
}
