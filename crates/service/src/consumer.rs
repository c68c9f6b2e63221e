//! Consumers: what a subgraph does about events of others, once in effect for each.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use kernel::{CallContext, EventId, Fault, Principal};
use sqlx::PgConnection;

use crate::{Ctx, Deps, Event, Transaction, dead_letters};

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

/// Runs `consumer` on `event` of `topic` unless it did so before: effect and memory in one transaction.
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
    if !remember(&mut tx, consumer.name, event.event_id, ctx.now()).await? {
        return Ok(Delivery::Repeated);
    }
    if dead_letters::has(&mut tx, consumer.name, &event.aggregate_id).await? {
        dead_letters::park(&mut tx, consumer.name, topic, event, ctx.now()).await?;
        tx.commit().await?;
        return Ok(Delivery::Parked);
    }
    (consumer.handle)(&ctx, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Delivery::Done)
}

/// Notes that `consumer` has dealt with the event; `false` when it had before. Whoever else is dealing with
/// it at this moment is waited for.
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
    let swept = sqlx::query("delete from inbox where processed_at < $1")
        .bind(before)
        .execute(&ctx.db)
        .await?;
    Ok(swept.rows_affected())
}
