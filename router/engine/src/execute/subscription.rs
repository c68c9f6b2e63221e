//! A subscription: one subgraph gives the events, and the rest of the plan runs once for each of them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use kernel::{CallContext, GraphqlCall};
use tokio::time::timeout;

use super::{
    coerce, conditions,
    fetch::{self, Failure, Variables},
    is_true, plan, respond, run,
};
use crate::{
    engine::{Shared, Subgraph},
    error::{ErrorCode, GraphqlError},
    plan::{Fetch, PlanNode},
    prepare::{OperationKind, Prepared},
    response::GraphqlResponse,
    transport::{EventStream, TransportError},
    value::{Object, to_json_object},
};

/// Begins `prepared` with these variables.
pub(crate) async fn subscribe(
    shared: Arc<Shared>,
    prepared: Arc<Prepared>,
    variables: Object,
    context: CallContext,
) -> Result<BoxStream<'static, GraphqlResponse>, GraphqlResponse> {
    let subscription = open(shared, prepared, &variables, context)
        .await
        .map_err(GraphqlResponse::refused)?;
    let responses = stream::unfold(Some(subscription), |subscription| async {
        subscription?.next().await
    });
    Ok(responses.boxed())
}

async fn open(
    shared: Arc<Shared>,
    prepared: Arc<Prepared>,
    variables: &Object,
    mut context: CallContext,
) -> Result<Subscription, Vec<GraphqlError>> {
    if prepared.kind() != OperationKind::Subscription {
        let message = "only a subscription has a stream of events";
        return Err(vec![GraphqlError::new(ErrorCode::BadRequest, message)]);
    }
    let variables = coerce(&shared, &prepared, variables)?;
    let is_true = is_true(&variables);
    let plan = plan(&shared, &prepared, &is_true)?;
    let Some((plan, (source, _))) = plan
        .as_ref()
        .and_then(|plan| Some((plan, plan.as_subscription()?)))
    else {
        // `prepare` has checked it.
        let message = "the subscription has no source of events";
        return Err(vec![GraphqlError::new(
            ErrorCode::InternalServerError,
            message,
        )]);
    };
    let conditions = conditions(&prepared, &is_true);
    let variables = to_json_object(&variables);
    let subgraph = shared.subgraph(source.request.subgraph);
    let upstream = begin(subgraph, source, &variables, &context)
        .await
        .map_err(|failure| vec![failure.to_error(subgraph, &shared.settings)])?;
    let running = Running::begin(Arc::clone(&subgraph.name));
    let plan = Arc::clone(plan);
    context.deadline = None;
    let work = Work {
        shared,
        prepared,
        plan,
        conditions,
        variables,
        context,
    };
    Ok(Subscription {
        work,
        upstream,
        running,
    })
}

/// Asks the subgraph for its events. Until it agrees it has as long as for an answer.
#[tracing::instrument(name = "router.subscribe", skip_all, fields(subgraph = &*subgraph.name))]
async fn begin(
    subgraph: &Subgraph,
    source: &Fetch,
    variables: &Variables,
    context: &CallContext,
) -> Result<EventStream, Failure> {
    let mut allowed = subgraph.timeout;
    let mut context = context.clone();
    if let Some(deadline) = context.deadline.take() {
        allowed = allowed.min(deadline.saturating_duration_since(Instant::now()));
    }
    let mut used = Variables::new();
    run::add_used(&source.request, variables, &mut used);
    let call = GraphqlCall {
        query: Arc::clone(&source.request.query),
        operation_name: None,
        variables: used,
        context: context.clone(),
    };
    let begun = timeout(allowed, subgraph.transport.subscribe(call)).await;
    let begun = begun
        .unwrap_or(Err(TransportError::Timeout))
        .map_err(Failure::from);
    let outcome = begun.as_ref().map_or_else(Failure::outcome, |_| "ok");
    metrics::counter!(
        "router_subgraph_requests_total",
        "subgraph" => Arc::clone(&subgraph.name), "outcome" => outcome
    )
    .increment(1);
    begun.inspect_err(|failure| failure.log(subgraph, &context))
}

/// A subscription that runs.
struct Subscription {
    work: Work,
    upstream: EventStream,
    running: Running,
}

/// What is done for each event.
struct Work {
    shared: Arc<Shared>,
    prepared: Arc<Prepared>,
    plan: Arc<PlanNode>,
    conditions: Vec<bool>,
    variables: Variables,
    /// Without a deadline.
    context: CallContext,
}

impl Subscription {
    /// The next response, and the subscription unless that was the last.
    async fn next(mut self) -> Option<(GraphqlResponse, Option<Self>)> {
        let Some(event) = self.upstream.next().await else {
            self.running.outcome = "complete";
            return None;
        };
        let max_bytes = self.work.shared.settings.max_subgraph_response_bytes;
        let event = event.map_err(Failure::from);
        match event.and_then(|text: Bytes| fetch::read(text, max_bytes)) {
            Ok(event) => {
                self.running.events.increment(1);
                let response = self.work.respond(event).await;
                Some((response, Some(self)))
            }
            Err(failure) => {
                self.running.outcome = failure.outcome();
                Some((self.work.failed(&failure), None))
            }
        }
    }
}

impl Work {
    #[tracing::instrument(
        name = "router.event",
        skip_all,
        fields(request_id = &*self.context.request_id)
    )]
    async fn respond(&self, event: fetch::Answer) -> GraphqlResponse {
        let mut context = self.context.clone();
        let allowed = Duration::from_millis(self.shared.settings.subscription_event_timeout_ms);
        context.deadline = Some(Instant::now() + allowed);
        let Some(plan) = self.plan.as_subscription() else {
            // Only plans with a source are run.
            return GraphqlResponse::refused(Vec::new());
        };
        let state = run::run_event(&self.shared, plan, &self.variables, context, event).await;
        respond(&self.prepared, &self.conditions, None, state)
    }

    fn failed(&self, failure: &Failure) -> GraphqlResponse {
        let Some((source, _)) = self.plan.as_subscription() else {
            return GraphqlResponse::refused(Vec::new());
        };
        let subgraph = self.shared.subgraph(source.request.subgraph);
        failure.log(subgraph, &self.context);
        let mut error = failure.to_error(subgraph, &self.shared.settings);
        error.message =
            "the subscription broke off, its service failed: subscribe again".to_owned();
        GraphqlResponse::refused(vec![error])
    }
}

/// Counts a subscription while it runs, and how it ended.
struct Running {
    subgraph: Arc<str>,
    /// Looked up once: there may be tens of thousands of events at a time.
    events: metrics::Counter,
    /// What has ended it; unless somebody says otherwise, the client.
    outcome: &'static str,
}

impl Running {
    fn begin(subgraph: Arc<str>) -> Self {
        metrics::gauge!("pasar_router_upstream_subscriptions_active", "subgraph" => Arc::clone(&subgraph))
            .increment(1.0);
        Self {
            events: metrics::counter!("pasar_router_upstream_events_total", "subgraph" => Arc::clone(&subgraph)),
            subgraph,
            outcome: "dropped",
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let subgraph = || Arc::clone(&self.subgraph);
        metrics::gauge!("pasar_router_upstream_subscriptions_active", "subgraph" => subgraph())
            .decrement(1.0);
        metrics::counter!(
            "pasar_router_upstream_subscriptions_ended_total",
            "subgraph" => subgraph(), "outcome" => self.outcome
        )
        .increment(1);
    }
}
