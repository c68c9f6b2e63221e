//! What the holder of a session gets.

use chrono::{DateTime, Utc};
use service::{Ctx, Transaction};

use crate::{
    domain::{Error, Session, User},
    security::{AccessToken, Grant, RefreshSecret, Security},
    store,
};

/// A pair of tokens and whose they are.
pub struct Tokens {
    /// Shown with every request.
    pub access_token: String,
    /// When it ends.
    pub access_expires_at: DateTime<Utc>,
    /// Exchanged once for the next pair.
    pub refresh_token: String,
    /// When it ends.
    pub refresh_expires_at: DateTime<Utc>,
    /// The account.
    pub user: User,
}

/// Signs an access token for what the account's roles allow at this moment, and puts it beside the
/// refresh token.
pub(super) async fn issue(
    tx: &mut Transaction,
    ctx: &Ctx,
    security: &Security,
    (user, session): (User, &Session),
    (secret, refresh_expires_at): (&RefreshSecret, DateTime<Utc>),
) -> Result<Tokens, Error> {
    let (mut roles, mut permissions) = (Vec::new(), Vec::new());
    for role in store::roles::of_user(tx, user.id).await? {
        roles.push(role.name);
        permissions.extend(role.permissions);
    }
    permissions.sort();
    permissions.dedup();
    let grant = Grant {
        user_id: user.id,
        session_id: session.id,
        roles,
        permissions,
    };
    let AccessToken { text, expires_at } =
        security.tokens.issue(&grant, ctx.ids.uuid(), ctx.now())?;
    Ok(Tokens {
        access_token: text,
        access_expires_at: expires_at,
        refresh_token: secret.text(),
        refresh_expires_at,
        user,
    })
}
