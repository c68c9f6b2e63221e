//! Root query fields.

use async_graphql::{Context, InputObject, Object, Result};
use gql::{Connection, GlobalId, connection, page_request};
use kernel::markers::{Seller as SellerMarker, User as UserMarker};
use service::Ctx;

use super::{
    loaders::Loaders,
    types::{SellerNode, SellerRole, SellerStatusValue},
};
use crate::{
    access,
    queries::{self, SellerFilter},
};

/// Which shops to list.
#[derive(InputObject)]
struct SellerWhere {
    /// Only shops in one of these states (at most 5); without it, all that the caller may see.
    #[graphql(validator(max_items = 5))]
    status: Option<Vec<SellerStatusValue>>,
    /// Only shops in this city, written as the shops write it.
    city: Option<String>,
}

#[derive(Default)]
pub(crate) struct SellerQuery;

#[Object]
impl SellerQuery {
    /// The shop with this id; null when it does not exist or is not for the caller to see.
    async fn seller(
        &self,
        ctx: &Context<'_>,
        id: GlobalId<SellerMarker>,
    ) -> Result<Option<SellerNode>> {
        let seller = ctx
            .data::<Loaders>()?
            .sellers
            .load(id.0)
            .await
            .map_err(gql::shared_fault)?;
        let request = ctx.data::<Ctx>()?;
        Ok(seller
            .filter(|seller| access::may_see(request, seller))
            .map(SellerNode))
    }

    /// The shop with this slug; null when it does not exist or is not for the caller to see.
    async fn seller_by_slug(&self, ctx: &Context<'_>, slug: String) -> Result<Option<SellerNode>> {
        let seller = queries::find_seller_by_slug(ctx.data()?, &slug)
            .await
            .map_err(gql::fault)?;
        Ok(seller.map(SellerNode))
    }

    /// Shops, the newest first. `first` is at most 100, 20 without it.
    async fn sellers(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        r#where: Option<SellerWhere>,
    ) -> Result<Option<Connection<SellerNode>>> {
        let page = page_request(first, after)?;
        let (statuses, city) = r#where
            .map(|w| (w.status.unwrap_or_default(), w.city))
            .unwrap_or_default();
        let statuses = statuses.into_iter().map(Into::into).collect();
        let sellers = queries::list_sellers(ctx.data()?, SellerFilter { statuses, city }, &page)
            .await
            .map_err(gql::fault)?;
        Ok(Some(connection(sellers, SellerNode)))
    }

    /// The role of a person in a shop, for other subgraphs only; null when they do not work there.
    #[graphql(inaccessible)]
    async fn seller_member_role(
        &self,
        ctx: &Context<'_>,
        seller_id: GlobalId<SellerMarker>,
        user_id: GlobalId<UserMarker>,
    ) -> Result<Option<SellerRole>> {
        let role = queries::find_role(ctx.data()?, seller_id.0, user_id.0)
            .await
            .map_err(gql::fault)?;
        Ok(role.map(Into::into))
    }
}
