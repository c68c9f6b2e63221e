//! Consumers: what a subgraph does about events of others, once in effect for each.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kernel::{CallContext, Fault, Principal};

use crate::{Ctx, Deps, Event, Transaction};

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
}

/// Runs `consumer` on `event` unless it did so before: effect and memory in one transaction.
///
/// # Errors
/// [`Fault`] of the effect or the database; nothing is left behind then. `UNAVAILABLE` means that trying
/// later may help.
pub async fn deliver(
    deps: &Deps,
    subgraph: &str,
    consumer: &Consumer,
    event: &Event,
) -> Result<Delivery, Fault> {
    let call = CallContext {
        principal: Arc::new(Principal::service(subgraph)),
        request_id: event.event_id.to_string().into(),
        traceparent: event.traceparent.as_deref().map(Into::into),
        deadline: None,
    };
    let ctx = Ctx::new(deps, &call);
    let mut tx = ctx.begin().await?;
    let new = sqlx::query(
        "insert into inbox (consumer, event_id, processed_at) values ($1, $2, $3) \
         on conflict do nothing",
    )
    .bind(consumer.name)
    .bind(event.event_id.uuid())
    .bind(ctx.now())
    .execute(&mut *tx)
    .await?;
    if new.rows_affected() == 0 {
        return Ok(Delivery::Repeated);
    }
    (consumer.handle)(&ctx, &mut tx, event).await?;
    tx.commit().await?;
    Ok(Delivery::Done)
}
