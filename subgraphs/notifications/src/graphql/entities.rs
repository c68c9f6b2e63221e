//! Reference resolvers: how the router enters this subgraph.

use async_graphql::Object;
use gql::GlobalId;
use kernel::markers::User as UserMarker;

use super::person::UserNode;

#[derive(Default)]
pub(crate) struct NotificationEntities;

#[Object]
impl NotificationEntities {
    #[graphql(entity)]
    async fn find_user_by_id(&self, id: GlobalId<UserMarker>) -> Option<UserNode> {
        Some(UserNode { id: id.0 })
    }
}
