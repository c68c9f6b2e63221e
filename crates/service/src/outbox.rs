//! The outbox: what happened, written in the transaction that made it happen. Nothing is published
//! in any other way; a relay carries the rows to the event bus.

use kernel::{Entity, Fault, Id, markers};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;

use crate::Ctx;

/// What an event says besides its envelope. Consumers of other subgraphs read it by its JSON Schema
/// in `schema/events/`, never by this type.
pub trait EventPayload: Serialize + JsonSchema + Sync {
    /// Aggregate and past tense: `product.created`.
    const EVENT_TYPE: &'static str;
    /// The kind of aggregate; the topic is `<subgraph>.<AGGREGATE_TYPE>`.
    const AGGREGATE_TYPE: &'static str;
}

/// The published description of one kind of event.
pub struct EventContract {
    /// See [`EventPayload::EVENT_TYPE`].
    pub event_type: &'static str,
    /// See [`EventPayload::AGGREGATE_TYPE`].
    pub aggregate_type: &'static str,
    /// JSON Schema of the payload.
    pub payload_schema: Value,
}

/// The contract of the events with payload `P`.
#[must_use]
pub fn contract<P: EventPayload>() -> EventContract {
    EventContract {
        event_type: P::EVENT_TYPE,
        aggregate_type: P::AGGREGATE_TYPE,
        payload_schema: schemars::schema_for!(P).to_value(),
    }
}

/// Writes an event about the aggregate `id`, which has `version` after it, to be published after
/// commit. The aggregate's id is the key that keeps its events in order.
///
/// # Errors
/// [`Fault`] when the database refuses; the transaction must then be dropped.
pub async fn append<E: Entity, P: EventPayload>(
    tx: &mut PgConnection,
    ctx: &Ctx,
    id: Id<E>,
    version: i32,
    payload: &P,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, \
         version, payload, actor, traceparent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(ctx.ids.next::<markers::Event>().uuid())
    .bind(P::EVENT_TYPE)
    .bind(ctx.now())
    .bind(P::AGGREGATE_TYPE)
    .bind(id.to_string())
    .bind(version)
    .bind(serde_json::to_value(payload)?)
    .bind(ctx.principal.actor())
    .bind(ctx.traceparent.as_deref())
    .execute(tx)
    .await?;
    Ok(())
}
