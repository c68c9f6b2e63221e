//! The messages of `graphql-transport-ws`, read and written.

use std::sync::Arc;

use axum::extract::ws::{Message, Utf8Bytes};
use bytes::Bytes;
use router_engine::{GraphqlError, GraphqlResponse};
use serde_json_bytes::{ByteString, Map, Value};

use super::close::Close;

type Object = Map<ByteString, Value>;

/// What a client says.
#[derive(Debug)]
pub(crate) enum Incoming {
    Init(Object),
    Ping(Option<Object>),
    Pong,
    Subscribe { id: Arc<str>, payload: Object },
    Complete { id: Arc<str> },
}

impl Incoming {
    /// Its kind, for metrics.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Init(_) => "connection_init",
            Self::Ping(_) => "ping",
            Self::Pong => "pong",
            Self::Subscribe { .. } => "subscribe",
            Self::Complete { .. } => "complete",
        }
    }

    /// Reads a message; members it does not know are ignored.
    pub(crate) fn read(text: Bytes) -> Result<Self, Close> {
        let value = Value::from_bytes(text)
            .map_err(|error| bad(format!("Invalid message received: no JSON, {error}")))?;
        let Value::Object(mut message) = value else {
            return Err(bad("Invalid message received: no JSON object"));
        };
        let payload = match message.remove("payload") {
            None | Some(Value::Null) => None,
            Some(Value::Object(payload)) => Some(payload),
            Some(_) => {
                return Err(bad("Invalid message received: `payload` must be an object"));
            }
        };
        let Some(Value::String(kind)) = message.remove("type") else {
            return Err(bad("Invalid message received: `type` must be a string"));
        };
        match kind.as_str() {
            "connection_init" => Ok(Self::Init(payload.unwrap_or_default())),
            "ping" => Ok(Self::Ping(payload)),
            "pong" => Ok(Self::Pong),
            "subscribe" => Ok(Self::Subscribe {
                id: id(&mut message)?,
                payload: payload
                    .ok_or_else(|| bad("Invalid message received: `payload` is missing"))?,
            }),
            "complete" => Ok(Self::Complete {
                id: id(&mut message)?,
            }),
            kind @ ("connection_ack" | "next" | "error") => {
                Err(bad(format!("Unexpected message of type {kind} received")))
            }
            _ => Err(bad("Invalid message received: its `type` is unknown")),
        }
    }
}

fn id(message: &mut Object) -> Result<Arc<str>, Close> {
    match message.remove("id") {
        Some(Value::String(id)) if !id.as_str().is_empty() => Ok(id.as_str().into()),
        _ => Err(bad(
            "Invalid message received: `id` must be a string that is not empty",
        )),
    }
}

pub(crate) fn bad(reason: impl Into<std::borrow::Cow<'static, str>>) -> Close {
    Close::BadMessage(reason.into())
}

pub(crate) fn ack() -> Message {
    Message::Text(Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#))
}

pub(crate) fn pong(payload: Option<Object>) -> Message {
    let Some(payload) = payload else {
        return Message::Text(Utf8Bytes::from_static(r#"{"type":"pong"}"#));
    };
    let mut out = br#"{"type":"pong","payload":"#.to_vec();
    write(&mut out, &payload);
    out.push(b'}');
    text(out)
}

pub(crate) fn next(id: &str, response: &GraphqlResponse) -> Message {
    with_payload(id, "next", &response.to_bytes())
}

pub(crate) fn error(id: &str, errors: &[GraphqlError]) -> Message {
    let mut payload = Vec::new();
    write(&mut payload, &errors);
    with_payload(id, "error", &payload)
}

pub(crate) fn complete(id: &str) -> Message {
    let mut out = br#"{"id":"#.to_vec();
    write(&mut out, &id);
    out.extend_from_slice(br#","type":"complete"}"#);
    text(out)
}

fn with_payload(id: &str, kind: &str, payload: &[u8]) -> Message {
    let mut out = Vec::with_capacity(id.len() + payload.len() + 40);
    out.extend_from_slice(br#"{"id":"#);
    write(&mut out, &id);
    out.extend_from_slice(br#","type":""#);
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(br#"","payload":"#);
    out.extend_from_slice(payload);
    out.push(b'}');
    text(out)
}

fn write(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    serde_json::to_writer(out, value)
        .expect("values here have string keys, and writing to memory does not fail");
}

fn text(bytes: Vec<u8>) -> Message {
    Message::Text(Utf8Bytes::try_from(bytes).expect("JSON is written from texts"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use router_engine::ErrorCode;

    use super::*;

    fn read(text: &str) -> Result<Incoming, Close> {
        Incoming::read(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn what_is_not_a_clients_message_is_refused_with_a_reason() {
        for wrong in [
            "",
            "x",
            "[]",
            "null",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"start"}"#,
            r#"{"type":"Ping"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"error","id":"1","payload":[]}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"ping","payload":[]}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"complete"}"#,
        ] {
            let close = read(wrong).unwrap_err();
            assert_eq!(close.code(), 4400, "{wrong}");
            assert!(!close.frame().reason.is_empty());
        }
    }

    #[test]
    fn messages_are_written_as_the_protocol_says() {
        let response = GraphqlResponse {
            data: Some(Bytes::from_static(br#"{"n":1}"#)),
            errors: Vec::new(),
            extensions: serde_json::Map::new(),
        };
        let errors = [GraphqlError::new(ErrorCode::BadUserInput, "no")];
        for (message, expected) in [
            (ack(), r#"{"type":"connection_ack"}"#),
            (pong(None), r#"{"type":"pong"}"#),
            (
                next("a\"b", &response),
                r#"{"id":"a\"b","type":"next","payload":{"data":{"n":1}}}"#,
            ),
            (
                error("1", &errors),
                r#"{"id":"1","type":"error","payload":[{"message":"no","extensions":{"code":"BAD_USER_INPUT"}}]}"#,
            ),
            (complete("1"), r#"{"id":"1","type":"complete"}"#),
        ] {
            assert_eq!(message.to_text().unwrap(), expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            drop(read(&text));
        }

        #[test]
        fn a_ping_comes_back_as_it_was(key in ".*", value in ".*") {
            let sent = serde_json::json!({"type": "ping", "payload": {key: value}});
            let Incoming::Ping(payload) = read(&sent.to_string()).unwrap() else {
                return Err(TestCaseError::fail("not a ping"));
            };
            let answer: serde_json::Value = serde_json::from_str(pong(payload).to_text().unwrap()).unwrap();
            prop_assert_eq!(&answer["payload"], &sent["payload"]);
        }
    }
}
