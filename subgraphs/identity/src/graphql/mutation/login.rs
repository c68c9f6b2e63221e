//! Logging in and out, and what keeps a login alive.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use gql::{GlobalId, settle};
use kernel::markers;
use service::Ctx;

use super::{
    super::{
        types::{Session, UserNode},
        user_error::{UserError, user_error},
    },
    security,
};
use crate::{
    commands::{self, Tokens},
    domain::{self, Error},
};

/// Who logs in.
#[derive(InputObject)]
struct LoginInput {
    /// E-mail address, in any case.
    email: String,
    /// Password.
    password: String,
    /// What you call this device, for the list of sessions; at most 100 characters.
    device_name: Option<String>,
}

/// The token to exchange.
#[derive(InputObject)]
struct TokenRefreshInput {
    /// The refresh token of the last answer.
    refresh_token: String,
}

/// A session to end.
#[derive(InputObject)]
struct SessionRevokeInput {
    /// The session.
    session_id: GlobalId<markers::Session>,
}

/// A pair of tokens, or why there is none. Keep both secret.
#[derive(SimpleObject)]
struct TokensPayload {
    /// Send it as `Authorization: Bearer …`; null when refused.
    access_token: Option<String>,
    /// Exchange it by `tokenRefresh`, once, before the access token expires; null when refused.
    refresh_token: Option<String>,
    /// When the access token expires, after 15 minutes.
    expires_at: Option<DateTime<Utc>>,
    /// When the refresh token expires: after 7 days, and 30 days after the login at the latest.
    refresh_expires_at: Option<DateTime<Utc>>,
    /// Whose tokens they are.
    user: Option<UserNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The session after the change, or why it was refused.
#[derive(SimpleObject)]
struct SessionPayload {
    /// The session; null when the change was refused, or when there was none.
    session: Option<Session>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

fn tokens_payload(outcome: Result<Tokens, Error>) -> Result<Option<TokensPayload>> {
    let (tokens, user_errors) = settle(outcome, user_error)?;
    let Some(tokens) = tokens else {
        return Ok(Some(TokensPayload {
            access_token: None,
            refresh_token: None,
            expires_at: None,
            refresh_expires_at: None,
            user: None,
            user_errors,
        }));
    };
    Ok(Some(TokensPayload {
        access_token: Some(tokens.access_token),
        refresh_token: Some(tokens.refresh_token),
        expires_at: Some(tokens.access_expires_at),
        refresh_expires_at: Some(tokens.refresh_expires_at),
        user: Some(UserNode::of_caller(tokens.user)),
        user_errors,
    }))
}

fn session_payload(
    ctx: &Context<'_>,
    outcome: Result<Option<domain::Session>, Error>,
) -> Result<Option<SessionPayload>> {
    let current = ctx.data::<Ctx>()?.principal.session_id;
    let (session, user_errors) = settle(outcome, user_error)?;
    Ok(Some(SessionPayload {
        session: session
            .flatten()
            .map(|session| Session::new(session, current)),
        user_errors,
    }))
}

#[derive(Default)]
pub(crate) struct LoginMutation;

#[Object]
impl LoginMutation {
    /// Begins a session. After 5 wrong passwords in a row the account is locked for 15 minutes. With
    /// 20 sessions the oldest is ended.
    async fn login(&self, ctx: &Context<'_>, input: LoginInput) -> Result<Option<TokensPayload>> {
        let command = commands::LogIn {
            email: input.email,
            password: input.password,
            device_name: input.device_name,
        };
        tokens_payload(commands::log_in(ctx.data()?, security(ctx)?, command).await)
    }

    /// Exchanges a refresh token for the next pair of tokens. Each is good for one exchange; the same
    /// one again within 10 seconds gives the same answer, later it ends the session.
    async fn token_refresh(
        &self,
        ctx: &Context<'_>,
        input: TokenRefreshInput,
    ) -> Result<Option<TokensPayload>> {
        let token = &input.refresh_token;
        tokens_payload(commands::refresh_tokens(ctx.data()?, security(ctx)?, token).await)
    }

    /// Ends the session of this request. Needs a login.
    async fn logout(&self, ctx: &Context<'_>) -> Result<Option<SessionPayload>> {
        session_payload(ctx, commands::log_out(ctx.data()?).await)
    }

    /// Ends a session on another device. For its owner and those who manage accounts.
    async fn session_revoke(
        &self,
        ctx: &Context<'_>,
        input: SessionRevokeInput,
    ) -> Result<Option<SessionPayload>> {
        let session = commands::revoke_session(ctx.data()?, input.session_id.0).await;
        session_payload(ctx, session.map(Some))
    }
}
