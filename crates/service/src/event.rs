//! An event on its way: the envelope that consumers read.

use chrono::{DateTime, SecondsFormat, Utc};
use kernel::{EventId, Fault};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

/// What happened, as the bus carries it (docs/events.md). Fields that a newer publisher adds are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// What consumers remember to act once.
    pub event_id: EventId,
    /// Aggregate and past tense: `product.created`.
    pub event_type: String,
    /// When it happened.
    #[serde(serialize_with = "with_micros")]
    pub event_time: DateTime<Utc>,
    /// The kind of aggregate.
    pub aggregate_type: String,
    /// The aggregate: the key that keeps its events in order.
    pub aggregate_id: String,
    /// Of the aggregate after the event.
    pub version: i32,
    /// As the schema of its type says.
    pub payload: Value,
    /// A user's id, `service:<name>` or `anonymous`.
    pub actor: String,
    /// W3C trace context of the request behind it.
    pub traceparent: Option<String>,
}

impl Event {
    /// The event in a record of the bus.
    ///
    /// # Errors
    /// An internal [`Fault`] when it is no envelope: trying again will not help.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let event = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| Fault::internal(format!("this is no event: {error}")))?;
        json.end()?;
        Ok(event)
    }

    /// The payload, as far as this consumer reads it.
    ///
    /// # Errors
    /// An internal [`Fault`] when it does not have the fields that the consumer needs: the event is
    /// poison for it.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_path_to_error::deserialize(&self.payload).map_err(|error| {
            Fault::internal(format!(
                "the payload of {} `{}` is not what its schema says: {error}",
                self.event_type, self.event_id
            ))
        })
    }
}

/// As many digits as the database has, so that the text does not depend on the moment.
fn with_micros<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}
