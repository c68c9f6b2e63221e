//! `tokenRefresh`.

use kernel::{Fault, SessionId};
use service::{Ctx, Transaction};

use super::{Tokens, end_session, issue::issue};
use crate::{
    domain::{Error, Presented, RefreshToken, Rejection, RevocationReason, Session, User},
    security::{RefreshSecret, Security},
    store,
};

/// Exchanges a refresh token for the next pair of tokens.
///
/// # Errors
/// [`Error`]: a token that is unknown, expired, or used before; the last also ends the session.
pub async fn refresh_tokens(ctx: &Ctx, security: &Security, token: &str) -> Result<Tokens, Error> {
    let now = ctx.now();
    let secret = RefreshSecret::parse(token).ok_or(Rejection::InvalidToken)?;
    let mut tx = ctx.begin().await?;
    let (mut session, token) = lock(&mut tx, &secret).await?;
    let (successor, issued_at) = match token.judge(&session, now) {
        Presented::Dead => return Err(Rejection::InvalidToken.into()),
        Presented::Reused => {
            // Must be kept although the answer is a refusal.
            end_session(&mut tx, ctx, &mut session, RevocationReason::TokenReused).await?;
            tx.commit().await?;
            tracing::warn!(session.id = %session.id, "a used refresh token came back: session ended");
            return Err(Rejection::InvalidToken.into());
        }
        Presented::Repeated(sealed) => (secret.open(sealed), token.used_at.unwrap_or(now)),
        Presented::Fresh => {
            session.refreshed(now);
            (rotate(&mut tx, ctx, &session, &secret).await?, now)
        }
    };
    let user = store::users::find(&mut tx, session.user_id).await?;
    let user = user
        .filter(User::is_usable)
        .ok_or(Rejection::InvalidToken)?;
    let refresh = (&successor, session.token_expiry(issued_at));
    let tokens = issue(&mut tx, ctx, security, (user, &session), refresh).await?;
    tx.commit().await?;
    Ok(tokens)
}

/// Locks the session of a token, then reads the token: another request may just have used it.
async fn lock(
    tx: &mut Transaction,
    secret: &RefreshSecret,
) -> Result<(Session, RefreshToken), Error> {
    let hash = secret.hash();
    let session_id: Option<SessionId> = store::tokens::find(tx, &hash)
        .await?
        .map(|token| token.session_id);
    let session_id = session_id.ok_or(Rejection::InvalidToken)?;
    let session = store::sessions::find_for_update(tx, session_id).await?;
    let token = store::tokens::find(tx, &hash).await?;
    Ok(session.zip(token).ok_or(Rejection::InvalidToken)?)
}

async fn rotate(
    tx: &mut Transaction,
    ctx: &Ctx,
    session: &Session,
    secret: &RefreshSecret,
) -> Result<RefreshSecret, Fault> {
    let now = ctx.now();
    let successor = RefreshSecret::generate()?;
    let sealed = secret.seal(&successor);
    store::tokens::mark_used(tx, session.id, &secret.hash(), &sealed, now).await?;
    let next = RefreshToken {
        hash: successor.hash(),
        session_id: session.id,
        expires_at: session.token_expiry(now),
        used_at: None,
        sealed_successor: None,
    };
    store::tokens::insert(tx, &next).await?;
    store::sessions::update(tx, session).await?;
    Ok(successor)
}
