//! The engine: a supergraph, ways to reach its subgraphs, and prepared operations.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use apollo_compiler::{Name, schema::Implementers};
use futures_util::{FutureExt as _, future::BoxFuture, stream::BoxStream};
use kernel::CallContext;

use crate::{
    error::GraphqlError,
    execute,
    plan::SubgraphId,
    prepare::{self, Prepared, cache::PlanCache},
    response::GraphqlResponse,
    settings::EngineSettings,
    supergraph::{Supergraph, SupergraphError},
    transport::Transport,
    value::Object,
};

/// A subgraph as the engine reaches it.
pub(crate) struct Subgraph {
    pub(crate) name: Arc<str>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) timeout: Duration,
}

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) supergraph: Supergraph,
    pub(crate) settings: EngineSettings,
    pub(crate) field_names: Arc<HashSet<Name>>,
    pub(crate) interfaces: HashSet<String>,
    pub(crate) api_implementers: apollo_compiler::collections::HashMap<Name, Implementers>,
    subgraphs: Vec<Subgraph>,
}

impl Shared {
    pub(crate) fn subgraph(&self, id: SubgraphId) -> &Subgraph {
        // Ids are made from this list only.
        &self.subgraphs[id.0]
    }
}

/// Answers operations on one supergraph. Cheap to share behind an `Arc`; a new supergraph needs a
/// new engine.
pub struct Engine {
    shared: Arc<Shared>,
    cache: PlanCache,
}

impl Engine {
    /// An engine that reaches the subgraphs, by name, through `transports`.
    pub fn new(
        supergraph: Supergraph,
        mut transports: HashMap<String, Arc<dyn Transport>>,
        settings: EngineSettings,
    ) -> Result<Self, SupergraphError> {
        for label in settings.override_labels.keys() {
            if !supergraph.labels.contains(label) {
                tracing::warn!(label, "no field moves with this label of override_labels");
            }
        }
        let mut subgraphs = Vec::new();
        for (name, _) in supergraph.subgraphs() {
            let Some(transport) = transports.remove(&name) else {
                return Err(SupergraphError::NoTransport(name));
            };
            let own = settings.subgraph_timeouts_ms.get(&name);
            subgraphs.push(Subgraph {
                timeout: Duration::from_millis(*own.unwrap_or(&settings.subgraph_timeout_ms)),
                name: name.into(),
                transport,
            });
        }
        Ok(Self {
            cache: PlanCache::new(settings.plan_cache_entries, settings.plan_cache_bytes),
            shared: Arc::new(Shared {
                field_names: Arc::new(prepare::field_names(&supergraph.schema)),
                interfaces: supergraph.interfaces(),
                api_implementers: supergraph.api.implementers_map(),
                supergraph,
                settings,
                subgraphs,
            }),
        })
    }

    /// The supergraph that is served.
    #[must_use]
    pub fn supergraph(&self) -> &Supergraph {
        &self.shared.supergraph
    }

    /// The operation as it was prepared before. Costs a look-up.
    #[must_use]
    pub fn cached(&self, document: &str, operation_name: Option<&str>) -> Option<Arc<Prepared>> {
        let found = self.cache.get(document, operation_name);
        let result = if found.is_some() { "hit" } else { "miss" };
        metrics::counter!("router_cache_requests_total", "cache" => "plan", "result" => result)
            .increment(1);
        found
    }

    /// Prepares an operation, or takes it from the cache. Uses the processor, for milliseconds when
    /// the operation is new (a server asks [`Engine::cached`] first and does this on another thread);
    /// does no I/O.
    ///
    /// # Errors
    /// Why the operation cannot be run: all that its validation has to say.
    pub fn prepare(
        &self,
        document: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Prepared>, Vec<GraphqlError>> {
        // Another request may have prepared it in the meantime.
        if let Some(prepared) = self.cache.get(document, operation_name) {
            return Ok(prepared);
        }
        let begun = Instant::now();
        let prepared = prepare::prepare(
            &self.shared.supergraph,
            &self.shared.field_names,
            &self.shared.settings,
            document,
            operation_name,
        );
        metrics::histogram!("router_query_planning_duration_seconds")
            .record(begun.elapsed().as_secs_f64());
        match prepared {
            Ok(prepared) => {
                let prepared = Arc::new(prepared);
                self.cache
                    .insert(document, operation_name, Arc::clone(&prepared));
                Ok(prepared)
            }
            Err(errors) => {
                if let Some(error) = errors.first() {
                    let reason = error.code.as_str();
                    metrics::counter!("router_requests_rejected_total", "reason" => reason)
                        .increment(1);
                }
                Err(errors)
            }
        }
    }

    /// Runs a prepared operation. Always gives a response: what fails becomes null with an error.
    pub async fn execute(
        &self,
        prepared: &Arc<Prepared>,
        variables: Object,
        context: CallContext,
    ) -> GraphqlResponse {
        execute::execute(&self.shared, prepared, &variables, context).await
    }

    /// Begins a prepared subscription. Each item is a whole response; one without `data` says why the
    /// subscription has failed and is the last. The stream asks the subgraph for the next event only
    /// when it is itself asked, and holds one event at most; dropping it ends the subscription. The
    /// deadline of `context` bounds the beginning only.
    ///
    /// # Errors
    /// A response without `data`, when the subscription does not begin: a variable has a wrong value,
    /// the subgraph does not answer.
    pub fn subscribe(
        &self,
        prepared: Arc<Prepared>,
        variables: Object,
        context: CallContext,
    ) -> BoxFuture<'static, Result<BoxStream<'static, GraphqlResponse>, GraphqlResponse>> {
        execute::subscribe(Arc::clone(&self.shared), prepared, variables, context).boxed()
    }

    /// How many prepared operations are kept.
    #[must_use]
    pub fn cached_operations(&self) -> u64 {
        self.cache.entries()
    }
}
