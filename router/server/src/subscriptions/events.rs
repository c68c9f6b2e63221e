//! Server-sent events in the way of `graphql-sse`, one connection per operation
//! (`reference/clients.md` 1.8).

use std::{io, sync::Arc};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderName, HeaderValue, header};
use router_engine::{ErrorCode, GraphqlError, GraphqlResponse};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use super::{Item, Items};
use crate::{
    RouterState,
    policy::{auth::Caller, places::Place},
};

const KEEPALIVE: Bytes = Bytes::from_static(b": keepalive\n\n");
/// Without the empty data line browsers drop the event.
const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";

/// An answer that is there already, as a stream of one result.
pub(crate) fn once(answer: &GraphqlResponse) -> Response {
    let mut body = next(answer);
    body.extend_from_slice(COMPLETE);
    respond(Body::from(body))
}

/// The answer to a subscription. `place` is given back when it ends.
pub(crate) fn stream(
    state: Arc<RouterState>,
    caller: Caller,
    request_id: Arc<str>,
    place: Place,
    items: Items,
) -> Response {
    let (sender, receiver) = mpsc::channel(state.settings.subscriptions.queue);
    let tasks = state.subscriptions.tasks.clone();
    tasks.spawn(async move {
        let _held = place;
        pump(&state, &caller, &request_id, items, sender).await;
    });
    respond(Body::from_stream(stream::unfold(
        Some(receiver),
        |receiver| async {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(Part::More(bytes)) => Some((Ok(bytes), Some(receiver))),
                Some(Part::Last(bytes)) => Some((Ok(bytes), None)),
                // Not an orderly end: a client that sees one would not connect again.
                None => {
                    let message = "the stream was cut off before its end";
                    Some((Err(io::Error::other(message)), None))
                }
            }
        },
    )))
}

enum Part {
    More(Bytes),
    Last(Bytes),
}

/// Carries items to the client until either has had enough. This is a task of its own because a body is
/// not asked for more while its client does not read: nobody would notice that it never does.
async fn pump(
    state: &RouterState,
    caller: &Caller,
    request_id: &str,
    mut items: Items,
    sender: mpsc::Sender<Part>,
) {
    let settings = &state.settings.subscriptions;
    let every = settings.keepalive_interval.get();
    let mut keepalive = interval_at(Instant::now() + every, every);
    keepalive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut generation = None;
    loop {
        let part = tokio::select! {
            biased;
            () = sender.closed() => return,
            () = state.subscriptions.draining.cancelled() => return,
            // Before the events, which may never end. An old schema breaks the stream off, so that the
            // client opens it again, on the one that is in use now.
            _ = keepalive.tick() => match caller.recheck(state) {
                Ok(()) if generation.is_some_and(|begun| !state.is_current(begun)) => return,
                Ok(()) => Some(Part::More(KEEPALIVE)),
                Err(error) => Some(last(vec![unauthenticated(&error, request_id)])),
            },
            item = items.next() => match caller.recheck(state) {
                Ok(()) => {
                    if let Some(Item::Begun(begun)) = item {
                        generation = Some(begun);
                    }
                    part(item)
                }
                Err(error) => Some(last(vec![unauthenticated(&error, request_id)])),
            },
        };
        let Some(part) = part else { continue };
        let is_last = matches!(part, Part::Last(_));
        match timeout(settings.slow_reader_timeout.get(), sender.send(part)).await {
            Ok(Ok(())) if !is_last => {}
            Ok(_) => return,
            Err(_elapsed) => {
                metrics::counter!("pasar_router_event_streams_cut_total").increment(1);
                return;
            }
        }
    }
}

fn part(item: Option<Item>) -> Option<Part> {
    match item {
        Some(Item::Begun(_)) => None,
        Some(Item::Next(response)) => Some(Part::More(next(&response).into())),
        Some(Item::Failed(errors)) => Some(last(errors)),
        None => Some(Part::Last(Bytes::from_static(COMPLETE))),
    }
}

fn last(errors: Vec<GraphqlError>) -> Part {
    let mut bytes = next(&GraphqlResponse::refused(errors));
    bytes.extend_from_slice(COMPLETE);
    Part::Last(bytes.into())
}

fn unauthenticated(error: &process::jwt::TokenError, request_id: &str) -> GraphqlError {
    GraphqlError::new(ErrorCode::Unauthenticated, error.to_string()).with("requestId", request_id)
}

/// A result in exactly one data line, because some clients read only the first.
fn next(response: &GraphqlResponse) -> Vec<u8> {
    let json = response.to_bytes();
    let mut bytes = Vec::with_capacity(json.len() + 24);
    bytes.extend_from_slice(b"event: next\ndata: ");
    // Line ends in JSON are white space.
    bytes.extend(json.iter().filter(|byte| !matches!(byte, b'\n' | b'\r')));
    bytes.extend_from_slice(b"\n\n");
    bytes
}

fn respond(body: Body) -> Response {
    const HEADERS: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept"),
        // nginx would hold events back until it has a whole buffer.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    let mut response = Response::new(body);
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
