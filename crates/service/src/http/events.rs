//! Events over HTTP: server-sent events as `graphql-sse` has them ("distinct connections").

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse as _, Response},
};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use tokio_util::sync::CancellationToken;

/// How often a stream without events says that it is alive. Routers give up after a few of these.
pub(super) const KEEPALIVE: Duration = Duration::from_secs(12);

/// Whether an `Accept` header asks for events.
pub(super) fn accepts(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let media_type = range.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("text/event-stream")
    })
}

/// Sends each of `events` as soon as the caller takes it, then `complete`. At `shutdown` the stream
/// breaks off instead: it is not complete, and whoever reads it must know.
pub(super) fn respond(
    events: BoxStream<'static, Bytes>,
    keepalive: Duration,
    shutdown: CancellationToken,
) -> Response {
    let frames = stream::unfold(Some((events, shutdown)), move |open| async move {
        let (mut events, shutdown) = open?;
        let (frame, more) = tokio::select! {
            biased;
            () = shutdown.cancelled() => return None,
            event = events.next() => match event {
                Some(event) => (next(&event), true),
                None => (Bytes::from_static(b"event: complete\ndata: \n\n"), false),
            },
            () = tokio::time::sleep(keepalive) => (Bytes::from_static(b": keepalive\n\n"), true),
        };
        Some((
            Ok::<_, Infallible>(frame),
            more.then_some((events, shutdown)),
        ))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, Body::from_stream(frames)).into_response()
}

/// One event. JSON text from a serialiser has no line breaks, so it is one line.
fn next(event: &[u8]) -> Bytes {
    [b"event: next\ndata: ", event, b"\n\n"].concat().into()
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[test]
    fn the_accept_header_is_read_as_a_list() {
        assert!(accepts("text/event-stream"));
        assert!(accepts("application/json;q=0.5, Text/Event-Stream; q=0.9"));
        assert!(!accepts("application/json"));
        assert!(!accepts("*/*"));
    }

    #[tokio::test]
    async fn every_event_is_one_line_and_the_end_is_told() {
        let texts = [&b"{\"data\":1}"[..], b"{\"data\":2}"];
        let events = stream::iter(texts.map(Bytes::from_static)).boxed();
        let response = respond(events, KEEPALIVE, CancellationToken::new());
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        assert_eq!(
            body,
            "event: next\ndata: {\"data\":1}\n\nevent: next\ndata: {\"data\":2}\n\nevent: complete\ndata: \n\n"
        );
    }

    #[tokio::test]
    async fn silence_is_filled_and_shutdown_breaks_off_without_complete() {
        let shutdown = CancellationToken::new();
        let silent = stream::pending().boxed();
        let response = respond(silent, Duration::from_millis(1), shutdown.clone());
        let mut body = response.into_body().into_data_stream();
        for _ in 0..2 {
            assert_eq!(body.next().await.unwrap().unwrap(), ": keepalive\n\n");
        }
        shutdown.cancel();
        assert!(body.next().await.is_none());
    }
}
