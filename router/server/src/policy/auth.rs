//! Who asks: nobody, or the user of a valid bearer token. A bad token is refused, never ignored.

use std::sync::Arc;

use http::{HeaderMap, StatusCode, header};
use kernel::Principal;
use process::jwt::TokenError;
use router_engine::ErrorCode;

use crate::{
    RouterState,
    graphql::{Refusal, reject},
};

pub(crate) async fn principal(
    state: &RouterState,
    headers: &HeaderMap,
) -> Result<Arc<Principal>, Refusal> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(first) = given.next() else {
        return Ok(Arc::clone(&state.anonymous));
    };
    let token = first.to_str().ok().and_then(bearer);
    let (Some(token), None) = (token, given.next()) else {
        return Err(refused("send `Authorization: Bearer <access token>`, once"));
    };
    match state.auth.verify(token).await {
        Ok(principal) => Ok(principal),
        Err(error @ TokenError::KeysUnavailable) => Err(Refusal::unavailable(error.to_string())),
        Err(error) => Err(refused(&error.to_string())),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refused(message: &str) -> Refusal {
    reject("token");
    let challenge =
        format!(r#"Bearer realm="pasar", error="invalid_token", error_description="{message}""#);
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::Unauthenticated,
        message,
    )
    .with_header(header::WWW_AUTHENTICATE, &challenge)
}
