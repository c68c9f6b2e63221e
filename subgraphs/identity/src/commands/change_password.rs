//! `passwordChange`.

use service::{Ctx, outbox};

use super::{end_sessions, lock_self, prove};
use crate::{
    domain::{Error, Purpose, Rejection, RevocationReason, User, password},
    events::UserPasswordChanged,
    security::Security,
    store,
};

/// Both passwords in plain text.
pub struct ChangePassword {
    /// The one in force.
    pub current_password: String,
    /// The one to be.
    pub new_password: String,
}

/// Changes the caller's password and ends all their other sessions.
///
/// # Errors
/// [`Error`]: current password wrong, locked out, new password weak or the same; not logged in.
pub async fn change_password(
    ctx: &Ctx,
    security: &Security,
    input: ChangePassword,
) -> Result<User, Error> {
    ctx.user()?;
    password::check("newPassword", &input.new_password)?;
    if input.new_password == input.current_password {
        let (field, rule) = ("newPassword", "must differ from the current password");
        return Err(Rejection::Invalid { field, rule }.into());
    }
    let proof = prove::by_caller(ctx, security, "currentPassword", &input.current_password).await?;
    let new_hash = security.passwords.hash(&input.new_password).await?;
    let mut tx = ctx.begin().await?;
    let mut user = lock_self(&mut tx, ctx).await?;
    // A letter that is out must not undo what the owner has just done.
    store::verifications::delete_unused(&mut tx, user.id, Purpose::PasswordReset).await?;
    let (_, hash) = proof.settle(&mut tx, ctx).await?;
    store::credentials::replace(&mut tx, user.id, &hash, &new_hash).await?;
    user.touch(ctx.now());
    store::users::update(&mut tx, &user).await?;
    let event = UserPasswordChanged { user_id: user.id };
    outbox::append(&mut tx, ctx, user.id, user.version, &event).await?;
    let (this, reason) = (ctx.principal.session_id, RevocationReason::PasswordChanged);
    end_sessions(&mut tx, ctx, user.id, this, reason).await?;
    tx.commit().await?;
    Ok(user)
}
