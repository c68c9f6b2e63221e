//! Subscriptions at a subgraph over HTTP, against a real listener.

use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::State, routing::post};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, Response, header};
use kernel::Principal;
use process::{assertion, config::DurationSetting};
use router_engine::{EventStream, Transport as _, TransportError};
use router_server::RouterSettings;
use tokio::sync::{Mutex, mpsc};

use crate::transport::{World, call, world};

type Piece = Result<Bytes, io::Error>;

/// A subgraph that sends what the test says, to one caller.
struct Subgraph {
    pieces: mpsc::Sender<Piece>,
    headers: mpsc::UnboundedReceiver<HeaderMap>,
    world: World,
}

struct Serving {
    pieces: Mutex<Option<mpsc::Receiver<Piece>>>,
    headers: mpsc::UnboundedSender<HeaderMap>,
}

async fn serve(State(serving): State<Arc<Serving>>, headers: HeaderMap) -> Response<Body> {
    serving.headers.send(headers).unwrap();
    let pieces = serving.pieces.lock().await.take().unwrap();
    let pieces = stream::unfold(pieces, |mut pieces| async {
        Some((pieces.recv().await?, pieces))
    });
    Response::builder()
        .header(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .body(Body::from_stream(pieces))
        .unwrap()
}

async fn subgraph() -> Subgraph {
    let (pieces, receiver) = mpsc::channel(1);
    let (sender, headers) = mpsc::unbounded_channel();
    let serving = Arc::new(Serving {
        pieces: Mutex::new(Some(receiver)),
        headers: sender,
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut world = world().await;
    world.url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new()
        .route("/graphql", post(serve))
        .with_state(serving);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Subgraph {
        pieces,
        headers,
        world,
    }
}

impl Subgraph {
    async fn subscribe(&self, settings: &RouterSettings) -> EventStream {
        let transport = self.world.transport("/graphql", settings);
        transport.subscribe(call()).await.unwrap()
    }

    async fn sends(&self, piece: &'static str) {
        self.pieces.send(Ok(piece.into())).await.unwrap();
    }
}

#[tokio::test]
async fn events_come_as_they_are_sent_over_both_versions_of_http() {
    for http2 in [false, true] {
        let mut settings = RouterSettings::default();
        settings.subgraphs.http2 = http2;
        let mut subgraph = subgraph().await;
        let mut events = subgraph.subscribe(&settings).await;
        let headers = subgraph.headers.recv().await.unwrap();
        assert_eq!(headers["accept"], "text/event-stream");
        let stated = headers["x-pasar-principal"].to_str().unwrap();
        let principal = assertion::verify(&subgraph.world.key, stated, &subgraph.world.clock);
        assert_eq!(principal.unwrap(), Principal::service("test"));

        subgraph.sends("event: next\ndata: {\"data\"").await;
        subgraph.sends(":1}\n\n: keepalive\n\nevent: next\n").await;
        assert_eq!(events.next().await.unwrap().unwrap(), "{\"data\":1}");
        subgraph.sends("data: 2\n\nevent: next\ndata: 3\n\n").await;
        assert_eq!(events.next().await.unwrap().unwrap(), "2");
        assert_eq!(events.next().await.unwrap().unwrap(), "3");
        subgraph.sends("event: complete\ndata: \n\n").await;
        assert!(events.next().await.is_none());
    }
}

#[tokio::test]
async fn a_subgraph_that_ends_without_complete_has_failed() {
    for http2 in [false, true] {
        for crashes in [false, true] {
            let mut settings = RouterSettings::default();
            settings.subgraphs.http2 = http2;
            let subgraph = subgraph().await;
            let mut events = subgraph.subscribe(&settings).await;
            subgraph.sends("event: next\ndata: 1\n\nevent: ne").await;
            assert_eq!(events.next().await.unwrap().unwrap(), "1");
            if crashes {
                let crash = Err(io::Error::other("crash"));
                subgraph.pieces.send(crash).await.unwrap();
            }
            drop(subgraph);
            let last = events.next().await.unwrap();
            assert!(
                matches!(last, Err(TransportError::Unreachable(_))),
                "{last:?}"
            );
            assert!(events.next().await.is_none());
        }
    }
}

#[tokio::test]
async fn silence_without_a_heartbeat_is_a_failure() {
    let mut settings = RouterSettings::default();
    settings.subgraphs.heartbeat_timeout = DurationSetting::from_millis(20);
    let subgraph = subgraph().await;
    let mut events = subgraph.subscribe(&settings).await;
    let last = events.next().await.unwrap();
    assert!(matches!(last, Err(TransportError::Timeout)), "{last:?}");
    assert!(events.next().await.is_none());
    subgraph.pieces.closed().await;
}

#[tokio::test]
async fn an_event_that_does_not_end_is_cut_off() {
    let mut settings = RouterSettings::default();
    settings.engine.max_subgraph_response_bytes = 1_000;
    let subgraph = subgraph().await;
    let mut events = subgraph.subscribe(&settings).await;
    let pieces = subgraph.pieces.clone();
    tokio::spawn(async move {
        let piece = || Ok(Bytes::from_static(&[b'x'; 100]));
        while pieces.send(piece()).await.is_ok() {}
    });
    let last = events.next().await.unwrap();
    assert!(
        matches!(last, Err(TransportError::BodyTooLarge)),
        "{last:?}"
    );
    subgraph.pieces.closed().await;
}

#[tokio::test]
async fn whoever_goes_ends_the_call() {
    for http2 in [false, true] {
        let mut settings = RouterSettings::default();
        settings.subgraphs.http2 = http2;
        let subgraph = subgraph().await;
        let events = subgraph.subscribe(&settings).await;
        drop(events);
        subgraph.pieces.closed().await;
    }
}

#[tokio::test]
async fn a_slow_reader_slows_the_subgraph_down() {
    let subgraph = subgraph().await;
    let mut events = subgraph.subscribe(&RouterSettings::default()).await;
    let event = Bytes::from(format!("event: next\ndata: {}\n\n", "x".repeat(100_000)));
    let pieces = subgraph.pieces.clone();
    // 500 MB: more than any buffer on the way.
    let mut sending = tokio::spawn(async move {
        for _ in 0..5_000 {
            pieces.send(Ok(event.clone())).await.unwrap();
        }
    });
    assert_eq!(events.next().await.unwrap().unwrap().len(), 100_000);
    let sent = tokio::time::timeout(Duration::from_millis(500), &mut sending).await;
    assert!(sent.is_err(), "it must not be read ahead of the reader");
    sending.abort();
}

#[tokio::test]
async fn many_subscriptions_leave_room_for_each_other_and_for_queries() {
    let opened = || async {
        let events = Body::from_stream(stream::pending::<Piece>());
        Response::builder()
            .header(header::CONTENT_TYPE, "text/event-stream")
            .body(events)
            .unwrap()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut world = world().await;
    world.url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new()
        .route("/events", post(opened))
        .route("/graphql", post(async || "{}"));
    tokio::spawn(async move { axum::serve(listener, app).await });

    for http2 in [false, true] {
        let mut settings = RouterSettings::default();
        settings.subgraphs.http2 = http2;
        // The server allows 200 calls on one HTTP/2 connection.
        let events = world.transport("/events", &settings);
        let mut open = Vec::new();
        for _ in 0..250 {
            open.push(events.subscribe(call()).await.unwrap());
        }
        let answer = world.transport("/graphql", &settings).call(call()).await;
        assert_eq!(answer.unwrap(), "{}");
        drop(open);
    }
}

#[tokio::test]
async fn a_refusal_and_a_single_answer_are_told_apart_from_failures() {
    let world = world().await;
    let settings = RouterSettings::default();
    for (path, text) in [
        ("/refused", r#"{"errors":[{"message":"no"}]}"#),
        ("/shop/graphql", r#"{"data":{"hello":"world"}}"#),
    ] {
        let begun = world.transport(path, &settings).subscribe(call()).await;
        let mut events = begun.unwrap();
        assert_eq!(events.next().await.unwrap().unwrap(), text);
        assert!(events.next().await.is_none());
    }
    let failed = world.transport("/failed", &settings);
    let failed = failed.subscribe(call());
    assert!(matches!(
        failed.await.err(),
        Some(TransportError::Status(500))
    ));
    let mut down = world;
    down.url = "http://127.0.0.1:1".to_owned();
    let down = down.transport("/", &settings).subscribe(call()).await.err();
    assert!(matches!(down, Some(TransportError::Unreachable(_))));
}
