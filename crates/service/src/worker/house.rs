//! Keeps the tables small. All of it may run in several processes at once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::Fault;
use tokio_util::sync::CancellationToken;

use super::Worker;
use crate::{consumer, idempotency};

const INTERVAL: Duration = Duration::from_secs(600);

pub(super) async fn keep(worker: &Worker, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        let now = worker.deps.clock.now();
        for (what, swept) in sweep(worker, now).await {
            match swept {
                Ok(rows) => {
                    tracing::debug!(subgraph = worker.subgraph, what, rows, "old rows deleted");
                }
                Err(fault) => {
                    tracing::warn!(
                        subgraph = worker.subgraph,
                        what,
                        cause = fault.chain(),
                        "old rows stay for now"
                    );
                }
            }
        }
    }
}

/// Each by itself: one that fails does not keep the others from being swept.
async fn sweep(worker: &Worker, now: DateTime<Utc>) -> [(&'static str, Result<u64, Fault>); 4] {
    let ctx = worker.ctx("housekeeping");
    let settings = &worker.settings;
    [
        ("idempotency keys", idempotency::sweep(&ctx).await),
        (
            "outbox",
            worker.relay().sweep(now - settings.outbox_retention).await,
        ),
        (
            "inbox",
            consumer::sweep(&ctx, now - settings.inbox_retention).await,
        ),
        ("log", worker.bus.sweep().await),
    ]
}
