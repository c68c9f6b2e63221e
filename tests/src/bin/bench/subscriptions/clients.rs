//! Many subscribers in one process.

use std::net::{IpAddr, SocketAddr};

use futures_util::{SinkExt as _, StreamExt as _, stream};
use http::HeaderValue;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::{TcpSocket, TcpStream},
    sync::{mpsc, watch},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest as _, protocol::WebSocketConfig},
};

use super::micros;

/// Handshakes that are under way at the same time.
const AT_ONCE: usize = 64;

type Socket = WebSocketStream<TcpStream>;

/// Connects `count` clients from `source`. At `subscribe` they do that; at `hear N` it is
/// told how long the next N events took.
pub(crate) async fn run(router: SocketAddr, count: usize, source: IpAddr) {
    let (start, started) = watch::channel(());
    let (sender, mut arrivals) = mpsc::unbounded_channel();
    let mut sockets = stream::iter(0..count)
        .map(|_| connect(router, source))
        .buffer_unordered(AT_ONCE);
    while let Some(socket) = sockets.next().await {
        tokio::spawn(follow(socket, started.clone(), sender.clone()));
    }
    println!("connected {count}");
    drop(sender);
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    // Without a parent there is nobody to do this for.
    while let Some(line) = lines.next_line().await.unwrap() {
        let Some(expected) = line.strip_prefix("hear ") else {
            start.send(()).unwrap();
            continue;
        };
        let expected: usize = expected.parse().unwrap();
        let mut heard = Vec::with_capacity(expected);
        while heard.len() < expected {
            let arrival: Result<i64, String> = arrivals.recv().await.unwrap();
            heard.push(arrival.unwrap().to_string());
        }
        println!("heard {}", heard.join(" "));
    }
}

async fn connect(router: SocketAddr, source: IpAddr) -> Socket {
    let stream = TcpSocket::new_v4().unwrap();
    stream.bind(SocketAddr::new(source, 0)).unwrap();
    let stream = stream.connect(router).await.unwrap();
    let mut request = format!("ws://{router}/graphql")
        .into_client_request()
        .unwrap();
    let ours = HeaderValue::from_static("graphql-transport-ws");
    request.headers_mut().insert("sec-websocket-protocol", ours);
    let config = WebSocketConfig::default()
        .read_buffer_size(1_024)
        .write_buffer_size(0);
    let opened = client_async_with_config(request, stream, Some(config)).await;
    let mut socket = opened.unwrap().0;
    let init = Message::text(r#"{"type":"connection_init"}"#);
    socket.send(init).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();
    assert!(answer.to_text().unwrap().contains("connection_ack"));
    socket
}

async fn follow(
    mut socket: Socket,
    mut started: watch::Receiver<()>,
    arrivals: mpsc::UnboundedSender<Result<i64, String>>,
) {
    let query = r#"{"type":"subscribe","id":"1","payload":{"query":"subscription { happened }"}}"#;
    loop {
        // tungstenite answers pings by itself, while it is read.
        let message = tokio::select! {
            message = socket.next() => message,
            Ok(()) = started.changed() => {
                socket.send(Message::text(query)).await.unwrap();
                continue;
            }
        };
        let Some(Ok(message)) = message else {
            // Ends the whole process.
            drop(arrivals.send(Err(format!("a connection has ended: {message:?}"))));
            return;
        };
        let Message::Text(text) = message else {
            continue;
        };
        let now = micros();
        let at = text
            .split('"')
            .rev()
            .find_map(|part| part.parse::<i64>().ok());
        drop(arrivals.send(Ok(now - at.unwrap())));
    }
}
