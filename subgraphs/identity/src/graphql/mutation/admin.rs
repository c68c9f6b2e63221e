//! What the marketplace does with accounts.

use async_graphql::{Context, InputObject, Object, Result};
use gql::GlobalId;
use kernel::markers;

use super::{UserPayload, own_payload, security, user_payload};
use crate::commands::{self, BootstrapUser, ChangeRole, RegisterUser};

/// Whose role to change.
#[derive(InputObject)]
struct UserRoleInput {
    /// The account.
    user_id: GlobalId<markers::User>,
    /// Name of the role.
    role: String,
}

/// An account to change.
#[derive(InputObject)]
struct UserInput {
    /// The account.
    user_id: GlobalId<markers::User>,
}

/// An account with roles.
#[derive(InputObject)]
#[graphql(inaccessible)]
struct UserBootstrapInput {
    /// E-mail address; upper and lower case are the same.
    email: String,
    /// 8 to 128 characters with upper case, lower case, a digit and a special character.
    password: String,
    /// First name, or the only one; 1 to 80 characters.
    first_name: String,
    /// Everything after the first name, at most 80 characters.
    last_name: Option<String>,
    /// Names of roles besides `customer` (at most 10).
    #[graphql(validator(max_items = 10))]
    roles: Vec<String>,
}

#[derive(Default)]
pub(crate) struct AdminMutation;

#[Object]
impl AdminMutation {
    /// Gives a role to an account; it works from the next refresh of the account's tokens on. Needs the
    /// permission `manage:users`.
    async fn user_role_grant(
        &self,
        ctx: &Context<'_>,
        input: UserRoleInput,
    ) -> Result<Option<UserPayload>> {
        user_payload(commands::change_role(ctx.data()?, change_role(input, true)).await)
    }

    /// Takes a role from an account; it works from the next refresh of the account's tokens on. The last
    /// administrator stays one. Needs the permission `manage:users`.
    async fn user_role_revoke(
        &self,
        ctx: &Context<'_>,
        input: UserRoleInput,
    ) -> Result<Option<UserPayload>> {
        user_payload(commands::change_role(ctx.data()?, change_role(input, false)).await)
    }

    /// Closes an account and ends its sessions. Needs the permission `manage:users`.
    async fn user_disable(
        &self,
        ctx: &Context<'_>,
        input: UserInput,
    ) -> Result<Option<UserPayload>> {
        user_payload(commands::set_disabled(ctx.data()?, input.user_id.0, true).await)
    }

    /// Opens a closed account again. Needs the permission `manage:users`.
    async fn user_enable(
        &self,
        ctx: &Context<'_>,
        input: UserInput,
    ) -> Result<Option<UserPayload>> {
        user_payload(commands::set_disabled(ctx.data()?, input.user_id.0, false).await)
    }

    /// Deletes an account at once: personal data is erased, all sessions end. Needs the permission
    /// `manage:users`.
    async fn user_delete(
        &self,
        ctx: &Context<'_>,
        input: UserInput,
    ) -> Result<Option<UserPayload>> {
        user_payload(commands::delete_user(ctx.data()?, input.user_id.0).await)
    }

    /// Registers an account with roles, for parts of Pasar only: the first administrator and demo data.
    #[graphql(inaccessible)]
    async fn user_bootstrap(
        &self,
        ctx: &Context<'_>,
        input: UserBootstrapInput,
    ) -> Result<Option<UserPayload>> {
        let account = RegisterUser {
            email: input.email,
            password: input.password,
            first_name: input.first_name,
            last_name: input.last_name,
            phone: None,
        };
        let roles = input.roles;
        let command = BootstrapUser { account, roles };
        own_payload(commands::bootstrap_user(ctx.data()?, security(ctx)?, command).await)
    }
}

fn change_role(input: UserRoleInput, granted: bool) -> ChangeRole {
    ChangeRole {
        user_id: input.user_id.0,
        role: input.role,
        granted,
    }
}
