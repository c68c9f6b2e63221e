//! `userRoleGrant` and `userRoleRevoke`.

use kernel::UserId;
use service::{Ctx, outbox};

use super::{MANAGE_USERS, lock_user, refuse_last_admin};
use crate::{
    domain::{Error, Rejection, User, role::ADMIN},
    events::{UserRoleGranted, UserRoleRevoked},
    store,
};

/// Whose role changes, and how.
pub struct ChangeRole {
    /// The account.
    pub user_id: UserId,
    /// Name of the role.
    pub role: String,
    /// Give it, or take it.
    pub granted: bool,
}

/// Gives a role to an account or takes it; again and again is the same as once. It works from the
/// next refresh of the account's tokens on.
///
/// # Errors
/// [`Error`]: no such account or role, deleted, the last administrator; without `manage:users`.
pub async fn change_role(ctx: &Ctx, input: ChangeRole) -> Result<User, Error> {
    ctx.require(MANAGE_USERS)?;
    let (user_id, role, now) = (input.user_id, input.role, ctx.now());
    let mut tx = ctx.begin().await?;
    let mut user = lock_user(&mut tx, user_id).await?;
    user.refuse_deleted()?;
    if input.granted {
        if store::roles::grant(&mut tx, user_id, &role, now).await? {
            user.touch(now);
            store::users::update(&mut tx, &user).await?;
            let event = UserRoleGranted { user_id, role };
            outbox::append(&mut tx, ctx, user_id, user.version, &event).await?;
        }
    } else {
        if !store::roles::exists(&mut tx, &role).await? {
            return Err(Rejection::RoleNotFound.into());
        }
        if role == ADMIN {
            refuse_last_admin(&mut tx, user_id).await?;
        }
        if store::roles::revoke(&mut tx, user_id, &role).await? {
            user.touch(now);
            store::users::update(&mut tx, &user).await?;
            let event = UserRoleRevoked { user_id, role };
            outbox::append(&mut tx, ctx, user_id, user.version, &event).await?;
        }
    }
    tx.commit().await?;
    Ok(user)
}
