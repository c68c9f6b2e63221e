//! WebSocket connections that a page of another site opens. A browser asks nobody before it does that, so CORS does
//! not protect them; it does say which page it is (`reference/clients.md` 1.6).

use http::{HeaderMap, StatusCode, Uri, header};
use router_engine::ErrorCode;

use crate::{
    RouterState,
    graphql::{Refusal, reject},
};

/// Lets in programs, which name no origin, pages of this server and pages of the origins of
/// `router.cors`.
pub(crate) fn check(state: &RouterState, headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(http::uri::Authority::as_str));
    let allowed = origin.to_str().is_ok_and(|origin| {
        let listed = &state.settings.cors.origins;
        is_same(origin, host) || listed.iter().any(|one| one == "*" || one == origin)
    });
    if allowed {
        return Ok(());
    }
    reject("origin");
    Err(Refusal::new(
        StatusCode::FORBIDDEN,
        ErrorCode::CsrfRejected,
        "pages of this origin may not open a WebSocket here; `router.cors.origins` lists those that may",
    ))
}

/// Whether a page of `origin` was served by `host`. The scheme is left out: whoever ended the TLS
/// connection in front of this process has kept it to itself.
fn is_same(origin: &str, host: Option<&str>) -> bool {
    let authority = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}
