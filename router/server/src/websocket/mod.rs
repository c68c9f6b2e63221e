//! `graphql-transport-ws` over a WebSocket (`reference/clients.md` 1.7): the handshake. [`session`] is the
//! protocol, [`connection`] the task of one connection.

mod close;
mod connection;
mod end;
mod message;
mod outbox;
mod running;
mod session;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts as _, Request, ws::WebSocketUpgrade},
    response::Response,
};
use http::{Method, StatusCode, header};
use process::http::RequestContext;
use router_engine::ErrorCode;

use crate::{
    RouterState,
    graphql::{self, Format, Refusal},
    policy,
};

const SUBPROTOCOL: &str = "graphql-transport-ws";
/// Tens of thousands of idle connections: the library's own default is 128 KiB for each, at once.
const BUFFER_BYTES: usize = 4 * 1024;

/// Whether the request asks for a WebSocket.
pub(crate) fn is_upgrade(request: &Request) -> bool {
    request.method() == Method::CONNECT
        || request
            .headers()
            .get(header::UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Opens a WebSocket, or says why not.
pub(crate) async fn upgrade(
    state: Arc<RouterState>,
    context: &RequestContext,
    request: Request,
) -> Response {
    match open(state, context, request).await {
        Ok(response) => response,
        Err(refusal) => graphql::refused(refusal, Format::Json, context),
    }
}

async fn open(
    state: Arc<RouterState>,
    context: &RequestContext,
    request: Request,
) -> Result<Response, Refusal> {
    // Not an `error` of each operation later: clients would take that for its end, and this they try again.
    if state.serving().is_none() {
        return Err(graphql::no_supergraph());
    }
    let (mut parts, _) = request.into_parts();
    policy::origin::check(&state, &parts.headers, &parts.uri)?;
    let caller = policy::auth::caller(&state, &parts.headers).await?;
    // Whose it is, is known after connection_init only.
    let place = policy::places::enter(&state, None)?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|rejection| {
            let message = format!("no WebSocket: {}", rejection.body_text());
            Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, message)
        })?;
    let longest = state.settings.body_limit.get();
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(longest)
        .max_frame_size(longest);
    let speaks_ours = upgrade.selected_protocol().is_some();
    let (tasks, trace) = (
        state.subscriptions.tasks.clone(),
        context.traceparent.clone(),
    );
    // Counted from now on, so that a drain waits for a handshake that is under way.
    let token = tasks.token();
    Ok(upgrade.on_upgrade(move |socket| async move {
        connection::serve(socket, state, caller, place, trace, speaks_ours).await;
        drop(token);
    }))
}
