//! What runs beside the requests of a subgraph: its relay, its consumers, its tasks, and what keeps its tables
//! small. Any number of processes may run the worker of one subgraph.

mod consume;
mod deliver;
mod gauges;
mod house;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use kernel::{CallContext, Principal};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::{Bus, Consumer, Ctx, Deps, Relay, Running, Task, relay::ROUND_LIMIT};

/// After a part of a worker has panicked.
const AFTER_PANIC: Duration = Duration::from_secs(1);

/// How workers behave.
#[derive(Debug, Clone, Copy)]
pub struct WorkerSettings {
    /// How often an effect is tried before its event becomes a dead letter. What waits for something that does
    /// not answer is tried for ever.
    pub attempts: u32,
    /// The pause after the first failure, doubled after each further one up to the limit.
    pub backoff: Duration,
    /// The longest pause.
    pub backoff_limit: Duration,
    /// Effects at the same time, of all consumers together: each holds a connection to the database.
    pub parallel: usize,
    /// How long published rows stay in the outbox.
    pub outbox_retention: Duration,
    /// How long it is remembered that an event took effect; longer than the bus keeps events.
    pub inbox_retention: Duration,
    /// Makes a span a child of a trace context.
    pub adopt: fn(&Span, &str),
}

impl Default for WorkerSettings {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 3_600);
        Self {
            attempts: 5,
            backoff: Duration::from_millis(100),
            backoff_limit: Duration::from_secs(5),
            parallel: 4,
            outbox_retention: 7 * day,
            inbox_retention: 30 * day,
            adopt: |_, _| {},
        }
    }
}

/// The worker of one subgraph.
#[derive(Clone)]
pub struct Worker {
    deps: Deps,
    subgraph: &'static str,
    consumers: Vec<Consumer>,
    tasks: Vec<Task>,
    bus: Bus,
    settings: WorkerSettings,
    /// Permits for effects.
    effects: Arc<Semaphore>,
}

impl Worker {
    /// The worker of `subgraph`, which was started with `deps` as `running`.
    #[must_use]
    pub fn new(
        subgraph: &'static str,
        deps: Deps,
        running: &Running,
        bus: Bus,
        settings: WorkerSettings,
    ) -> Self {
        Self {
            deps,
            subgraph,
            consumers: running.consumers.clone(),
            tasks: running.tasks.clone(),
            bus,
            settings,
            effects: Arc::new(Semaphore::new(settings.parallel.max(1))),
        }
    }

    /// Works until `stop`, then finishes what is under way and hands its partitions on.
    pub async fn run(self, stop: CancellationToken) {
        let worker = Arc::new(self);
        let mut parts = JoinSet::new();
        let mut part = |name: &'static str, work: Work| {
            let (worker, stop) = (Arc::clone(&worker), stop.clone());
            parts.spawn(async move { worker.keep_running(name, work, stop).await });
        };
        part("relay", |worker, stop| {
            async move { worker.relay().run(stop).await }.boxed()
        });
        part("housekeeping", |worker, stop| {
            async move { house::keep(&worker, stop).await }.boxed()
        });
        part("gauges", |worker, stop| {
            async move { gauges::measure(&worker, stop).await }.boxed()
        });
        for consumer in worker.consumers.clone() {
            let (worker, stop) = (Arc::clone(&worker), stop.clone());
            parts.spawn(async move {
                let name = consumer.name;
                let work = |worker, stop| consume::run(worker, consumer.clone(), stop).boxed();
                worker.keep_running(name, work, stop).await;
            });
        }
        for task in worker.tasks.clone() {
            let (worker, stop) = (Arc::clone(&worker), stop.clone());
            parts.spawn(async move {
                let work = |worker: Arc<Self>, stop| (task.run)(worker.ctx(task.name), stop);
                worker.keep_running(task.name, work, stop).await;
            });
        }
        while parts.join_next().await.is_some() {}
    }

    /// Runs a part until `stop`, again when it panics.
    async fn keep_running(
        self: &Arc<Self>,
        name: &str,
        work: impl Fn(Arc<Self>, CancellationToken) -> BoxFuture<'static, ()>,
        stop: CancellationToken,
    ) {
        while !stop.is_cancelled() {
            let run = AssertUnwindSafe(work(Arc::clone(self), stop.clone()));
            if run.catch_unwind().await.is_ok() && stop.is_cancelled() {
                return;
            }
            tracing::error!(
                subgraph = self.subgraph,
                part = name,
                "a part of the worker has ended by a defect and begins again"
            );
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(AFTER_PANIC) => {}
            }
        }
    }

    fn relay(&self) -> Relay {
        Relay {
            db: self.deps.db.clone(),
            subgraph: self.subgraph,
            bus: self.bus.clone(),
            clock: self.deps.clock.clone(),
            limit: ROUND_LIMIT,
        }
    }

    /// A context on behalf of the subgraph itself.
    fn ctx(&self, request_id: &str) -> Ctx {
        let call = CallContext {
            principal: Arc::new(Principal::service(self.subgraph)),
            request_id: request_id.into(),
            traceparent: None,
            deadline: None,
        };
        Ctx::new(&self.deps, &call)
    }
}

type Work = fn(Arc<Worker>, CancellationToken) -> BoxFuture<'static, ()>;
