//! A defect in one request must not take its connection, and other requests on it, along.

use std::panic::AssertUnwindSafe;

use axum::{
    Extension,
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::StatusCode;
use process::http::RequestContext;

use crate::graphql;

pub(crate) async fn catch(
    context: Option<Extension<RequestContext>>,
    request: Request,
    next: Next,
) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_panic) => {
            // The panic hook has printed message and place.
            tracing::error!("a request ended in a panic");
            match context {
                Some(Extension(context)) => graphql::defect(&context),
                None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        }
    }
}
