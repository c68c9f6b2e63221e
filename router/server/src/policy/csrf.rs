//! Requests that a page of another site could make a browser send without asking first
//! (`reference/clients.md` 1.6). A POST needs no rule here: only JSON is read, and a browser asks
//! before it sends that.

use http::{Method, StatusCode, header, request::Parts};
use router_engine::ErrorCode;

use crate::{
    RouterState,
    graphql::{Refusal, reject},
};

/// Headers that make a browser ask first.
const PREFLIGHTED: [&str; 3] = [
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "graphql-require-preflight",
];

/// Content types that do not.
const SIMPLE: [&str; 3] = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
];

pub(crate) fn check(state: &RouterState, parts: &Parts) -> Result<(), Refusal> {
    if !state.settings.csrf_protection || parts.method != Method::GET {
        return Ok(());
    }
    let content_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|media| media.trim().to_ascii_lowercase());
    let asks_first = content_type.is_some_and(|media| !SIMPLE.contains(&media.as_str()))
        || PREFLIGHTED.iter().any(|name| {
            parts
                .headers
                .get(*name)
                .is_some_and(|value| !value.is_empty())
        });
    if asks_first {
        return Ok(());
    }
    reject("csrf");
    Err(Refusal::new(
        StatusCode::BAD_REQUEST,
        ErrorCode::CsrfRejected,
        format!(
            "a GET request needs the header Content-Type: application/json or a non-empty {}, \
             so that no other site can make a browser send it",
            PREFLIGHTED.join(", ")
        ),
    ))
}
