//! The state of one connection as the protocol sees it, without a socket.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::AbortHandle;
use serde_json_bytes::{ByteString, Map, Value};

use super::{
    close::Close,
    message::{Incoming, bad},
};
use crate::graphql::{self, Asked, Refusal};

/// The state of one connection.
#[derive(Default)]
pub(crate) struct Session {
    introduced: bool,
    operations: Vec<Operation>,
    last_key: u64,
}

/// An operation that runs.
struct Operation {
    /// The client's name for it.
    id: Arc<str>,
    /// Ours: the client may use a name again.
    key: u64,
    abort: AbortHandle,
    /// It is a subscription that has begun, on the supergraph of this generation, and ends when it likes.
    subscribed: Option<u64>,
}

/// What a message demands.
#[derive(Debug)]
pub(crate) enum Step {
    Nothing,
    /// Find out who it is; the value of an Authorization header, if there is one.
    Introduce(Option<String>),
    Pong(Option<Map<ByteString, Value>>),
    Start(Arc<str>, Asked),
    /// Tell that the operation cannot be run.
    Refuse(Arc<str>, Refusal),
}

impl Session {
    /// What `text` demands now.
    pub(crate) fn receive(&mut self, text: Bytes) -> Result<(&'static str, Step), Close> {
        let message = Incoming::read(text)?;
        let kind = message.kind();
        let step = match message {
            Incoming::Init(_) if self.introduced => Err(Close::SecondInit),
            Incoming::Init(payload) => {
                self.introduced = true;
                authorization(&payload).map(Step::Introduce)
            }
            Incoming::Ping(payload) => Ok(Step::Pong(payload)),
            Incoming::Pong => Ok(Step::Nothing),
            Incoming::Subscribe { .. } if !self.introduced => Err(Close::NotIntroduced),
            Incoming::Subscribe { id, .. } if self.find(&id).is_some() => {
                Err(Close::Duplicate(id.as_ref().to_owned()))
            }
            Incoming::Subscribe { id, payload } => start(id, payload),
            Incoming::Complete { id } => {
                // An id that is not known has ended by itself while this was on its way.
                if let Some(place) = self.find(&id) {
                    self.operations.swap_remove(place).abort.abort();
                }
                Ok(Step::Nothing)
            }
        };
        step.map(|step| (kind, step))
    }

    /// Whether `connection_init` has come.
    pub(crate) const fn is_introduced(&self) -> bool {
        self.introduced
    }

    /// How many operations run.
    pub(crate) const fn running(&self) -> usize {
        self.operations.len()
    }

    /// Whether an operation runs that is no subscription, or not known to be one yet.
    pub(crate) fn has_unfinished(&self) -> bool {
        self.operations
            .iter()
            .any(|operation| operation.subscribed.is_none())
    }

    /// Whether the operation with this key is known to be a subscription.
    pub(crate) fn is_subscription(&self, key: u64) -> bool {
        let mut operations = self.operations.iter();
        operations.any(|operation| operation.key == key && operation.subscribed.is_some())
    }

    /// Ends and forgets all subscriptions.
    pub(crate) fn end_subscriptions(&mut self) {
        self.operations.retain(|operation| {
            if operation.subscribed.is_some() {
                operation.abort.abort();
            }
            operation.subscribed.is_none()
        });
    }

    /// Notes an operation, under a key of our own.
    pub(crate) fn started(&mut self, id: Arc<str>, abort: AbortHandle) -> u64 {
        self.last_key += 1;
        self.operations.push(Operation {
            id,
            key: self.last_key,
            abort,
            subscribed: None,
        });
        self.last_key
    }

    /// The operation with this key is a subscription, on the supergraph of this generation.
    pub(crate) fn begun(&mut self, key: u64, generation: u64) {
        if let Some(operation) = self.operations.iter_mut().find(|one| one.key == key) {
            operation.subscribed = Some(generation);
        }
    }

    /// The generation of the oldest supergraph that a subscription here is about.
    pub(crate) fn oldest_generation(&self) -> Option<u64> {
        self.operations
            .iter()
            .filter_map(|one| one.subscribed)
            .min()
    }

    /// The client's name for the operation with this key.
    pub(crate) fn id(&self, key: u64) -> Option<Arc<str>> {
        let found = self.operations.iter().find(|one| one.key == key);
        found.map(|operation| Arc::clone(&operation.id))
    }

    /// Forgets the operation with this key and gives the client's name for it.
    pub(crate) fn ended(&mut self, key: u64) -> Option<Arc<str>> {
        let place = self.operations.iter().position(|one| one.key == key)?;
        let operation = self.operations.swap_remove(place);
        operation.abort.abort();
        if self.operations.is_empty() {
            // Tens of thousands of idle connections must not keep room for operations long gone.
            self.operations = Vec::new();
        }
        Some(operation.id)
    }

    fn find(&self, id: &str) -> Option<usize> {
        self.operations.iter().position(|one| &*one.id == id)
    }
}

fn start(id: Arc<str>, payload: Map<ByteString, Value>) -> Result<Step, Close> {
    // A document left out on purpose: the client must learn that it has to send it.
    let names_stored = matches!(payload.get("extensions"), Some(Value::Object(extensions))
        if extensions.contains_key("persistedQuery"));
    match graphql::asked(payload) {
        Ok(asked) => Ok(Step::Start(id, asked)),
        Err(refusal) if names_stored => Ok(Step::Refuse(id, refusal)),
        Err(refusal) => {
            let errors = refusal.into_errors();
            let message = errors.first().map_or("", |error| &error.message);
            Err(bad(format!("Invalid message received: {message}")))
        }
    }
}

/// What the client says of itself where a browser cannot send headers: `authorization`, alone or among
/// `headers`, in any case.
fn authorization(payload: &Map<ByteString, Value>) -> Result<Option<String>, Close> {
    let in_headers = match find(payload, "headers") {
        Some(Value::Object(headers)) => find(headers, "authorization"),
        _ => None,
    };
    match find(payload, "authorization").or(in_headers) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(value)) => Ok(Some(value.as_str().to_owned())),
        Some(_) => Err(bad(
            "Invalid message received: `authorization` must be a string",
        )),
    }
}

fn find<'a>(members: &'a Map<ByteString, Value>, name: &str) -> Option<&'a Value> {
    let found = members
        .iter()
        .find(|(key, _)| key.as_str().eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

#[cfg(test)]
mod tests;
