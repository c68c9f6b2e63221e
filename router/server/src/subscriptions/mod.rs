//! Connections that stay open, whatever their protocol: how many there are, what runs on them, and
//! their end.

mod events;
mod operation;

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use events::{once, stream};
pub(crate) use operation::{Asker, Item, Items, Transport, run, subscribe};

use crate::{SubscriptionSettings, policy::places::Places};

/// What all open connections share.
pub(crate) struct Subscriptions {
    pub(crate) places: Arc<Places>,
    /// Cancelled when they are to end.
    pub(crate) draining: CancellationToken,
    /// Their tasks.
    pub(crate) tasks: TaskTracker,
}

impl Subscriptions {
    pub(crate) fn new(settings: &SubscriptionSettings) -> Self {
        Self {
            places: Arc::new(Places::new(settings)),
            draining: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Ends them all; what has not ended after `timeout` is left to the end of the process.
    pub(crate) async fn end(&self, timeout: Duration) {
        self.draining.cancel();
        self.tasks.close();
        if tokio::time::timeout(timeout, self.tasks.wait())
            .await
            .is_err()
        {
            let connections = self.tasks.len();
            tracing::warn!(
                connections,
                "{connections} subscribers did not go before the drain timeout"
            );
        }
    }
}
