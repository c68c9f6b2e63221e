//! `userBootstrap`: the first administrator, and demo people with roles.

use service::Ctx;

use super::register_user::{RegisterUser, prepare, save};
use crate::{
    domain::{Error, User, role::CUSTOMER},
    security::Security,
};

/// An account with roles.
pub struct BootstrapUser {
    /// What every account needs.
    pub account: RegisterUser,
    /// Roles besides the one that everybody has.
    pub roles: Vec<String>,
}

/// Registers an account with roles, on behalf of a part of Pasar: there must be a first administrator
/// before anybody can make one.
///
/// # Errors
/// [`Error`]: as for registration, or an unknown role; `FORBIDDEN` unless a part of Pasar asks.
pub async fn bootstrap_user(
    ctx: &Ctx,
    security: &Security,
    input: BootstrapUser,
) -> Result<User, Error> {
    ctx.require_service()?;
    let mut roles = vec![CUSTOMER.to_owned()];
    for role in input.roles {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let (mut user, hash) = prepare(ctx, security, input.account).await?;
    // Whoever vouches for the roles vouches for the address.
    user.email_verified_at = Some(user.created_at);
    let mut tx = ctx.begin().await?;
    save(&mut tx, ctx, &user, &hash, roles).await?;
    tx.commit().await?;
    Ok(user)
}
