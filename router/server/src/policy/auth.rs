//! Who asks: nobody, or the user of a valid bearer token. A bad token is refused, never ignored.

use std::sync::Arc;

use http::{HeaderMap, StatusCode, header};
use kernel::{Principal, UserId};
use process::jwt::{Pass, TokenError};
use router_engine::ErrorCode;

use crate::{
    RouterState,
    graphql::{Refusal, reject},
};

const HOW: &str = "send `Authorization: Bearer <access token>`, once";

/// Who asks, for as long as a connection lasts.
#[derive(Clone)]
pub(crate) struct Caller {
    principal: Arc<Principal>,
    pass: Option<Pass>,
}

impl Caller {
    pub(crate) fn principal(&self) -> Arc<Principal> {
        Arc::clone(&self.principal)
    }

    pub(crate) fn user(&self) -> Option<UserId> {
        self.principal.user_id()
    }

    /// Whether the caller's token is still accepted. Nobody in particular always is.
    pub(crate) fn recheck(&self, state: &RouterState) -> Result<(), TokenError> {
        self.pass
            .as_ref()
            .map_or(Ok(()), |pass| state.auth.recheck(pass))
    }
}

/// The caller of a request.
pub(crate) async fn caller(state: &RouterState, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = given.next() else {
        return Ok(Caller {
            principal: Arc::clone(&state.anonymous),
            pass: None,
        });
    };
    match (first.to_str(), given.next()) {
        (Ok(value), None) => bearer(state, value).await.map_err(NotAccepted::refusal),
        _ => Err(NotAccepted::Malformed.refusal()),
    }
}

/// The caller that the value of an `Authorization` header speaks for.
pub(crate) async fn bearer(state: &RouterState, value: &str) -> Result<Caller, NotAccepted> {
    let token = value
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .ok_or(NotAccepted::Malformed)?
        .1;
    let pass = state
        .auth
        .pass(token.trim())
        .await
        .map_err(NotAccepted::Token)?;
    Ok(Caller {
        principal: Arc::clone(pass.principal()),
        pass: Some(pass),
    })
}

/// Why nobody can be made of the value of an `Authorization` header.
pub(crate) enum NotAccepted {
    Malformed,
    Token(TokenError),
}

impl NotAccepted {
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Malformed => HOW.to_owned(),
            Self::Token(error) => error.to_string(),
        }
    }

    fn refusal(self) -> Refusal {
        let message = self.message();
        if let Self::Token(TokenError::KeysUnavailable) = self {
            return Refusal::unavailable(message);
        }
        reject("token");
        let challenge = format!(
            r#"Bearer realm="pasar", error="invalid_token", error_description="{message}""#
        );
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::Unauthenticated,
            message,
        )
        .with_header(header::WWW_AUTHENTICATE, &challenge)
    }
}
