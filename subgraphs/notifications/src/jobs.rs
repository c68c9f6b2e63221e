//! What workers do besides answering: tell what was announced, send what is due, remove what is old. Several
//! processes may run it at once.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::join_all};
use kernel::{Fault, Named as _};
use service::{Ctx, Task};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    channels::Channels,
    commands,
    domain::{AudienceKind, Queue},
    queries,
};

/// How long an announcement waits at most before a worker sees it; consumers wake those of their process.
const ANNOUNCEMENTS: Duration = Duration::from_secs(1);
/// How long a delivery waits at most; workers that announce wake those that deliver.
const DELIVERIES: Duration = Duration::from_secs(1);
/// Messages of a queue that are under way at once: one that hangs does not keep the others from leaving.
const AT_ONCE: usize = 32;
/// How many of them are claimed together.
const BATCH: usize = 8;
/// How often what is due is counted.
const MEASURE: Duration = Duration::from_secs(10);
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
            name: "notifications.measure",
            run: Arc::new(|ctx, stop| measure(ctx, stop).boxed()),
        },
        Task {
            name: "notifications.sweep",
            run: Arc::new(|ctx, stop| sweep(ctx, stop).boxed()),
        },
    ]
}

/// Each kind of audience by itself: one person does not wait until thousands have been told.
async fn announce(ctx: Ctx, stop: CancellationToken) {
    join_all(AudienceKind::all().map(|audience| announce_to(audience, &ctx, &stop))).await;
}

async fn announce_to(audience: AudienceKind, ctx: &Ctx, stop: &CancellationToken) {
    let mut consumed = ctx.live.listen(crate::SUBGRAPH.name);
    while !stop.is_cancelled() {
        let told = commands::fan_out_next(ctx, audience).await;
        if !report(told, "announcing failed").unwrap_or(false) {
            tokio::select! {
                () = consumed.changed() => {}
                () = pause(stop, ANNOUNCEMENTS) => {}
            }
        }
    }
}

/// Each queue by itself, likewise.
async fn deliver(ctx: Ctx, channels: Channels, stop: CancellationToken) {
    join_all(Queue::all().map(|queue| deliver_from(queue, &ctx, &channels, &stop))).await;
}

async fn deliver_from(queue: Queue, ctx: &Ctx, channels: &Channels, stop: &CancellationToken) {
    let mut due = ctx.live.listen(commands::DUE);
    let mut under_way = JoinSet::new();
    while !stop.is_cancelled() {
        while under_way.try_join_next().is_some() {}
        let free = AT_ONCE - under_way.len();
        if free == 0 {
            under_way.join_next().await;
            continue;
        }
        let taken = commands::take_due(ctx, channels, queue, free.min(BATCH)).await;
        let taken = report(taken, "claiming failed").unwrap_or_default();
        if taken.is_empty() {
            tokio::select! {
                () = due.changed() => {}
                () = pause(stop, DELIVERIES) => {}
            }
        }
        for sending in taken {
            under_way.spawn(async { report(sending.await, "sending failed") });
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn measure(ctx: Ctx, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for queue in Queue::all() {
            if let Some(count) = counted(queries::count_due(&ctx, queue).await) {
                metrics::gauge!("pasar_notifications_due_deliveries", "queue" => queue.name())
                    .set(count);
            }
        }
        for audience in AudienceKind::all() {
            if let Some(count) = counted(queries::count_announcements(&ctx, audience).await) {
                metrics::gauge!("pasar_notifications_waiting_announcements", "audience" => audience.name())
                    .set(count);
            }
        }
        pause(&stop, MEASURE).await;
    }
}

/// A count for a gauge; nothing when counting failed, which is not the same as none.
fn counted(count: Result<i64, Fault>) -> Option<f64> {
    let count = report(count, "counting failed")?;
    Some(i32::try_from(count).unwrap_or(i32::MAX).into())
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
