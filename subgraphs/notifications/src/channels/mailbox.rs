//! The way out of channels without a provider: a table of what would have been sent.

use service::Deps;

use super::{Address, Message, Outcome};
use crate::store;

/// See [`super::Channels::provider`].
pub(super) const NAME: &str = "mailbox";

/// Writes messages into the table `mailbox`.
#[derive(Clone)]
pub(super) struct Mailbox {
    deps: Deps,
}

impl Mailbox {
    pub(super) fn new(deps: &Deps) -> Self {
        Self { deps: deps.clone() }
    }

    /// Keeps a message; the same one again is kept once.
    pub(super) async fn keep(&self, message: &Message) -> Outcome {
        let to = match &message.to {
            Address::Email { address, .. } => address,
            Address::Phone(number) => number,
            Address::Device(token) => token,
        };
        let now = self.deps.clock.now();
        match store::mailbox::insert(&self.deps.db, message, to, now).await {
            Ok(()) => Outcome::Accepted {
                provider_id: message.delivery_id.to_string(),
            },
            Err(fault) => Outcome::Failed {
                reason: format!("the mailbox is not to be written: {}", fault.public()),
                retry_after: None,
            },
        }
    }
}
