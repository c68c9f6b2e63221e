//! `graphql-transport-ws` over real sockets, frame by frame (`reference/clients.md` 1.7).

mod auth;
mod drain;
mod fuzz;
mod http2;
mod limits;
mod protocol;
mod swap;

use std::{net::SocketAddr, ops::Deref, sync::Arc};

use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderValue, Response};
use process::http::{HttpSettings, serve};
use router_server::RouterSettings;
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinHandle};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};
use tokio_util::sync::CancellationToken;

use crate::shop::{PATIENCE, Shop, shop_with};

/// A shop that listens.
pub(crate) struct Listening {
    pub(crate) shop: Shop,
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    /// Ends when everybody has gone after `shutdown`.
    pub(crate) running: JoinHandle<()>,
}

impl Deref for Listening {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.shop
    }
}

pub(crate) async fn listening() -> Listening {
    listening_with(|_| {}).await
}

pub(crate) async fn listening_with(change: impl FnOnce(&mut RouterSettings)) -> Listening {
    let shop = shop_with(change);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let (app, state, stop) = (shop.app.clone(), Arc::clone(&shop.state), shutdown.clone());
    let running = tokio::spawn(async move {
        let settings = HttpSettings::default();
        let served = serve(listener, app, &settings, stop.clone());
        let (served, ()) = tokio::join!(served, state.drain(stop, &settings));
        served.unwrap();
    });
    Listening {
        shop,
        address,
        shutdown,
        running,
    }
}

pub(crate) struct Socket(pub(crate) WebSocketStream<TcpStream>);

impl Listening {
    /// Opens a WebSocket with these headers; `sec-websocket-protocol` is one of them.
    pub(crate) async fn handshake(
        &self,
        headers: &[(&'static str, &str)],
    ) -> Result<(Socket, Response<Option<Vec<u8>>>), Box<Error>> {
        let url = format!("ws://{}/graphql", self.address);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).unwrap();
            request.headers_mut().insert(*name, value);
        }
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (socket, response) = client_async(request, stream).await.map_err(Box::new)?;
        Ok((Socket(socket), response))
    }

    /// A WebSocket that speaks our protocol and has not introduced itself yet.
    pub(crate) async fn open(&self) -> Socket {
        let ours = ("sec-websocket-protocol", "graphql-transport-ws");
        self.handshake(&[ours]).await.unwrap().0
    }

    /// A WebSocket that has introduced itself.
    pub(crate) async fn connect(&self) -> Socket {
        self.connect_as(Value::Null).await
    }

    /// A WebSocket that has introduced itself with this payload.
    pub(crate) async fn connect_as(&self, payload: Value) -> Socket {
        let mut socket = self.open().await;
        socket
            .send(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(socket.receive().await, json!({"type": "connection_ack"}));
        socket
    }

    /// The refusal of a handshake: status and body.
    pub(crate) async fn refused(&self, headers: &[(&'static str, &str)]) -> (u16, Value) {
        match self.handshake(headers).await.map_err(|error| *error) {
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                let body = serde_json::from_slice(body).unwrap_or_default();
                (response.status().as_u16(), body)
            }
            Err(other) => panic!("no answer: {other}"),
            Ok(_) => panic!("a WebSocket was opened"),
        }
    }

    /// What operators read of metrics.
    pub(crate) async fn metrics(&self) -> String {
        use tower::ServiceExt as _;
        let request = http::Request::get("/metrics").body(axum::body::Body::empty());
        let admin = router_server::admin(&self.state);
        let response = admin.oneshot(request.unwrap()).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        String::from_utf8(body.unwrap().to_vec()).unwrap()
    }
}

impl Socket {
    pub(crate) async fn send(&mut self, message: Value) {
        self.raw(Message::text(message.to_string())).await;
    }

    pub(crate) async fn raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        let payload = json!({"query": query});
        self.send(json!({"type": "subscribe", "id": id, "payload": payload}))
            .await;
    }

    /// The next message, whatever it is.
    async fn next(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(PATIENCE, self.0.next()).await.unwrap()
    }

    /// The next message of our protocol.
    pub(crate) async fn receive(&mut self) -> Value {
        loop {
            match self.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no message: {other:?}"),
            }
        }
    }

    /// Waits for the end and gives its code and reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(Some(frame)))) => {
                    return (frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(_)) => {}
                other => panic!("no close frame: {other:?}"),
            }
        }
    }

    /// Waits for so many pings of the server.
    pub(crate) async fn pinged(&mut self, times: usize) {
        for _ in 0..times {
            let message = self.next().await;
            assert!(matches!(message, Some(Ok(Message::Ping(_)))), "{message:?}");
        }
    }

    /// Asserts that everything before was answered, by asking for something else.
    pub(crate) async fn expect_pong(&mut self) {
        self.send(json!({"type": "ping"})).await;
        assert_eq!(self.receive().await, json!({"type": "pong"}));
    }
}

/// A `next` message.
pub(crate) fn next(id: &str, data: &Value) -> Value {
    json!({"id": id, "type": "next", "payload": {"data": data}})
}

/// A `complete` message.
pub(crate) fn complete(id: &str) -> Value {
    json!({"id": id, "type": "complete"})
}
