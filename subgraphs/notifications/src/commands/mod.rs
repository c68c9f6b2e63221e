//! What changes notifications. Each command loads, lets the domain decide, saves and records the event, in
//! one transaction.

mod record_status;

pub use record_status::record_status;

use std::sync::Arc;

use kernel::{CallContext, Principal};
use service::{Ctx, Deps};

use crate::domain::{ChannelKind, DeliveryStatus, Named as _};

/// A context in which this subgraph acts on its own behalf, for callbacks of providers.
#[must_use]
pub fn own_context(deps: &Deps) -> Ctx {
    let call = CallContext {
        principal: Arc::new(Principal::service("notifications")),
        request_id: "notifications".into(),
        traceparent: None,
        deadline: None,
    };
    Ctx::new(deps, &call)
}

/// Counts what became of a delivery.
fn count(channel: ChannelKind, status: DeliveryStatus) {
    metrics::counter!(
        "pasar_notifications_deliveries_total",
        "channel" => channel.name(), "status" => status.name()
    )
    .increment(1);
}
