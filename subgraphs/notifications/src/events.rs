//! What this subgraph publishes (L-NOT-V).

use kernel::{DeliveryId, Named as _, NotificationId, UserId};
use schemars::JsonSchema;
use serde::Serialize;
use service::outbox::{EventContract, EventPayload, contract};

use crate::domain::Delivery;

/// The events of this subgraph, for the catalogue in `schema/events/`.
#[must_use]
pub fn contracts() -> Vec<EventContract> {
    vec![
        contract::<NotificationSent>(),
        contract::<NotificationFailed>(),
    ]
}

/// A provider took a message.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationSent {
    /// Which message.
    #[serde(flatten)]
    pub delivery: DeliveryFace,
}

/// A message will not reach the person over this channel.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationFailed {
    /// Which message.
    #[serde(flatten)]
    pub delivery: DeliveryFace,
    /// `REFUSED` by the provider, `BOUNCED` back, or given up after all `ATTEMPTS`.
    pub cause: &'static str,
}

/// What others may know of a delivery.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryFace {
    /// The notification.
    pub notification_id: NotificationId,
    /// The attempt to reach the person.
    pub delivery_id: DeliveryId,
    /// The person.
    pub user_id: UserId,
    /// What they are told: `PRICE_DROP`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// By which way: `EMAIL`.
    pub channel: &'static str,
    /// Who carries it: `smtp`.
    pub provider: String,
}

impl From<&Delivery> for DeliveryFace {
    fn from(delivery: &Delivery) -> Self {
        Self {
            notification_id: delivery.notification_id,
            delivery_id: delivery.id,
            user_id: delivery.user_id,
            kind: delivery.kind.name(),
            channel: delivery.channel.name(),
            provider: delivery.provider.clone().unwrap_or_default(),
        }
    }
}

impl EventPayload for NotificationSent {
    const EVENT_TYPE: &'static str = "notification.sent";
    const AGGREGATE_TYPE: &'static str = "notification";
}
impl EventPayload for NotificationFailed {
    const EVENT_TYPE: &'static str = "notification.failed";
    const AGGREGATE_TYPE: &'static str = "notification";
}
