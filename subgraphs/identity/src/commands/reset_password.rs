//! `passwordResetRequest` and `passwordReset`.

use service::{Ctx, outbox};

use super::{end_sessions, verify};
use crate::{
    domain::{
        Error, Purpose, Rejection, RevocationReason, User, password,
        user::{check_email, normalise_email},
    },
    events::UserPasswordReset,
    security::Security,
    store,
};

/// Sends a letter with which the password can be set anew, if there is an account with that address. The
/// answer does not tell whether there is one.
///
/// # Errors
/// [`Error`]: no address, asked for too often.
pub async fn request_password_reset(ctx: &Ctx, email: &str) -> Result<(), Error> {
    let email = normalise_email(email);
    check_email(&email)?;
    let purpose = Purpose::PasswordReset;
    let user = store::users::find_id_by_email(&ctx.db, &email).await?;
    let mut tx = ctx.begin().await?;
    let user = match user {
        Some(id) => store::users::find_for_update(&mut tx, id).await?,
        None => None,
    };
    verify::count(&mut tx, ctx, &[&email], purpose).await?;
    let user = user.filter(|user| user.is_usable() && user.email.as_ref() == Some(&email));
    if let Some(user) = user {
        verify::begin(&mut tx, ctx, &user, purpose).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What the letter said, and the new password in plain text.
pub struct ResetPassword {
    /// The token of the letter.
    pub token: String,
    /// The password to be.
    pub new_password: String,
}

/// Sets the password anew, ends all sessions and lifts a lockout. The letter also proves the address.
///
/// # Errors
/// [`Error`]: token wrong, used, expired or replaced; a weak password.
pub async fn reset_password(
    ctx: &Ctx,
    security: &Security,
    input: ResetPassword,
) -> Result<User, Error> {
    password::check("newPassword", &input.new_password)?;
    let purpose = Purpose::PasswordReset;
    // Hashing takes long: a token that cannot be right must not cause it.
    let id = security.letters.open(&input.token, purpose);
    let known = match id {
        Some(id) => store::verifications::find(&ctx.db, id).await?,
        None => None,
    };
    if !known.is_some_and(|verification| verification.is_open(ctx.now())) {
        return Err(Rejection::InvalidLetterToken.into());
    }
    let hash = security.passwords.hash(&input.new_password).await?;
    let (mut tx, mut user, verification) =
        verify::open(ctx, security, &input.token, purpose).await?;
    if verification.used_at.is_some() {
        return Err(Rejection::InvalidLetterToken.into());
    }
    store::verifications::mark_used(&mut tx, verification.id, ctx.now()).await?;
    store::credentials::set(&mut tx, user.id, &hash).await?;
    store::credentials::clear_failures(&mut tx, &verification.address).await?;
    verify::confirm_email(&mut tx, ctx, &mut user).await?;
    user.touch(ctx.now());
    store::users::update(&mut tx, &user).await?;
    let event = UserPasswordReset { user_id: user.id };
    outbox::append(&mut tx, ctx, user.id, user.version, &event).await?;
    let reason = RevocationReason::PasswordChanged;
    end_sessions(&mut tx, ctx, user.id, None, reason).await?;
    tx.commit().await?;
    Ok(user)
}
