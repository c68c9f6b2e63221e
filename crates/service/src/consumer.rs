//! Consumers: what a subgraph does about events of others, once in effect for each.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt as _, future::BoxFuture};
use kernel::{CallContext, EventId, Fault, Principal};
use sqlx::PgConnection;

use crate::{Ctx, Deps, Event, Transaction, db, dead_letters};

/// How long an effect may take before it counts as failed.
const EFFECT_LIMIT: Duration = Duration::from_secs(60);

/// The effect of one event, in the transaction that also remembers the event. It must do nothing that a
/// rollback does not undo. Kinds of event it does not know are not an error.
pub type Handle = Arc<
    dyn for<'a> Fn(&'a Ctx, &'a mut Transaction, &'a Event) -> BoxFuture<'a, Result<(), Fault>>
        + Send
        + Sync,
>;

/// A reader of topics on behalf of one subgraph.
#[derive(Clone)]
pub struct Consumer {
    /// `<subgraph>.<purpose>`; also the name of its group on the bus.
    pub name: &'static str,
    /// `<subgraph>.<aggregateType>`.
    pub topics: &'static [&'static str],
    /// What it does about an event.
    pub handle: Handle,
}

/// What became of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The effect was committed.
    Done,
    /// It was committed before; nothing was done.
    Repeated,
    /// An earlier event of the same aggregate is a dead letter: this one waits behind it.
    Parked,
}

/// Runs `consumer` on `event` of `topic` unless it did so before: effect and memory in one transaction. Then
/// whoever listens in this process to the subgraph's name is woken: tasks that go on with what consumers write.
///
/// # Errors
/// [`Fault`] of the effect or the database; nothing is left behind then. [`db::may_pass`](crate::db::may_pass)
/// says whether trying later may help.
pub async fn deliver(
    deps: &Deps,
    subgraph: &str,
    consumer: &Consumer,
    topic: &str,
    event: &Event,
) -> Result<Delivery, Fault> {
    let ctx = context(deps, subgraph, event);
    let mut tx = ctx.begin().await?;
    let claim = claim(&mut tx, consumer.name, event, ctx.now()).await?;
    if !claim.is_new {
        return Ok(Delivery::Repeated);
    }
    if claim.has_letters {
        dead_letters::park(&mut tx, consumer.name, topic, event, ctx.now()).await?;
        tx.commit().await?;
        return Ok(Delivery::Parked);
    }
    (consumer.handle)(&ctx, &mut tx, event).await?;
    tx.commit().await?;
    deps.live.wake_here(subgraph);
    Ok(Delivery::Done)
}

/// What is known of an event before its effect.
#[derive(sqlx::FromRow)]
struct Claim {
    /// Nobody has dealt with it before.
    is_new: bool,
    /// Its aggregate has dead letters.
    has_letters: bool,
}

/// Notes that `consumer` deals with the event, and looks whether there are letters of its aggregate: one
/// statement for both, since every event pays for it. Waits for whoever else is dealing with the event, and for
/// a replay that is at one of the letters; keeps a replay from finding nothing more while the caller puts
/// another letter behind them.
///
/// That both see the database as it was before such a wait does no harm: letters of earlier events were there
/// before this event was begun, and one that was replayed meanwhile is gone when it is to be locked.
async fn claim(
    tx: &mut PgConnection,
    consumer: &str,
    event: &Event,
    now: DateTime<Utc>,
) -> Result<Claim, Fault> {
    Ok(sqlx::query_as(
        "with new as (insert into inbox (consumer, event_id, processed_at) values ($1, $2, $3) \
                 on conflict do nothing returning event_id), \
             letter as (select position from dead_letters where consumer = $1 and aggregate_id = $4 \
                 order by position limit 1 for share) \
         select exists (select from new) as is_new, exists (select from letter) as has_letters",
    )
    .bind(consumer)
    .bind(event.event_id.uuid())
    .bind(now)
    .bind(dead_letters::without_nul(&event.aggregate_id))
    .fetch_one(tx)
    .await?)
}

/// Notes that `consumer` is done with the event without an effect; `false` when it had dealt with it before.
/// Whoever else is dealing with it at this moment is waited for.
pub(crate) async fn remember(
    tx: &mut PgConnection,
    consumer: &str,
    event: EventId,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let new = sqlx::query(
        "insert into inbox (consumer, event_id, processed_at) values ($1, $2, $3) \
         on conflict do nothing",
    )
    .bind(consumer)
    .bind(event.uuid())
    .bind(now)
    .execute(tx)
    .await?;
    Ok(new.rows_affected() == 1)
}

/// Runs an effect so that it neither panics nor lasts for ever.
pub(crate) async fn guarded<T>(effect: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    match tokio::time::timeout(EFFECT_LIMIT, AssertUnwindSafe(effect).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Fault::internal("the effect panicked")),
        Err(_) => Err(Fault::internal("the effect took too long")),
    }
}

/// The context in which an effect of `event` happens.
pub(crate) fn context(deps: &Deps, subgraph: &str, event: &Event) -> Ctx {
    let call = CallContext {
        principal: Arc::new(Principal::service(subgraph)),
        request_id: event.event_id.to_string().into(),
        traceparent: event.traceparent.as_deref().map(Into::into),
        deadline: None,
    };
    Ctx::new(deps, &call)
}

/// Forgets what was dealt with before `before`. What the bus may still repeat must be remembered: keep more
/// than the bus keeps.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn sweep(ctx: &Ctx, before: DateTime<Utc>) -> Result<u64, Fault> {
    let old = "delete from inbox where ctid = any(array( \
        select ctid from inbox where processed_at < $1 limit $2))";
    db::sweep(&ctx.db, old, before).await
}
