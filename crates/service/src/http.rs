//! A subgraph over HTTP: `POST /<name>/graphql` with the router's assertion of who asks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use kernel::{CallContext, GraphqlCall, Principal};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Execute, Running};

/// The header with the signed principal.
pub const PRINCIPAL_HEADER: &str = "x-pasar-principal";
/// A router's fetch with thousands of representations still fits.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// A subgraph does not work longer than this on one request.
const MAX_DURATION: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: Arc<str>,
    #[serde(default)]
    operation_name: Option<Arc<str>>,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
}

/// Checks the router's assertion of who asks; `None` when it is missing, forged or expired.
pub type VerifyPrincipal = Arc<dyn Fn(&str) -> Option<Principal> + Send + Sync>;

struct Shared {
    execute: Execute,
    verify: VerifyPrincipal,
}

/// The routes of the subgraph `name`: its GraphQL and whatever else it serves.
pub fn routes(name: &str, running: Running, verify: VerifyPrincipal) -> Router {
    let shared = Arc::new(Shared {
        execute: running.execute,
        verify,
    });
    Router::new()
        .route(&format!("/{name}/graphql"), post(graphql))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shared)
        .merge(running.routes)
}

async fn graphql(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(principal) = text(PRINCIPAL_HEADER).and_then(|text| (shared.verify)(text)) else {
        let message =
            "this endpoint answers the router only: the principal header is missing or not valid";
        return refusal(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message);
    };
    let body: Body = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => {
            let message = format!("the body must be a GraphQL request in JSON: {error}");
            return refusal(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", &message);
        }
    };
    let call = GraphqlCall {
        query: body.query,
        operation_name: body.operation_name,
        variables: body.variables.unwrap_or_default(),
        context: CallContext {
            principal: Arc::new(principal),
            request_id: text("x-request-id").unwrap_or_default().into(),
            traceparent: text("traceparent").map(Into::into),
            deadline: Some(Instant::now() + MAX_DURATION),
        },
    };
    match tokio::time::timeout(MAX_DURATION, (shared.execute)(call)).await {
        Ok(Ok(answer)) => (
            [(header::CONTENT_TYPE, "application/graphql-response+json")],
            answer,
        )
            .into_response(),
        Ok(Err(fault)) => {
            tracing::error!(cause = fault.chain(), "subgraph gave no answer");
            refusal(
                StatusCode::INTERNAL_SERVER_ERROR,
                fault.kind().code(),
                fault.public(),
            )
        }
        Err(_) => refusal(
            StatusCode::GATEWAY_TIMEOUT,
            "TIMEOUT",
            "the request took longer than 30 s",
        ),
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code } }] });
    (status, axum::Json(body)).into_response()
}
