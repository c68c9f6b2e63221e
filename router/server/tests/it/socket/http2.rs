//! A WebSocket as one stream of an HTTP/2 connection (RFC 8441), as proxies open them.

use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Request, Version};
use http_body_util::Empty;
use hyper::{client::conn::http2, ext::Protocol};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use super::{complete, listening, next};

#[tokio::test]
async fn a_socket_can_be_a_stream_of_http2() {
    let router = listening().await;
    let stream = TcpStream::connect(router.address).await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    let connection = tokio::spawn(connection);
    // The settings of the server, which allow it, must have come.
    sender.ready().await.unwrap();
    let response = loop {
        let request = Request::builder()
            .method(Method::CONNECT)
            .version(Version::HTTP_2)
            .uri(format!("http://{}/graphql", router.address))
            .extension(Protocol::from_static("websocket"))
            .header("sec-websocket-version", "13")
            .header("sec-websocket-protocol", "graphql-transport-ws")
            .body(Empty::<bytes::Bytes>::new())
            .unwrap();
        match sender.send_request(request).await {
            Ok(response) => break response,
            Err(_too_early) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        "graphql-transport-ws"
    );
    let upgraded = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
    let mut socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await;
    for message in [
        json!({"type": "connection_init"}),
        json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { count }"}}),
    ] {
        socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }
    for expected in [
        json!({"type": "connection_ack"}),
        next("1", &json!({"count": 1})),
        next("1", &json!({"count": 2})),
        complete("1"),
    ] {
        let message = socket.next().await.unwrap().unwrap();
        let message: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        assert_eq!(message, expected);
    }
    connection.abort();
}

#[tokio::test]
async fn connect_to_anything_else_is_refused() {
    let router = listening().await;
    let request = Request::connect("/graphql")
        .body(axum::body::Body::empty())
        .unwrap();
    router
        .send(request)
        .await
        .assert_refused(400, "BAD_REQUEST");
}
