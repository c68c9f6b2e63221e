//! One operation as a stream of what its client is told, for every protocol that has more than one
//! answer. The limits are those of ordinary requests.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _, StreamExt as _,
    stream::{self, BoxStream},
};
use kernel::{CallContext, Principal};
use process::telemetry::traceparent;
use router_engine::{ErrorCode, GraphqlError, GraphqlResponse, OperationKind};
use tracing::{Instrument as _, Span, field::Empty};

use crate::{
    RouterState,
    graphql::{self, Asked, Prepared, Refusal, in_time},
    policy,
};

/// What a client is told about its operation.
pub(crate) enum Item {
    /// It is a subscription and has begun, on the supergraph of this generation: not told, but worth
    /// knowing.
    Begun(u64),
    /// A result.
    Next(GraphqlResponse),
    /// It was refused or has failed; this is the last item.
    Failed(Vec<GraphqlError>),
}

/// Everything a client is told about its operation, in order; the end means that it is complete.
pub(crate) type Items = BoxStream<'static, Item>;

/// Over what an operation came; a label of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    WebSocket,
    EventStream,
}

impl Transport {
    const fn as_str(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::EventStream => "sse",
        }
    }
}

/// On whose behalf an operation runs, and under which name it is found in the logs.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) principal: Arc<Principal>,
    pub(crate) request_id: Arc<str>,
    pub(crate) traceparent: Option<Arc<str>>,
    pub(crate) transport: Transport,
}

/// Runs an operation of any kind.
pub(crate) fn run(state: Arc<RouterState>, asker: Asker, asked: Asked) -> Items {
    let request_id = Arc::clone(&asker.request_id);
    let span = tracing::info_span!(
        "operation",
        request_id = %request_id,
        transport = asker.transport.as_str(),
        trace_id = Empty,
        graphql.operation.type = Empty,
        graphql.operation.name = Empty,
    );
    if let Some(parent) = &asker.traceparent {
        traceparent::adopt(&span, parent);
        if let Some(id) = traceparent::trace_id(parent) {
            span.record("trace_id", id);
        }
    }
    // A defect in one operation must not take the others of its connection along. Boxed, so that what
    // the beginning needed is not kept for as long as the subscription runs.
    let begun = AssertUnwindSafe(begin(state, asker, asked).instrument(span))
        .catch_unwind()
        .map(|items| items.unwrap_or_else(|_panic| failed(defect())))
        .boxed();
    stream::once(begun)
        .flatten()
        .map(move |item| named(item, &request_id))
        .boxed()
}

async fn begin(state: Arc<RouterState>, asker: Asker, asked: Asked) -> Items {
    let started = Instant::now();
    let deadline = started + state.settings.timeout.get();
    let slot = match policy::overload::enter(&state) {
        Ok(slot) => slot,
        Err(refusal) => return failed(refusal.into_errors()),
    };
    let prepared = match graphql::prepare(&state, &asked, deadline).await {
        Ok(prepared) => prepared,
        Err(refusal) => return failed(refusal.into_errors()),
    };
    let kind = prepared.kind().as_str();
    let items = if prepared.kind() == OperationKind::Subscription {
        subscribe(asker, prepared, asked, deadline)
            .await
            .unwrap_or_else(failed)
    } else {
        let call = asker.call(deadline);
        let answer = in_time(deadline, prepared.execute(asked.variables, call)).await;
        single(answer.ok_or_else(Refusal::timeout))
    };
    drop(slot);
    let duration_ms = millis(started.elapsed());
    tracing::info!(target: "access", duration_ms, "{kind} begun or done");
    items
}

/// Begins a prepared subscription.
pub(crate) async fn subscribe(
    asker: Asker,
    prepared: Prepared,
    asked: Asked,
    deadline: Instant,
) -> Result<Items, Vec<GraphqlError>> {
    let active = Active::new(asker.transport);
    let call = asker.call(deadline);
    let generation = prepared.generation();
    let begun = prepared.subscribe(asked.variables, call);
    let events = in_time(deadline, begun)
        .await
        .ok_or_else(|| Refusal::timeout().into_errors())?
        .map_err(|refused| refused.errors)?;
    let events = AssertUnwindSafe(events).catch_unwind().map(move |event| {
        let _counted = &active;
        event.map_or_else(|_panic| Item::Failed(defect()), item)
    });
    // Nothing follows a failure.
    let events = events.scan(false, |over, item| {
        let last = std::mem::replace(over, matches!(item, Item::Failed(_)));
        std::future::ready((!last).then_some(item))
    });
    let first = stream::once(async move { Item::Begun(generation) });
    Ok(first.chain(events).boxed())
}

impl Asker {
    fn call(&self, deadline: Instant) -> CallContext {
        CallContext {
            principal: Arc::clone(&self.principal),
            request_id: Arc::clone(&self.request_id),
            traceparent: traceparent::of(&Span::current()).or_else(|| self.traceparent.clone()),
            deadline: Some(deadline),
        }
    }
}

fn single(answer: Result<GraphqlResponse, Refusal>) -> Items {
    let item = answer.map_or_else(|refusal| Item::Failed(refusal.into_errors()), item);
    stream::once(async { item }).boxed()
}

/// A response without data was refused as a whole.
fn item(response: GraphqlResponse) -> Item {
    if response.data.is_none() {
        Item::Failed(response.errors)
    } else {
        Item::Next(response)
    }
}

fn failed(errors: Vec<GraphqlError>) -> Items {
    stream::once(async { Item::Failed(errors) }).boxed()
}

fn defect() -> Vec<GraphqlError> {
    // The panic hook has printed message and place.
    tracing::error!("an operation ended in a panic");
    let message = "something went wrong on our side";
    vec![GraphqlError::new(ErrorCode::InternalServerError, message)]
}

/// The item with the name under which its operation is found in the logs.
fn named(mut item: Item, request_id: &str) -> Item {
    let errors = match &mut item {
        Item::Begun(_) => return item,
        Item::Next(response) => &mut response.errors,
        Item::Failed(errors) => errors,
    };
    graphql::name_request(errors, request_id);
    item
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// One running subscription in the metrics.
struct Active(Transport);

impl Active {
    fn new(transport: Transport) -> Self {
        metrics::gauge!("pasar_router_subscriptions_active", "transport" => transport.as_str())
            .increment(1.0);
        Self(transport)
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        metrics::gauge!("pasar_router_subscriptions_active", "transport" => self.0.as_str())
            .decrement(1.0);
    }
}
