//! The operation that is asked for, from the cache or freshly prepared.

use std::{sync::Arc, time::Instant};

use futures_util::{future::BoxFuture, stream::BoxStream};
use kernel::CallContext;
use router_engine::{Engine, GraphqlResponse, OperationKind, Variables};

use super::{Asked, Refusal, in_time, reject};
use crate::{RouterState, state::Serving};

/// A prepared operation with the engine that prepared it. It runs on no other: its plan is about one
/// supergraph, and another may have come into use since.
pub(crate) struct Prepared {
    operation: Arc<router_engine::Prepared>,
    serving: Serving,
}

impl Prepared {
    pub(crate) fn kind(&self) -> OperationKind {
        self.operation.kind()
    }

    /// Which of the supergraphs of this process it is about.
    pub(crate) const fn generation(&self) -> u64 {
        self.serving.generation
    }

    pub(crate) async fn execute(
        &self,
        variables: Variables,
        context: CallContext,
    ) -> GraphqlResponse {
        let engine = &self.serving.engine;
        engine.execute(&self.operation, variables, context).await
    }

    pub(crate) fn subscribe(
        self,
        variables: Variables,
        context: CallContext,
    ) -> BoxFuture<'static, Result<BoxStream<'static, GraphqlResponse>, GraphqlResponse>> {
        let engine = &self.serving.engine;
        engine.subscribe(self.operation, variables, context)
    }
}

/// Prepares `asked` for the supergraph that is in use now.
pub(crate) async fn prepare(
    state: &RouterState,
    asked: &Asked,
    deadline: Instant,
) -> Result<Prepared, Refusal> {
    let serving = state.serving().ok_or_else(no_supergraph)?;
    let engine = &serving.engine;
    let operation = match engine.cached(&asked.query, asked.operation_name.as_deref()) {
        Some(operation) => operation,
        None => in_time(deadline, prepare_new(state, engine, asked))
            .await
            .unwrap_or_else(|| Err(Refusal::timeout()))?,
    };
    let span = tracing::Span::current();
    span.record("graphql.operation.type", operation.kind().as_str());
    if let Some(name) = operation.name() {
        span.record("graphql.operation.name", name);
    }
    Ok(Prepared { operation, serving })
}

pub(crate) fn no_supergraph() -> Refusal {
    reject("supergraph");
    Refusal::unavailable("there is no schema yet; try again shortly")
}

/// Prepares a new operation away from the threads that serve requests: a heavy one takes up to
/// `router.engine.limits.planning_timeout_ms`, and others must not wait for it.
async fn prepare_new(
    state: &RouterState,
    engine: &Arc<Engine>,
    asked: &Asked,
) -> Result<Arc<router_engine::Prepared>, Refusal> {
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
