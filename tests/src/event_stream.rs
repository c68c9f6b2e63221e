//! A subscriber over server-sent events, as plain as can be.

use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::Value;

/// What a subscriber hears.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// A response.
    Next(Value),
    /// The subscription has ended in order.
    Complete,
    /// The stream has ended without a word.
    Broken,
}

/// A subscription that runs. Dropping it unsubscribes.
pub struct EventStream {
    body: Incoming,
    unread: Vec<u8>,
}

impl EventStream {
    /// Reads the events of an answer, which must have some.
    #[must_use]
    pub fn new(answer: Response<Incoming>) -> Self {
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self {
            body: answer.into_body(),
            unread: Vec::new(),
        }
    }

    /// Waits for what comes next.
    pub async fn hear(&mut self) -> Heard {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                let event = std::str::from_utf8(&event).unwrap();
                match read(event.trim_end_matches('\n')) {
                    Some(heard) => return heard,
                    None => continue,
                }
            }
            let Some(Ok(frame)) = self.body.frame().await else {
                return Heard::Broken;
            };
            if let Ok(data) = frame.into_data() {
                self.unread.extend_from_slice(&data);
            }
        }
    }

    /// Waits for the next response.
    pub async fn next(&mut self) -> Value {
        match self.hear().await {
            Heard::Next(response) => response,
            end => panic!("the subscription has ended: {end:?}"),
        }
    }
}

fn read(event: &str) -> Option<Heard> {
    if event.starts_with(':') {
        return None;
    }
    let (name, data) = event.split_once('\n').unwrap();
    let data = data.strip_prefix("data: ").unwrap();
    match name {
        "event: next" => Some(Heard::Next(serde_json::from_str(data).unwrap())),
        "event: complete" => Some(Heard::Complete),
        other => panic!("{other}: {data}"),
    }
}
