//! Operations for other subgraphs.

use async_graphql::{Context, Object, Result, SimpleObject};
use gql::{GlobalId, Snapshot};
use kernel::markers;

use super::types::SellerRole;
use crate::queries;

/// A person's place in a shop, for other subgraphs.
#[derive(SimpleObject)]
#[graphql(inaccessible)]
struct ShopMember {
    /// The shop.
    seller_id: GlobalId<markers::Seller>,
    /// The person.
    user_id: GlobalId<markers::User>,
    /// What they may do there.
    role: SellerRole,
}

#[derive(Default)]
pub(crate) struct InternalQuery;

#[Object]
impl InternalQuery {
    /// The people of shops, for other subgraphs only: of each shop the first first. At most 100 ids; shops
    /// that do not exist have nobody.
    #[graphql(inaccessible)]
    async fn seller_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(max_items = 100))] seller_ids: Vec<GlobalId<markers::Seller>>,
    ) -> Result<Vec<ShopMember>> {
        let ids: Vec<_> = seller_ids.iter().map(|id| id.0).collect();
        let members = queries::list_members(ctx.data()?, &ids).await;
        let members = members.map_err(gql::fault)?.into_iter();
        Ok(members
            .map(|member| ShopMember {
                seller_id: member.seller_id.into(),
                user_id: member.user_id.into(),
                role: member.role.into(),
            })
            .collect())
    }

    /// Shops in the order of their ids, as their events tell them and with their `status`, for other
    /// subgraphs only. `first` is 1 to 500.
    #[graphql(inaccessible)]
    async fn seller_snapshots(
        &self,
        ctx: &Context<'_>,
        after: Option<GlobalId<markers::Seller>>,
        #[graphql(validator(minimum = 1, maximum = 500))] first: i32,
    ) -> Result<Vec<Snapshot>> {
        let after = after.map(|id| id.0);
        let sellers = queries::list_snapshots(ctx.data()?, after, first).await;
        Snapshot::page(sellers, |shop| shop.seller.seller_id)
    }
}
