//! `userDisable` and `userEnable`.

use kernel::UserId;
use service::{Ctx, outbox};

use super::{MANAGE_USERS, end_sessions, lock_user, refuse_last_admin};
use crate::{
    domain::{Error, RevocationReason, User},
    events::{UserDisabled, UserEnabled},
    store,
};

/// Closes an account and ends its sessions, or opens it again.
///
/// # Errors
/// [`Error`]: no such account, deleted, the last administrator; without `manage:users`.
pub async fn set_disabled(ctx: &Ctx, user_id: UserId, disabled: bool) -> Result<User, Error> {
    ctx.require(MANAGE_USERS)?;
    let mut tx = ctx.begin().await?;
    let mut user = lock_user(&mut tx, user_id).await?;
    if disabled && user.disable(ctx.now())? {
        refuse_last_admin(&mut tx, user_id).await?;
        store::users::update(&mut tx, &user).await?;
        let event = UserDisabled { user_id };
        outbox::append(&mut tx, ctx, user_id, user.version, &event).await?;
        let reason = RevocationReason::AccountDisabled;
        end_sessions(&mut tx, ctx, user_id, None, reason).await?;
    } else if !disabled && user.enable(ctx.now())? {
        store::users::update(&mut tx, &user).await?;
        let event = UserEnabled { user_id };
        outbox::append(&mut tx, ctx, user_id, user.version, &event).await?;
    }
    tx.commit().await?;
    Ok(user)
}
