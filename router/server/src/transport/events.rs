//! Server-sent events of a subgraph, as `graphql-sse` has them ("distinct connections"): `next` carries a
//! response, `complete` ends the stream, comments keep it alive.

use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream::{self, StreamExt as _};
use process::client::OpenBody;
use router_engine::{EventStream, TransportError};

use super::http::transport_error;

/// The events of `body`. Nothing is read ahead of what is asked for but the rest of a piece that has
/// come in. A stream that is silent for longer than `silence` has failed; zero waits for ever.
pub(super) fn stream(body: OpenBody, max_bytes: usize, silence: Duration) -> EventStream {
    let reader = Reader {
        body,
        parser: Parser::new(max_bytes),
        silence: (silence > Duration::ZERO).then_some(silence),
    };
    let events = stream::unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        match reader.next().await {
            Ok(Event::Next(text)) => Some((Ok(text), Some(reader))),
            Ok(Event::Complete) => None,
            Err(error) => Some((Err(error), None)),
        }
    });
    events.boxed()
}

struct Reader {
    body: OpenBody,
    parser: Parser,
    silence: Option<Duration>,
}

impl Reader {
    async fn next(&mut self) -> Result<Event, TransportError> {
        loop {
            if let Some(event) = self.parser.event()? {
                return Ok(event);
            }
            let chunk = self.body.chunk();
            let chunk = match self.silence {
                Some(silence) => tokio::time::timeout(silence, chunk)
                    .await
                    .map_err(|_elapsed| TransportError::Timeout)?,
                None => chunk.await,
            };
            match chunk.map_err(transport_error)? {
                Some(chunk) => self.parser.unread.extend_from_slice(&chunk),
                None => {
                    let why = "the stream of events broke off";
                    return Err(TransportError::Unreachable(why.into()));
                }
            }
        }
    }
}

#[derive(Debug, PartialEq)]
enum Event {
    Next(Bytes),
    Complete,
}

/// Reads events from pieces that may end anywhere (the standard's "interpreting an event stream").
struct Parser {
    max_bytes: usize,
    unread: BytesMut,
    /// How much of `unread` is known to hold no line end.
    scanned: usize,
    /// Whether the last line ended with CR: then LF belongs to that end.
    after_cr: bool,
    at_start: bool,
    name: Name,
    data: Option<Data>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Name {
    Next,
    Complete,
    #[default]
    Other,
}

/// Lines of data. Most events have one, which then is not copied.
struct Data {
    first: Bytes,
    all: BytesMut,
}

impl Data {
    fn len(&self) -> usize {
        self.first.len().max(self.all.len())
    }
}

impl Parser {
    fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            unread: BytesMut::new(),
            scanned: 0,
            after_cr: false,
            at_start: true,
            name: Name::Other,
            data: None,
        }
    }

    /// The next event of what has come in, or nothing when it is not there as a whole.
    fn event(&mut self) -> Result<Option<Event>, TransportError> {
        while let Some(line) = self.line() {
            if line.is_empty() {
                if let Some(event) = self.dispatch()? {
                    return Ok(Some(event));
                }
            } else {
                self.field(&line);
            }
            self.check_size(0)?;
        }
        self.check_size(self.unread.len())?;
        Ok(None)
    }

    fn check_size(&self, more: usize) -> Result<(), TransportError> {
        let size = self.data.as_ref().map_or(0, Data::len) + more;
        if size > self.max_bytes {
            return Err(TransportError::BodyTooLarge);
        }
        Ok(())
    }

    /// The next line, without its end.
    fn line(&mut self) -> Option<Bytes> {
        if self.after_cr && !self.unread.is_empty() {
            self.after_cr = false;
            if self.unread.first() == Some(&b'\n') {
                self.unread.advance(1);
            }
        }
        let rest = self.unread.get(self.scanned..).unwrap_or_default();
        let Some(found) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.scanned = self.unread.len();
            return None;
        };
        let mut line = self.unread.split_to(self.scanned + found).freeze();
        self.after_cr = self.unread.first() == Some(&b'\r');
        self.unread.advance(1);
        self.scanned = 0;
        if std::mem::take(&mut self.at_start) && line.starts_with(b"\xEF\xBB\xBF") {
            line.advance(3);
        }
        Some(line)
    }

    /// Takes a line `name: value`; one without a name is a comment.
    fn field(&mut self, line: &Bytes) {
        let colon = line.iter().position(|byte| *byte == b':');
        let name = line.slice(..colon.unwrap_or(line.len()));
        let mut value = line.slice(colon.map_or(line.len(), |colon| colon + 1)..);
        if value.first() == Some(&b' ') {
            value.advance(1);
        }
        match &name[..] {
            b"event" => {
                self.name = match &value[..] {
                    b"next" => Name::Next,
                    b"complete" => Name::Complete,
                    _ => Name::Other,
                };
            }
            b"data" => match &mut self.data {
                None => {
                    self.data = Some(Data {
                        first: value,
                        all: BytesMut::new(),
                    });
                }
                Some(Data { first, all }) => {
                    if all.is_empty() {
                        all.extend_from_slice(first);
                    }
                    all.extend_from_slice(b"\n");
                    all.extend_from_slice(&value);
                }
            },
            _ => {}
        }
    }

    /// What a blank line completes. Events of other names mean nothing to us.
    fn dispatch(&mut self) -> Result<Option<Event>, TransportError> {
        let data = self.data.take();
        match (std::mem::take(&mut self.name), data) {
            (Name::Complete, _) => Ok(Some(Event::Complete)),
            (Name::Next, Some(Data { first, all })) => {
                let text = if all.is_empty() { first } else { all.freeze() };
                Ok(Some(Event::Next(text)))
            }
            (Name::Next, None) => Err(TransportError::Malformed("an event without data")),
            (Name::Other, _) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
