//! `accountDeletionRequest`, `accountDeletionConfirm` and `accountDeletionCancel`.

use service::{Ctx, outbox};

use super::{erase, lock_self, prove};
use crate::{
    domain::{Error, User},
    events::{UserDeletionCancelled, UserDeletionRequested},
    security::Security,
    store,
};

/// The caller asks for the deletion of their account; they have some days to confirm.
///
/// # Errors
/// [`Error`]: password wrong, locked out, asked already; not logged in.
pub async fn request_deletion(
    ctx: &Ctx,
    security: &Security,
    password: &str,
) -> Result<User, Error> {
    let proof = prove::by_caller(ctx, security, "password", password).await?;
    let mut tx = ctx.begin().await?;
    let mut user = lock_self(&mut tx, ctx).await?;
    proof.settle(&mut tx, ctx).await?;
    user.request_deletion(ctx.now())?;
    store::users::update(&mut tx, &user).await?;
    if let Some(confirm_before) = user.deletion_confirm_before {
        let event = UserDeletionRequested {
            user_id: user.id,
            confirm_before,
        };
        outbox::append(&mut tx, ctx, user.id, user.version, &event).await?;
    }
    tx.commit().await?;
    Ok(user)
}

/// The caller's account is deleted.
///
/// # Errors
/// [`Error`]: password wrong, locked out, not asked for in time, the last administrator; not logged in.
pub async fn confirm_deletion(
    ctx: &Ctx,
    security: &Security,
    password: &str,
) -> Result<User, Error> {
    let proof = prove::by_caller(ctx, security, "password", password).await?;
    let mut tx = ctx.begin().await?;
    let mut user = lock_self(&mut tx, ctx).await?;
    proof.settle(&mut tx, ctx).await?;
    user.confirm_deletion(ctx.now())?;
    erase(&mut tx, ctx, &mut user).await?;
    tx.commit().await?;
    Ok(user)
}

/// The caller takes back the request, if there is one.
///
/// # Errors
/// [`Error`]: not logged in.
pub async fn cancel_deletion(ctx: &Ctx) -> Result<User, Error> {
    let mut tx = ctx.begin().await?;
    let mut user = lock_self(&mut tx, ctx).await?;
    if user.cancel_deletion(ctx.now()) {
        store::users::update(&mut tx, &user).await?;
        let event = UserDeletionCancelled { user_id: user.id };
        outbox::append(&mut tx, ctx, user.id, user.version, &event).await?;
    }
    tx.commit().await?;
    Ok(user)
}
