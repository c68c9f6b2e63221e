//! Reference resolvers: how the router enters this subgraph. They give `None` for what is not there
//! and never an error, because one error would take the neighbours with it.

use async_graphql::{Context, Object, Result};
use gql::GlobalId;
use kernel::markers::User as UserMarker;

use super::{loaders::Loaders, types::UserNode};

#[derive(Default)]
pub(crate) struct UserEntities;

#[Object]
impl UserEntities {
    #[graphql(entity)]
    async fn find_user_by_id(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<UserMarker>,
    ) -> Result<Option<UserNode>> {
        let user = gql::soft(ctx, ctx.data::<Loaders>()?.users.load(id.0).await);
        Ok(user.map(UserNode::of_somebody))
    }
}
