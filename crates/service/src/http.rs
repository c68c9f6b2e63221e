//! A subgraph over HTTP: `POST /<name>/graphql` with the router's assertion of who asks. A caller that
//! accepts `text/event-stream` is answered with events for as long as there are any.

mod events;

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
use tokio_util::sync::CancellationToken;

use crate::{Execute, Running, Subscribe};

/// A router's fetch with thousands of representations still fits.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// A subgraph does not work longer than this on one request. A stream of events has no such end.
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

/// Reads the router's assertion of who asks; `None` when it is missing, forged or expired.
pub type VerifyPrincipal = Arc<dyn Fn(&HeaderMap) -> Option<Principal> + Send + Sync>;

struct Shared {
    execute: Execute,
    subscribe: Option<Subscribe>,
    verify: VerifyPrincipal,
    shutdown: CancellationToken,
}

/// The routes of the subgraph `name`: its GraphQL and whatever else it serves. Streams of events break
/// off at `shutdown`.
pub fn routes(
    name: &str,
    running: Running,
    verify: VerifyPrincipal,
    shutdown: CancellationToken,
) -> Router {
    let shared = Arc::new(Shared {
        execute: running.execute,
        subscribe: running.subscribe,
        verify,
        shutdown,
    });
    Router::new()
        .route(&format!("/{name}/graphql"), post(graphql))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shared)
        .merge(running.routes)
}

async fn graphql(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(principal) = (shared.verify)(&headers) else {
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
    let streams = text("accept").is_some_and(events::accepts);
    let call = GraphqlCall {
        query: body.query,
        operation_name: body.operation_name,
        variables: body.variables.unwrap_or_default(),
        context: CallContext {
            principal: Arc::new(principal),
            request_id: text("x-request-id").unwrap_or_default().into(),
            traceparent: text("traceparent").map(Into::into),
            deadline: (!streams).then(|| Instant::now() + MAX_DURATION),
        },
    };
    if !streams {
        return execute(&shared, call).await;
    }
    match &shared.subscribe {
        Some(subscribe) => {
            let shutdown = shared.shutdown.clone();
            events::respond(subscribe(call), events::KEEPALIVE, shutdown)
        }
        None => {
            let message = "this subgraph has no subscriptions";
            refusal(StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT", message)
        }
    }
}

async fn execute(shared: &Shared, call: GraphqlCall) -> Response {
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
