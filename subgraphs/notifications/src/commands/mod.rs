//! What changes notifications. Each command loads, lets the domain decide, saves and records the event, in
//! one transaction.

mod announce;
mod compose;
mod deliver;
mod fan_out;
mod follow_account;
mod follow_product;
mod mark_read;
mod record_status;
mod register_device;
mod set_template;
mod sweep;
mod update_preferences;
mod watch_product;

pub use announce::announce;
pub use deliver::{Sending, take_due};
pub use fan_out::{BATCH, fan_out_next};
pub use follow_account::{erase_person, follow_closing, follow_profile};
pub use follow_product::{follow_product, forget_product};
pub use mark_read::{mark_all_read, mark_read};
pub use record_status::{Heard, record_status};
pub use register_device::{RegisterDevice, register_device, remove_device};
pub use set_template::{SetTemplate, set_template};
pub use sweep::sweep;
pub use update_preferences::{UpdatePreferences, update_preferences};
pub use watch_product::{unwatch_product, watch_product};

use std::sync::Arc;

use kernel::{CallContext, Fault, Named as _, Principal, UserId};
use service::{Ctx, Deps};

use crate::domain::{ChannelKind, DeliveryStatus, Person};

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

/// The channel on which workers hear that something may be due.
pub const DUE: &str = "notifications.due";

/// The channel on which a person's subscriptions hear that something is new.
#[must_use]
pub fn live_channel(user_id: UserId) -> String {
    format!("notifications:{user_id}")
}

/// Wakes the subscriptions of people who were told something, and the workers that send. After the commit.
fn wake(ctx: &Ctx, told: &[UserId]) {
    for user_id in told {
        ctx.live.wake(&live_channel(*user_id));
    }
    ctx.live.wake(DUE);
}

/// Somebody whose account is gone can still hold a token for some minutes: nothing may be kept for them.
fn refuse_erased(person: &Person) -> Result<(), Fault> {
    if person.is_erased {
        return Err(Fault::unauthenticated());
    }
    Ok(())
}
