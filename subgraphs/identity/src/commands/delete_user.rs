//! `userDelete`.

use kernel::UserId;
use service::Ctx;

use super::{MANAGE_USERS, erase, lock_user};
use crate::domain::{Error, User};

/// Deletes somebody's account at once; again and again is the same as once.
///
/// # Errors
/// [`Error`]: no such account, the last administrator; without `manage:users`.
pub async fn delete_user(ctx: &Ctx, user_id: UserId) -> Result<User, Error> {
    ctx.require(MANAGE_USERS)?;
    let mut tx = ctx.begin().await?;
    let mut user = lock_user(&mut tx, user_id).await?;
    erase(&mut tx, ctx, &mut user).await?;
    tx.commit().await?;
    Ok(user)
}
