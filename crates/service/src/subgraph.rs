//! The shape in which a subgraph presents itself to the binary.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt as _, future::BoxFuture, stream::BoxStream};
use kernel::{Clock, Fault, GraphqlCall, Ids};
use serde_json::Value;
use sqlx::{PgPool, migrate::Migrator};
use tokio_util::sync::CancellationToken;

use crate::{Consumer, Ctx, Live, Peers, db, outbox::EventContract};

/// Everything the process needs to run one subgraph. Plain data and functions: the binary holds a
/// list of these.
#[derive(Clone, Copy)]
pub struct Subgraph {
    /// Name in the supergraph, of its database (`pasar_<name>`) and of its URL path.
    pub name: &'static str,
    /// The migrations of its database, embedded.
    pub migrations: fn() -> Migrator,
    /// Its federation schema.
    pub sdl: fn() -> String,
    /// The events it publishes.
    pub events: fn() -> Vec<EventContract>,
    /// Builds what answers requests.
    pub start: fn(Deps) -> Result<Running, Fault>,
}

/// What a subgraph is given at start.
#[derive(Clone)]
pub struct Deps {
    /// Connections to its own database, migrated.
    pub db: PgPool,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where fresh ids come from.
    pub ids: Ids,
    /// Calls to the other subgraphs.
    pub peers: Peers,
    /// Wakes live subscriptions.
    pub live: Live,
    /// Its own section of the configuration, `subgraphs.<name>.settings`; `null` when absent.
    pub settings: Value,
}

/// Runs one GraphQL request and gives the JSON text of the answer. Fails only when there is no answer.
pub type Execute =
    Arc<dyn Fn(GraphqlCall) -> BoxFuture<'static, Result<Bytes, Fault>> + Send + Sync>;

/// Runs one GraphQL subscription: each item is the JSON text of one response, the end completes it. Dropping
/// the stream ends the subscription.
pub type Subscribe = Arc<dyn Fn(GraphqlCall) -> BoxStream<'static, Bytes> + Send + Sync>;

/// Work that runs beside the requests for as long as a worker of the subgraph lives, such as sending what
/// is due. Several processes may run it at once: it claims what it works on.
#[derive(Clone)]
pub struct Task {
    /// What it does, for logs and metrics.
    pub name: &'static str,
    /// Runs until the token is cancelled.
    pub run: Arc<dyn Fn(Ctx, CancellationToken) -> BoxFuture<'static, ()> + Send + Sync>,
}

/// A subgraph that answers.
#[derive(Clone)]
pub struct Running {
    /// Runs GraphQL requests in this process.
    pub execute: Execute,
    /// Runs GraphQL subscriptions in this process, if it has any.
    pub subscribe: Option<Subscribe>,
    /// HTTP routes besides GraphQL, such as a key set; mostly empty.
    pub routes: axum::Router,
    /// What it does about events of others.
    pub consumers: Vec<Consumer>,
    /// What its workers do besides.
    pub tasks: Vec<Task>,
}

impl Running {
    /// A subgraph that answers each request with `run`, in a context made from `deps` and the call. It
    /// does nothing else until the other fields are set.
    pub fn new<F, A>(deps: Deps, run: F) -> Self
    where
        F: Fn(Ctx, GraphqlCall) -> A + Send + Sync + 'static,
        A: Future<Output = Bytes> + Send + 'static,
    {
        db::recognise_outages();
        let execute: Execute = Arc::new(move |call| {
            let ctx = Ctx::new(&deps, &call.context);
            run(ctx, call).map(Ok).boxed()
        });
        Self {
            execute,
            subscribe: None,
            routes: axum::Router::new(),
            consumers: Vec::new(),
            tasks: Vec::new(),
        }
    }
}
