//! What is too much, too slow or gone.

use process::config::DurationSetting;
use serde_json::json;
use tokio::net::TcpSocket;
use tokio_tungstenite::{client_async, tungstenite::client::IntoClientRequest as _};

use super::{Socket, complete, listening, listening_with};
use crate::shop::gone;

const OURS: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

#[tokio::test]
async fn above_the_limit_of_connections_a_handshake_is_refused() {
    let router = listening_with(|settings| settings.subscriptions.max_connections = 2).await;
    let first = router.connect().await;
    let mut second = router.connect().await;
    let (status, body) = router.refused(&[OURS]).await;
    assert_eq!(status, 503);
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert_eq!(router.get("/health/ready").await.status, 200);
    drop(first);
    // The place comes back when the router has seen the end.
    while router.handshake(&[OURS]).await.is_err() {
        tokio::task::yield_now().await;
    }
    second.expect_pong().await;
}

#[tokio::test]
async fn a_user_has_so_many_connections_and_others_have_their_own() {
    let router =
        listening_with(|settings| settings.subscriptions.max_connections_per_user = 2).await;
    let ani = json!({"authorization": router.bearer(&router.claims())});
    let budi = json!({"authorization": router.bearer(&router.claims())});
    let first = router.connect_as(ani.clone()).await;
    let _second = router.connect_as(ani.clone()).await;
    let mut third = router.open().await;
    let init = json!({"type": "connection_init", "payload": ani.clone()});
    third.send(init.clone()).await;
    let (code, reason) = third.closed().await;
    assert_eq!(code, 4430, "{reason}");
    let _budis = router.connect_as(budi).await;
    let _nobodys = router.connect().await;
    drop(first);
    loop {
        let mut again = router.open().await;
        again.send(init.clone()).await;
        let answer = again.next().await.unwrap().unwrap();
        if answer.is_text() {
            break;
        }
    }
}

#[tokio::test]
async fn a_connection_runs_so_many_operations() {
    let router =
        listening_with(|settings| settings.subscriptions.max_operations_per_connection = 2).await;
    let mut socket = router.connect().await;
    socket.subscribe("1", "subscription { ticks }").await;
    socket.subscribe("2", "subscription { ticks }").await;
    socket.subscribe("3", "{ hello }").await;
    let message = socket.receive().await;
    assert_eq!(
        (&message["type"], &message["id"]),
        (&json!("error"), &json!("3"))
    );
    assert_eq!(message["payload"][0]["extensions"]["code"], "RATE_LIMITED");
    socket.send(complete("1")).await;
    socket.subscribe("3", "{ hello }").await;
    assert_eq!(socket.receive().await["type"], "next");
}

#[tokio::test]
async fn the_limits_of_ordinary_requests_hold() {
    let router = listening_with(|settings| {
        settings.timeout = DurationSetting::from_secs(2);
        settings.max_concurrent_requests = 1;
    })
    .await;
    let mut socket = router.connect().await;
    socket.subscribe("slow", "{ slow }").await;
    router.subgraph.asked_for("slow").await;
    socket.subscribe("more", "{ hello }").await;
    let message = socket.receive().await;
    assert_eq!(message["payload"][0]["extensions"]["code"], "UNAVAILABLE");
    assert_eq!(message["id"], "more");
    let message = socket.receive().await;
    assert_eq!(
        message["payload"][0]["extensions"]["code"],
        "GATEWAY_TIMEOUT"
    );

    let fields: String = (0..40).map(|number| format!("a{number}: hello ")).collect();
    socket.subscribe("wide", &format!("{{ {fields} }}")).await;
    let message = socket.receive().await;
    assert_eq!(
        message["payload"][0]["extensions"]["code"],
        "LIMIT_EXCEEDED"
    );

    // A subscription holds no place among the requests once it has begun.
    socket.subscribe("ticks", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(1).await;
    ticks[0].send(json!(1)).unwrap();
    assert_eq!(socket.receive().await["id"], "ticks");
    socket.subscribe("more", "{ hello }").await;
    assert_eq!(socket.receive().await["type"], "next");
}

/// A client with a small window, which never reads.
async fn reads_nothing(router: &super::Listening) -> Socket {
    let stream = TcpSocket::new_v4().unwrap();
    stream.set_recv_buffer_size(4_096).unwrap();
    let stream = stream.connect(router.address).await.unwrap();
    let url = format!("ws://{}/graphql", router.address);
    let mut request = url.into_client_request().unwrap();
    request
        .headers_mut()
        .insert(OURS.0, OURS.1.parse().unwrap());
    let (socket, _) = client_async(request, stream).await.unwrap();
    let mut socket = Socket(socket);
    socket.send(json!({"type": "connection_init"})).await;
    socket
}

#[tokio::test]
async fn who_does_not_read_is_cut_off_and_its_subscription_ends() {
    let router = listening_with(|settings| {
        settings.subscriptions.slow_reader_timeout = DurationSetting::from_millis(200);
        settings.subscriptions.queue = 4;
    })
    .await;
    // Counting begins with the first look.
    router.metrics().await;
    let mut slow = reads_nothing(&router).await;
    let mut other = router.connect().await;
    slow.subscribe("1", "subscription { flood }").await;
    router.subgraph.asked_for("flood").await;
    router.subgraph.floods_over().await;
    while !router
        .metrics()
        .await
        .contains(r#"websocket_closes_total{code="4503"} 1"#)
    {
        tokio::task::yield_now().await;
    }
    other.expect_pong().await;
}

#[tokio::test]
async fn who_reads_slowly_but_does_read_is_served_in_order() {
    let router = listening_with(|settings| settings.subscriptions.queue = 2).await;
    let mut socket = reads_nothing(&router).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("1", "subscription { flood }").await;
    for _ in 0..300 {
        let message = socket.receive().await;
        assert_eq!(
            message["payload"]["data"]["flood"].as_str().unwrap().len(),
            20_000
        );
    }
    drop(socket);
    router.subgraph.floods_over().await;
}

#[tokio::test]
async fn who_does_not_answer_pings_is_gone() {
    let router = listening_with(|settings| {
        settings.subscriptions.ping_interval = DurationSetting::from_secs(1);
    })
    .await;
    let mut answering = router.connect().await;
    answering.subscribe("1", "subscription { ticks }").await;
    router.subgraph.tickers(1).await;
    let mut silent = router.connect().await;
    silent.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(2).await;
    // tungstenite answers pings while it reads: the silent one does not read.
    let reading = tokio::spawn(async move {
        let message = answering.receive().await;
        (message, answering)
    });
    gone(&ticks[1]).await;
    ticks[0].send(json!(1)).unwrap();
    let (message, _answering) = reading.await.unwrap();
    assert_eq!(message["payload"]["data"], json!({"ticks": 1}));
}

#[tokio::test]
async fn what_happens_on_sockets_is_counted() {
    let router = listening().await;
    // Counting begins with the first look.
    router.metrics().await;
    let mut socket = router.connect().await;
    socket.subscribe("1", "subscription { ticks }").await;
    router.subgraph.tickers(1).await;
    socket.send(json!({"type": "what"})).await;
    assert_eq!(socket.closed().await.0, 4400);
    let metrics = router.metrics().await;
    for line in [
        "pasar_router_websocket_connections ",
        r#"pasar_router_subscriptions_active{transport="websocket"}"#,
        r#"pasar_router_websocket_messages_total{direction="in",type="subscribe"}"#,
        r#"pasar_router_websocket_messages_total{direction="out",type="connection_ack"}"#,
        r#"pasar_router_websocket_closes_total{code="4400"}"#,
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
}
