//! `logout` and `sessionRevoke`.

use kernel::SessionId;
use service::Ctx;

use super::{MANAGE_USERS, end_session};
use crate::{
    domain::{Error, Rejection, RevocationReason, Session},
    store,
};

/// Ends the session of the caller's own token; again and again is the same as once. `None` when the
/// token has no session here.
///
/// # Errors
/// [`Error`]: not logged in.
pub async fn log_out(ctx: &Ctx) -> Result<Option<Session>, Error> {
    let user_id = ctx.user()?;
    let Some(session_id) = ctx.principal.session_id else {
        return Ok(None);
    };
    let mut tx = ctx.begin().await?;
    let session = store::sessions::find_for_update(&mut tx, session_id).await?;
    let Some(mut session) = session.filter(|session| session.user_id == user_id) else {
        return Ok(None);
    };
    end_session(&mut tx, ctx, &mut session, RevocationReason::Logout).await?;
    tx.commit().await?;
    Ok(Some(session))
}

/// Ends a session of the caller, or of anybody with `manage:users`.
///
/// # Errors
/// [`Error`]: no such session, or not theirs; not logged in.
pub async fn revoke_session(ctx: &Ctx, session_id: SessionId) -> Result<Session, Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    let session = store::sessions::find_for_update(&mut tx, session_id).await?;
    let may_end = |session: &Session| session.user_id == user_id || ctx.principal.can(MANAGE_USERS);
    let mut session = session.filter(may_end).ok_or(Rejection::SessionNotFound)?;
    end_session(&mut tx, ctx, &mut session, RevocationReason::Revoked).await?;
    tx.commit().await?;
    Ok(session)
}
