//! Reference resolvers: how the router enters this subgraph. They give `None` for what is not there
//! and never an error, because one error would take the neighbours with it.

use async_graphql::{Context, Object, Result};
use gql::GlobalId;
use kernel::markers::{Seller as SellerMarker, User as UserMarker};
use service::Ctx;

use super::{
    loaders::Loaders,
    types::{SellerNode, UserNode},
};
use crate::access;

#[derive(Default)]
pub(crate) struct SellerEntities;

#[Object]
impl SellerEntities {
    #[graphql(entity)]
    async fn find_seller_by_id(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<SellerMarker>,
    ) -> Result<Option<SellerNode>> {
        let request = ctx.data::<Ctx>()?;
        let seller = gql::soft(ctx, ctx.data::<Loaders>()?.sellers.load(id.0).await);
        Ok(seller
            .filter(|seller| access::may_see(request, seller))
            .map(SellerNode))
    }

    #[graphql(entity)]
    async fn find_user_by_id(&self, id: GlobalId<UserMarker>) -> Option<UserNode> {
        Some(UserNode { id: id.0 })
    }
}
