//! GraphQL over HTTP: one request from headers to answer.

mod negotiate;
mod read;
mod refusal;
mod respond;

use std::{sync::Arc, time::Instant};

use axum::{
    Extension,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use kernel::{CallContext, Principal};
use process::http::{RequestContext, RequestLabels};
use router_engine::{Engine, ErrorCode, GraphqlResponse, OperationKind, Prepared};

pub(crate) use negotiate::Format;
pub(crate) use refusal::{Refusal, reject};
pub(crate) use respond::{defect, not_found};

use crate::{RouterState, playground, policy};

/// `/graphql`.
pub(crate) async fn handle(
    State(state): State<Arc<RouterState>>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    if playground::wants_page(&state, request.method(), request.uri(), request.headers()) {
        return axum::response::Redirect::to("/").into_response();
    }
    let format = match Format::for_accept(request.headers()) {
        Ok(format) => format,
        Err(refusal) => return respond::refused(refusal, Format::Json, &context),
    };
    let mut labels = RequestLabels {
        operation_type: "none",
        client_name: client_name(&state, request.headers()),
    };
    let mut response = match answer(&state, &context, request, &mut labels).await {
        Ok(answer) => respond::answered(answer, format, &context),
        Err(refusal) => respond::refused(refusal, format, &context),
    };
    response.extensions_mut().insert(labels);
    response
}

/// The way of every request: may it, who asks, what is asked, is it valid, run it.
async fn answer(
    state: &RouterState,
    context: &RequestContext,
    request: Request,
    labels: &mut RequestLabels,
) -> Result<GraphqlResponse, Refusal> {
    let _slot = policy::overload::enter(state)?;
    let (parts, body) = request.into_parts();
    policy::csrf::check(state, &parts)?;
    let deadline = context.started + state.settings.timeout.get();
    let principal = in_time(deadline, policy::auth::principal(state, &parts.headers))
        .await
        .unwrap_or_else(|| Err(Refusal::timeout()))?;
    let limit = state.settings.body_limit.get();
    let asked = in_time(deadline, read::request(&parts, body, limit))
        .await
        .unwrap_or_else(|| Err(Refusal::slow_client()))?;

    let engine = state.engine();
    let prepared = match engine.cached(&asked.query, asked.operation_name.as_deref()) {
        Some(prepared) => prepared,
        None => in_time(deadline, prepare(state, &engine, &asked))
            .await
            .unwrap_or_else(|| Err(Refusal::timeout()))?,
    };
    labels.operation_type = prepared.kind().as_str();
    let span = tracing::Span::current();
    span.record("graphql.operation.type", prepared.kind().as_str());
    if let Some(name) = prepared.name() {
        span.record("graphql.operation.name", name);
    }
    check_kind(prepared.kind(), &parts)?;

    let call = call_context(principal, context, deadline);
    in_time(deadline, engine.execute(&prepared, asked.variables, call))
        .await
        .ok_or_else(Refusal::timeout)
}

/// Prepares a new operation away from the threads that serve requests: a heavy one takes up to
/// `router.engine.limits.planning_timeout_ms`, and others must not wait for it.
async fn prepare(
    state: &RouterState,
    engine: &Arc<Engine>,
    asked: &read::Asked,
) -> Result<Arc<Prepared>, Refusal> {
    let (engine, query) = (Arc::clone(engine), asked.query.clone());
    let operation_name = asked.operation_name.clone();
    let slot = Arc::clone(&state.planning).acquire_owned().await;
    let work = move || {
        // Until the work is done, also when nobody waits for it any more.
        let _held = slot;
        engine.prepare(&query, operation_name.as_deref())
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(prepared) => prepared.map_err(Refusal::graphql),
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

fn check_kind(kind: OperationKind, parts: &Parts) -> Result<(), Refusal> {
    match kind {
        OperationKind::Mutation if parts.method == Method::GET => Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::MethodNotAllowed,
            "a mutation must be sent by POST",
        )
        .with_header(header::ALLOW, "POST")),
        OperationKind::Subscription => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::SubscriptionsNotSupported,
            "subscriptions are not served yet; ask with a query instead",
        )),
        OperationKind::Query | OperationKind::Mutation => Ok(()),
    }
}

fn call_context(
    principal: Arc<Principal>,
    context: &RequestContext,
    deadline: Instant,
) -> CallContext {
    CallContext {
        principal,
        request_id: Arc::clone(&context.id),
        traceparent: context.traceparent.clone(),
        deadline: Some(deadline),
    }
}

/// The result of `work`, or nothing when time is up. The subgraph calls inside `work` end at the same
/// moment: looking at the time first makes the outcome the same every time.
async fn in_time<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = tokio::time::sleep_until(deadline.into()) => None,
        result = work => Some(result),
    }
}

/// The name a client application gives itself, if it is a known one: names are labels of metrics.
fn client_name(state: &RouterState, headers: &HeaderMap) -> Arc<str> {
    let given = ["apollographql-client-name", "graphql-client-name"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok());
    let known = state
        .settings
        .known_clients
        .iter()
        .find(|known| Some(known.as_str()) == given);
    let name = known.map_or("other", String::as_str);
    tracing::Span::current().record("client.name", name);
    Arc::from(name)
}
