//! Root query fields.

use async_graphql::{Context, InputObject, Object, Result};
use gql::{Connection, GlobalId, connection, page_request};
use kernel::markers::{Session as SessionMarker, User as UserMarker};
use service::Ctx;

use super::{
    loaders::Loaders,
    types::{RoleCount, RoleNode, StatusCount, UserNode, UserStatistics, UserStatusValue},
};
use crate::queries::{self, UserFilter};

/// Which accounts to list; conditions that are left out do not count.
#[derive(InputObject)]
struct UserWhere {
    /// Only accounts in this state.
    status: Option<UserStatusValue>,
    /// Only accounts with this role, by its name.
    role: Option<String>,
    /// Only accounts whose e-mail address contains this, in any case.
    email_contains: Option<String>,
}

#[derive(Default)]
pub(crate) struct UserQuery;

#[Object]
impl UserQuery {
    /// The account of the caller; null when nobody has logged in.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<UserNode>> {
        let Some(id) = ctx.data::<Ctx>()?.principal.user_id() else {
            return Ok(None);
        };
        let loaded = ctx.data::<Loaders>()?.users.load(id).await;
        Ok(loaded
            .map_err(gql::shared_fault)?
            .map(UserNode::of_somebody))
    }

    /// The account with this id; null when it does not exist. Everybody may read `id`, `displayName`
    /// and `joinedAt`.
    async fn user(&self, ctx: &Context<'_>, id: GlobalId<UserMarker>) -> Result<Option<UserNode>> {
        let loaded = ctx.data::<Loaders>()?.users.load(id.0).await;
        Ok(loaded
            .map_err(gql::shared_fault)?
            .map(UserNode::of_somebody))
    }

    /// Accounts, the newest first. `first` is at most 100, 20 without it. Needs the permission
    /// `read:users` or `manage:users`.
    async fn users(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        r#where: Option<UserWhere>,
    ) -> Result<Option<Connection<UserNode>>> {
        let page = page_request(first, after)?;
        let filter = UserFilter {
            status: r#where.as_ref().and_then(|w| w.status).map(Into::into),
            role: r#where.as_ref().and_then(|w| w.role.clone()),
            email_contains: r#where.and_then(|w| w.email_contains),
        };
        let users = queries::list_users(ctx.data()?, filter, &page).await;
        Ok(Some(connection(
            users.map_err(gql::fault)?,
            UserNode::of_somebody,
        )))
    }

    /// Numbers about all accounts. Needs the permission `read:users` or `manage:users`.
    async fn user_statistics(&self, ctx: &Context<'_>) -> Result<Option<UserStatistics>> {
        let counts = queries::count_users(ctx.data()?)
            .await
            .map_err(gql::fault)?;
        let by_status = counts.by_status.into_iter();
        let by_role = counts.by_role.into_iter();
        Ok(Some(UserStatistics {
            total: counts.total,
            by_status: by_status.map(StatusCount::from).collect(),
            by_role: by_role.map(RoleCount::from).collect(),
            registered_last_30_days: counts.registered_recently,
        }))
    }

    /// All roles with what they allow. Needs the permission `read:users` or `manage:users`.
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<RoleNode>>> {
        let roles = queries::list_roles(ctx.data()?).await.map_err(gql::fault)?;
        Ok(Some(roles.into_iter().map(RoleNode::from).collect()))
    }

    /// The sessions that were ended in the last 16 minutes, for the router only: access tokens of
    /// theirs must not be accepted any more.
    #[graphql(inaccessible)]
    async fn revoked_sessions(&self, ctx: &Context<'_>) -> Result<Vec<GlobalId<SessionMarker>>> {
        let ctx = ctx.data::<Ctx>()?;
        ctx.require_service().map_err(gql::fault)?;
        let sessions = queries::revoked_sessions(&ctx.db, &ctx.clock).await;
        Ok(sessions
            .map_err(gql::fault)?
            .into_iter()
            .map(GlobalId)
            .collect())
    }
}
