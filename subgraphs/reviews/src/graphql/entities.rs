//! Reference resolvers: how the router enters this subgraph. They give `None` for what is not there
//! and never an error, because one error would take the neighbours with it.

use async_graphql::{Context, Object, Result};
use gql::GlobalId;
use kernel::markers;
use service::Ctx;

use super::{
    extensions::{ProductNode, SellerNode, UserNode},
    loaders::Loaders,
    types::ReviewNode,
};
use crate::access;

#[derive(Default)]
pub(crate) struct ReviewEntities;

#[Object]
impl ReviewEntities {
    #[graphql(entity)]
    async fn find_review_by_id(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<markers::Review>,
    ) -> Result<Option<ReviewNode>> {
        let request = ctx.data::<Ctx>()?;
        let review = gql::soft(ctx, ctx.data::<Loaders>()?.reviews.load(id.0).await);
        Ok(review
            .filter(|review| access::may_see(request, review))
            .map(ReviewNode))
    }

    #[graphql(entity)]
    async fn find_product_by_id(&self, id: GlobalId<markers::Product>) -> Option<ProductNode> {
        Some(ProductNode { id: id.0 })
    }

    #[graphql(entity)]
    async fn find_seller_by_id(&self, id: GlobalId<markers::Seller>) -> Option<SellerNode> {
        Some(SellerNode { id: id.0 })
    }

    #[graphql(entity)]
    async fn find_user_by_id(&self, id: GlobalId<markers::User>) -> Option<UserNode> {
        Some(UserNode { id: id.0 })
    }
}
