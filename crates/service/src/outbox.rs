//! The outbox: what happened, written in the transaction that made it happen. Nothing is published
//! in any other way; a relay carries the rows to the event bus.

use kernel::{Entity, Fault, Id, markers};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;

use crate::Ctx;

/// The longest payload, in bytes of its JSON text. A longer one fails the command: Kafka takes no record above a
/// million bytes, and what it does not take would hold up all events behind it.
pub const MAX_PAYLOAD_BYTES: usize = 512 * 1024;

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
/// [`Fault`] when the payload is longer than [`MAX_PAYLOAD_BYTES`] or the database refuses; the transaction must then
/// be dropped.
pub async fn append<E: Entity, P: EventPayload>(
    tx: &mut PgConnection,
    ctx: &Ctx,
    id: Id<E>,
    version: i32,
    payload: &P,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, \
         version, payload, actor, traceparent) values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9)",
    )
    .bind(ctx.ids.next::<markers::Event>().uuid())
    .bind(P::EVENT_TYPE)
    .bind(ctx.now())
    .bind(P::AGGREGATE_TYPE)
    .bind(id.to_string())
    .bind(version)
    .bind(text(payload)?)
    .bind(ctx.principal.actor())
    .bind(ctx.traceparent.as_deref())
    .execute(tx)
    .await?;
    Ok(())
}

fn text<P: EventPayload>(payload: &P) -> Result<String, Fault> {
    let text = serde_json::to_string(payload)?;
    if text.len() > MAX_PAYLOAD_BYTES {
        return Err(Fault::internal(format!(
            "the payload of {} has {} bytes; {MAX_PAYLOAD_BYTES} are allowed",
            P::EVENT_TYPE,
            text.len()
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, JsonSchema)]
    struct Said {
        words: String,
    }

    impl EventPayload for Said {
        const EVENT_TYPE: &'static str = "thing.said";
        const AGGREGATE_TYPE: &'static str = "thing";
    }

    #[test]
    fn what_no_bus_would_take_is_refused_before_it_holds_up_the_others() {
        let of = |bytes: usize| Said {
            words: "x".repeat(bytes - "{\"words\":\"\"}".len()),
        };
        assert!(text(&of(MAX_PAYLOAD_BYTES)).is_ok());
        let refused = text(&of(MAX_PAYLOAD_BYTES + 1)).unwrap_err().chain();
        assert!(refused.contains("thing.said has 524289 bytes"), "{refused}");
    }
}
