//! Connections for subscriptions, apart from those for queries. Servers limit how many calls one HTTP/2
//! connection carries, and calls that never end would use them up: then everything waits.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use process::client::Client;
use router_engine::EventStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The least that HTTP/2 recommends servers to allow.
const STREAMS_PER_LANE: usize = 100;

/// Clients of which each has a connection of its own, if it speaks HTTP/2, and carries a bounded number of
/// streams.
pub(super) struct Lanes {
    model: Client,
    lanes: Mutex<Vec<Lane>>,
}

struct Lane {
    client: Client,
    slots: Arc<Semaphore>,
}

/// A place in a lane.
pub(super) struct Slot(
    #[expect(dead_code, reason = "held, not used")] Option<OwnedSemaphorePermit>,
);

impl Lanes {
    pub(super) fn new(model: Client) -> Self {
        Self {
            model,
            lanes: Mutex::default(),
        }
    }

    /// A client with room for one more stream. Streams fill the first lanes first, so that the
    /// connections of the last ones can close.
    pub(super) fn enter(&self) -> (Client, Slot) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        for lane in lanes.iter() {
            if let Ok(slot) = Arc::clone(&lane.slots).try_acquire_owned() {
                return (lane.client.clone(), Slot(Some(slot)));
            }
        }
        let client = self.model.apart();
        let slots = Arc::new(Semaphore::new(STREAMS_PER_LANE));
        let slot = Slot(Arc::clone(&slots).try_acquire_owned().ok());
        lanes.push(Lane {
            client: client.clone(),
            slots,
        });
        (client, slot)
    }
}

impl Slot {
    /// The same events; the place is free again when they have ended.
    pub(super) fn hold_during(self, events: EventStream) -> EventStream {
        events
            .map(move |event| {
                let _held = &self;
                event
            })
            .boxed()
    }
}
