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
        if let Err(fault) = sweep(worker).await {
            tracing::warn!(
                subgraph = worker.subgraph,
                cause = fault.chain(),
                "sweeping failed"
            );
        }
    }
}

async fn sweep(worker: &Worker) -> Result<(), Fault> {
    let ctx = worker.ctx("housekeeping");
    let before = |age: Duration| -> Result<DateTime<Utc>, Fault> {
        Ok(ctx.now() - chrono::Duration::from_std(age)?)
    };
    let keys = idempotency::sweep(&ctx).await?;
    let published = before(worker.settings.outbox_retention)?;
    let outbox = worker.relay().sweep(published).await?;
    let inbox = consumer::sweep(&ctx, before(worker.settings.inbox_retention)?).await?;
    let log = worker.bus.sweep().await?;
    tracing::debug!(
        subgraph = worker.subgraph,
        keys,
        outbox,
        inbox,
        log,
        "old rows deleted"
    );
    Ok(())
}
