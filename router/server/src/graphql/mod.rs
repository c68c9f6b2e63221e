//! GraphQL over HTTP: one request from headers to answer.

mod negotiate;
mod prepared;
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
use router_engine::{ErrorCode, GraphqlResponse, OperationKind};

pub(crate) use negotiate::{Accepted, Format};
pub(crate) use prepared::{Prepared, no_supergraph, prepare};
pub(crate) use read::{Asked, asked};
pub(crate) use refusal::{Refusal, name_request, reject};
pub(crate) use respond::{defect, not_found, refused};

use crate::{
    RouterState, playground,
    policy::{self, auth::Caller, places::Place},
    subscriptions::{self, Asker, Items, Transport},
    websocket,
};

/// `/graphql`.
pub(crate) async fn handle(
    State(state): State<Arc<RouterState>>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    if websocket::is_upgrade(&request) {
        return websocket::upgrade(state, &context, request).await;
    }
    if playground::wants_page(&state, request.method(), request.uri(), request.headers()) {
        return axum::response::Redirect::to("/").into_response();
    }
    let accepted = match Accepted::of(request.headers()) {
        Ok(accepted) => accepted,
        Err(refusal) => return refused(refusal, Format::Json, &context),
    };
    let mut labels = RequestLabels {
        operation_type: "none",
        client_name: client_name(&state, request.headers()),
    };
    let mut response = match answer(&state, &context, request, accepted, &mut labels).await {
        Ok(Answer::Single(answer)) => respond::answered(answer, accepted, &context),
        Ok(Answer::Events(events)) => {
            let Events {
                caller,
                place,
                items,
            } = *events;
            let id = Arc::clone(&context.id);
            subscriptions::stream(Arc::clone(&state), caller, id, place, items)
        }
        Err(refusal) => respond::refused_as(refusal, accepted, &context),
    };
    response.extensions_mut().insert(labels);
    response
}

enum Answer {
    Single(GraphqlResponse),
    Events(Box<Events>),
}

/// A subscription that has begun.
struct Events {
    caller: Caller,
    place: Place,
    items: Items,
}

/// The way of every request: may it, who asks, what is asked, is it valid, run it.
async fn answer(
    state: &RouterState,
    context: &RequestContext,
    request: Request,
    accepted: Accepted,
    labels: &mut RequestLabels,
) -> Result<Answer, Refusal> {
    let _slot = policy::overload::enter(state)?;
    let (parts, body) = request.into_parts();
    policy::csrf::check(state, &parts)?;
    let deadline = context.started + state.settings.timeout.get();
    let caller = in_time(deadline, policy::auth::caller(state, &parts.headers))
        .await
        .unwrap_or_else(|| Err(Refusal::timeout()))?;
    let limit = state.settings.body_limit.get();
    let asked = in_time(deadline, read::request(&parts, body, limit))
        .await
        .unwrap_or_else(|| Err(Refusal::slow_client()))?;

    let prepared = prepare(state, &asked, deadline).await?;
    labels.operation_type = prepared.kind().as_str();
    check_kind(prepared.kind(), &parts, accepted)?;
    if prepared.kind() == OperationKind::Subscription {
        let events = events(state, context, caller, prepared, asked, deadline).await?;
        return Ok(Answer::Events(Box::new(events)));
    }
    let call = call_context(caller.principal(), context, deadline);
    in_time(deadline, prepared.execute(asked.variables, call))
        .await
        .map(Answer::Single)
        .ok_or_else(Refusal::timeout)
}

async fn events(
    state: &RouterState,
    context: &RequestContext,
    caller: Caller,
    prepared: Prepared,
    asked: Asked,
    deadline: Instant,
) -> Result<Events, Refusal> {
    let place = policy::places::enter(state, caller.user())?;
    let asker = Asker {
        principal: caller.principal(),
        request_id: Arc::clone(&context.id),
        traceparent: context.traceparent.clone(),
        transport: Transport::EventStream,
    };
    let items = subscriptions::subscribe(asker, prepared, asked, deadline)
        .await
        .map_err(Refusal::graphql)?;
    Ok(Events {
        caller,
        place,
        items,
    })
}

fn check_kind(kind: OperationKind, parts: &Parts, accepted: Accepted) -> Result<(), Refusal> {
    match kind {
        OperationKind::Mutation if parts.method == Method::GET => Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::MethodNotAllowed,
            "a mutation must be sent by POST",
        )
        .with_header(header::ALLOW, "POST")),
        OperationKind::Subscription if !accepted.events => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::SubscriptionsNotSupported,
            "a subscription has more than one answer: send it with Accept: text/event-stream, \
             or over a WebSocket at this address with the subprotocol graphql-transport-ws",
        )),
        OperationKind::Query | OperationKind::Mutation | OperationKind::Subscription => Ok(()),
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
pub(crate) async fn in_time<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
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
