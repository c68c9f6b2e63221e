//! What workers do besides consuming events. Each job can be run by several processes at once: what it
//! works on is claimed in the database.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use kernel::Fault;
use service::{Ctx, Task};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::{project, reindex, start_reindex},
    domain::{Error, Phase, ReindexStatus},
    metrics,
    store::{
        self, Engines,
        elastic::Elastic,
        projection::{documents, refresh},
    },
};

/// How many changes are pushed at once.
const BATCH: i64 = 2_000;
/// How long the query log is kept.
const LOG_DAYS: i64 = 90;
/// How long a job waits after it has found nothing to do; and after a failure.
const PUSH_PAUSE: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_secs(1);
const FAILURE_PAUSE: Duration = Duration::from_secs(5);
/// How long after a rebuild that failed another one is begun without being asked for.
const REBUILD_PAUSE: chrono::Duration = chrono::Duration::minutes(5);
/// How often chores are done.
const CHORES_HOURS: i64 = 24;

/// The jobs of this subgraph.
pub(crate) fn tasks(engines: &Engines) -> Vec<Task> {
    let node = engines.elastic().cloned();
    let mut tasks = vec![
        task("search.refresh", PAUSE, |ctx| {
            async move { refresh_next(&ctx).await }.boxed()
        }),
        task("search.chores", PAUSE * 60, |ctx| {
            async move { do_chores(&ctx).await.map(|()| false) }.boxed()
        }),
    ];
    let rebuilding = node.clone();
    tasks.push(task("search.reindex", PAUSE, move |ctx| {
        let node = rebuilding.clone();
        async move { Ok(reindex::step(&ctx, node.as_ref()).await? == reindex::Step::Onward) }
            .boxed()
    }));
    if let Some(node) = node {
        tasks.push(task("search.sync", PUSH_PAUSE, move |ctx| {
            let node = node.clone();
            async move { push_pending(&ctx, &node).await }.boxed()
        }));
    }
    tasks
}

/// A task that does `work` again and again: at once while there is more, after `pause` when there is not.
fn task(
    name: &'static str,
    pause: Duration,
    work: impl Fn(Ctx) -> BoxFuture<'static, Result<bool, Fault>> + Send + Sync + 'static,
) -> Task {
    let work = Arc::new(work);
    let run = move |ctx: Ctx, stop: CancellationToken| {
        let work = Arc::clone(&work);
        async move {
            let mut has_failed = false;
            loop {
                let pause = match work(ctx.clone()).await {
                    Ok(has_more) => {
                        has_failed = false;
                        if has_more { Duration::ZERO } else { pause }
                    }
                    Err(fault) => {
                        // Logged when it begins; it is tried again until it works.
                        if !has_failed {
                            tracing::warn!(task = name, cause = fault.chain(), "a task failed");
                        }
                        has_failed = true;
                        FAILURE_PAUSE
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
        .boxed()
    };
    Task {
        name,
        run: Arc::new(run),
    }
}

/// Computes the next products that a change of a shop, category or warehouse left over; gives whether
/// there was anything.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn refresh_next(ctx: &Ctx) -> Result<bool, Fault> {
    let mut tx = ctx.begin().await?;
    refresh::lock_shared(&mut tx).await?;
    let Some((scope, after)) = refresh::take(&mut tx).await? else {
        return Ok(false);
    };
    match project::chunk(&mut tx, scope, after, ctx.now()).await? {
        Some(after) => refresh::remember(&mut tx, scope, after).await?,
        None => refresh::forget(&mut tx, scope).await?,
    }
    tx.commit().await?;
    Ok(true)
}

/// Pushes the next changes to the search node, and sees to it that there is an index; gives whether there
/// may be more.
///
/// # Errors
/// `UNAVAILABLE` when the node is away.
pub async fn push_pending(ctx: &Ctx, node: &Elastic) -> Result<bool, Fault> {
    let mut tx = ctx.begin().await?;
    if !store::chores::may_push(&mut tx).await? {
        return Ok(false);
    }
    let pending = documents::list_pending(&mut tx, BATCH).await?;
    let is_full = i64::try_from(pending.len()) == Ok(BATCH);
    if pending.is_empty() {
        return Ok(false);
    }
    if node.current_index().await?.is_none() {
        drop(tx);
        return begin_index(ctx).await;
    }
    let (changes, times): (Vec<_>, Vec<_>) = pending
        .into_iter()
        .map(|pending| (pending.change, pending.changed_at))
        .unzip();
    node.push(None, &changes).await?;
    documents::set_indexed(&mut tx, &changes).await?;
    tx.commit().await?;
    for changed_at in times {
        metrics::indexed(ctx.now() - changed_at);
    }
    metrics::backlog(documents::count_pending(&ctx.db).await?);
    Ok(is_full)
}

/// A node without index gets one, filled with what is there.
async fn begin_index(ctx: &Ctx) -> Result<bool, Fault> {
    let last = store::reindexes::find(&ctx.db, None).await?;
    let has_just_failed = last.is_some_and(|last| {
        last.status == ReindexStatus::Failed && ctx.now() - last.updated_at < REBUILD_PAUSE
    });
    if has_just_failed {
        return Ok(false);
    }
    match start_reindex::begin(ctx, Phase::Fill).await {
        // One that is running already will make it.
        Ok(_) | Err(Error::Rejected(_)) => Ok(false),
        Err(Error::Fault(fault)) => Err(fault),
    }
}

/// Forgets old searches and unused words, once a day.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn do_chores(ctx: &Ctx) -> Result<(), Fault> {
    let (now, every) = (ctx.now(), chrono::Duration::hours(CHORES_HOURS));
    if !store::chores::claim(&ctx.db, "forget", every, now).await? {
        return Ok(());
    }
    let until = now - chrono::Duration::days(LOG_DAYS);
    while store::searches::forget(&ctx.db, until).await? > 0 {}
    let mut after = String::new();
    while let Some(last) = store::chores::sweep_terms(&ctx.db, &after, BATCH).await? {
        after = last;
    }
    Ok(())
}
