//! `login`.

use chrono::Duration;
use kernel::UserId;
use service::{Ctx, Transaction, outbox};

use super::{Tokens, end_session, issue::issue, prove};
use crate::{
    domain::{
        Error, RefreshToken, Rejection, RevocationReason, Session, session::MAX_SESSIONS,
        user::normalise_email,
    },
    events::UserLogin,
    security::{RefreshSecret, Security},
    store,
};

/// How long sessions are kept after their end, for the list of revoked ones.
const KEPT_AFTER_END: Duration = Duration::hours(1);

/// Who logs in.
pub struct LogIn {
    /// In any case.
    pub email: String,
    /// In plain text.
    pub password: String,
    /// What the owner calls the device.
    pub device_name: Option<String>,
}

/// Begins a session.
///
/// # Errors
/// [`Error`]: wrong e-mail or password, locked out, disabled, a value that breaks a rule.
pub async fn log_in(ctx: &Ctx, security: &Security, input: LogIn) -> Result<Tokens, Error> {
    let now = ctx.now();
    let email = normalise_email(&input.email);
    let wrong = Rejection::InvalidCredentials;
    let proof = prove::by_email(ctx, security, email, &input.password, wrong).await?;
    let mut tx = ctx.begin().await?;
    let (user, _) = proof.settle(&mut tx, ctx).await?;
    if !user.is_usable() {
        return Err(Rejection::AccountDisabled.into());
    }
    let device_name = input.device_name.as_deref();
    let session = Session::begin(ctx.ids.next(), user.id, device_name, now)?;
    make_room(&mut tx, ctx, user.id).await?;
    store::sessions::insert(&mut tx, &session).await?;
    let secret = RefreshSecret::generate()?;
    let token = RefreshToken {
        hash: secret.hash(),
        session_id: session.id,
        expires_at: session.token_expiry(now),
        used_at: None,
        sealed_successor: None,
    };
    store::tokens::insert(&mut tx, &token).await?;
    let event = UserLogin {
        user_id: user.id,
        session_id: session.id,
    };
    outbox::append(&mut tx, ctx, session.id, session.version, &event).await?;
    let refresh = (&secret, token.expires_at);
    let tokens = issue(&mut tx, ctx, security, (user, &session), refresh).await?;
    tx.commit().await?;
    Ok(tokens)
}

/// Forgets sessions that have long ended and ends the oldest when there are too many.
async fn make_room(tx: &mut Transaction, ctx: &Ctx, user_id: UserId) -> Result<(), Error> {
    let now = ctx.now();
    store::sessions::delete_old(tx, user_id, now - KEPT_AFTER_END).await?;
    let mut live = store::sessions::unrevoked_for_update(tx, user_id).await?;
    live.retain(|session| session.is_live(now));
    let too_many = (live.len() + 1).saturating_sub(MAX_SESSIONS);
    for session in live.iter_mut().take(too_many) {
        end_session(tx, ctx, session, RevocationReason::TooManySessions).await?;
    }
    Ok(())
}
