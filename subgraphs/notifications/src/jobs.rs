//! What workers do besides answering: tell what was announced, send what is due, remove what is old. Several
//! processes may run it at once.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use kernel::Fault;
use service::{Ctx, Task};
use tokio_util::sync::CancellationToken;

use crate::{channels::Channels, commands, queries};

/// How long an announcement waits at most before a worker sees it. Consumers cannot wake anybody: what they
/// write is there only after they have ended.
const ANNOUNCEMENTS: Duration = Duration::from_millis(200);
/// How long a delivery waits at most; workers that announce wake those that deliver.
const DELIVERIES: Duration = Duration::from_secs(1);
/// How often old rows are removed.
const SWEEP: Duration = Duration::from_secs(600);

/// The tasks of this subgraph.
#[must_use]
pub fn tasks(channels: &Channels) -> Vec<Task> {
    let channels = channels.clone();
    vec![
        Task {
            name: "notifications.announce",
            run: Arc::new(|ctx, stop| announce(ctx, stop).boxed()),
        },
        Task {
            name: "notifications.deliver",
            run: Arc::new(move |ctx, stop| deliver(ctx, channels.clone(), stop).boxed()),
        },
        Task {
            name: "notifications.sweep",
            run: Arc::new(|ctx, stop| sweep(ctx, stop).boxed()),
        },
    ]
}

async fn announce(ctx: Ctx, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let went_on = report(commands::fan_out_next(&ctx).await, "announcing failed");
        if !went_on.unwrap_or(false) {
            pause(&stop, ANNOUNCEMENTS).await;
        }
    }
}

async fn deliver(ctx: Ctx, channels: Channels, stop: CancellationToken) {
    let mut due = ctx.live.listen(commands::DUE);
    while !stop.is_cancelled() {
        let sent = report(
            commands::deliver_due(&ctx, &channels).await,
            "sending failed",
        );
        if let Some(1..) = sent {
            continue;
        }
        let backlog = report(queries::count_due(&ctx).await, "counting failed");
        let backlog = i32::try_from(backlog.unwrap_or_default()).unwrap_or(i32::MAX);
        metrics::gauge!("pasar_notifications_due_deliveries").set(f64::from(backlog));
        tokio::select! {
            () = due.changed() => {}
            () = pause(&stop, DELIVERIES) => {}
        }
    }
}

async fn sweep(ctx: Ctx, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let removed = report(commands::sweep(&ctx).await, "removing old rows failed");
        if !matches!(removed, Some(1..)) {
            pause(&stop, SWEEP).await;
        }
    }
}

/// Waits, but not longer than the worker lives.
async fn pause(stop: &CancellationToken, length: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(length) => {}
    }
}

fn report<T>(outcome: Result<T, Fault>, what: &'static str) -> Option<T> {
    outcome
        .map_err(|fault| tracing::warn!(cause = fault.chain(), "{what}"))
        .ok()
}
