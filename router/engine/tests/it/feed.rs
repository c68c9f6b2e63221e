//! Events of mock subgraphs.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use router_engine::{EventStream, GraphqlResponse, TransportError};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::support::{Setup, read};

enum Event {
    /// The root object: what is asked of it is sent.
    Happens(Value),
    /// This text is sent.
    Says(String),
    Fails(TransportError),
}

/// Feeds that wait for subscribers.
#[derive(Default)]
pub(crate) struct Feeds(Mutex<VecDeque<Waiting>>);

struct Waiting {
    events: mpsc::UnboundedReceiver<Event>,
    asked: Arc<AtomicUsize>,
}

impl Feeds {
    /// What the next subscriber gets; `answer` makes a response of a root object.
    pub(crate) fn open(
        &self,
        answer: impl Fn(&Value) -> String + Send + Sync + 'static,
    ) -> Result<EventStream, TransportError> {
        let mut feeds = self.0.lock().unwrap();
        // A test may have got no subscription, and dropped its feed.
        feeds.retain(|waiting| !waiting.events.is_closed());
        let waiting = feeds.pop_front();
        let Some(Waiting { events, asked }) = waiting else {
            return Err(TransportError::NoSubscriptions);
        };
        let events = stream::unfold(
            (events, asked, answer),
            |(mut events, asked, answer)| async {
                asked.fetch_add(1, Ordering::Relaxed);
                let item = match events.recv().await? {
                    Event::Happens(root) => Ok(Bytes::from(answer(&root))),
                    Event::Says(text) => Ok(Bytes::from(text)),
                    Event::Fails(error) => Err(error),
                };
                Some((item, (events, asked, answer)))
            },
        );
        Ok(events.boxed())
    }
}

/// Sends events to one subscriber. Dropping it completes the subscription.
pub(crate) struct Feed {
    events: mpsc::UnboundedSender<Event>,
    asked: Arc<AtomicUsize>,
}

impl Setup {
    /// What the next subscriber at a subgraph will get.
    pub(crate) fn feed(&self, subgraph: &str) -> Feed {
        let (sender, events) = mpsc::unbounded_channel();
        let asked = Arc::<AtomicUsize>::default();
        let waiting = Waiting {
            events,
            asked: Arc::clone(&asked),
        };
        let feeds = &self.mocks[subgraph].feeds;
        feeds.0.lock().unwrap().push_back(waiting);
        Feed {
            events: sender,
            asked,
        }
    }
}

impl Feed {
    /// The subgraph answers what was asked for of this root object.
    pub(crate) fn happens(&self, root: Value) {
        self.send(Event::Happens(root));
    }

    /// The subgraph sends this text.
    pub(crate) fn says(&self, text: &impl ToString) {
        self.send(Event::Says(text.to_string()));
    }

    /// The way to the subgraph breaks.
    pub(crate) fn fails(&self, error: TransportError) {
        self.send(Event::Fails(error));
    }

    fn send(&self, event: Event) {
        assert!(self.events.send(event).is_ok(), "somebody has subscribed");
    }

    /// How many events the engine has asked for.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether the subscriber has gone.
    pub(crate) fn is_dropped(&self) -> bool {
        self.events.is_closed()
    }
}

/// A client that has subscribed.
pub(crate) struct Subscription(pub(crate) BoxStream<'static, GraphqlResponse>);

impl Subscription {
    /// The next response, or nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        self.0.next().await.map(|response| read(&response))
    }
}
