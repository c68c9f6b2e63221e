//! Messages and close codes.

use serde_json::json;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use super::{complete, listening, listening_with, next};
use crate::shop::gone;

#[tokio::test]
async fn a_subscription_gives_its_events_in_order_and_completes() {
    let router = listening().await;
    let mut socket = router.connect().await;
    let query = "subscription($to: Int) { count(to: $to) }";
    let payload = json!({"query": query, "variables": {"to": 200}});
    socket
        .send(json!({"type": "subscribe", "id": "a", "payload": payload}))
        .await;
    for number in 1..=200 {
        assert_eq!(socket.receive().await, next("a", &json!({"count": number})));
    }
    assert_eq!(socket.receive().await, complete("a"));
    // The id is free again.
    socket.subscribe("a", "subscription { count }").await;
    for message in [
        next("a", &json!({"count": 1})),
        next("a", &json!({"count": 2})),
        complete("a"),
    ] {
        assert_eq!(socket.receive().await, message);
    }
}

#[tokio::test]
async fn queries_and_mutations_are_answered_over_the_socket() {
    let router = listening().await;
    let mut socket = router.connect().await;
    socket.subscribe("q", "{ hello }").await;
    assert_eq!(
        socket.receive().await,
        next("q", &json!({"hello": "world"}))
    );
    assert_eq!(socket.receive().await, complete("q"));
    let query = "mutation($name: String!) { rename(name: $name) }";
    let payload = json!({"query": query, "variables": {"name": "Siti"}, "operationName": null});
    socket
        .send(json!({"type": "subscribe", "id": "m", "payload": payload}))
        .await;
    assert_eq!(
        socket.receive().await,
        next("m", &json!({"rename": "Siti"}))
    );
    assert_eq!(socket.receive().await, complete("m"));
}

#[tokio::test]
async fn an_operation_that_is_wrong_is_an_error_without_complete() {
    let router = listening().await;
    let mut socket = router.connect().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "query($a: Int!) { hello(name: $a) }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("query($a: String!) { hello(name: $a) }", "BAD_USER_INPUT"),
        ("subscription($a: Int!) { count(to: $a) }", "BAD_USER_INPUT"),
        ("subscription { refused }", "DOWNSTREAM_SERVICE_ERROR"),
        ("subscription { defect }", "INTERNAL_SERVER_ERROR"),
        ("{ boom }", "INTERNAL_SERVER_ERROR"),
    ] {
        socket.subscribe("1", query).await;
        let message = socket.receive().await;
        assert_eq!(message["type"], "error", "{query}: {message}");
        assert_eq!(message["id"], "1");
        let error = &message["payload"][0];
        assert_eq!(error["extensions"]["code"], code, "{message}");
        assert!(error["extensions"]["requestId"].is_string(), "{message}");
        assert!(!message.to_string().contains("on purpose"));
        socket.expect_pong().await;
    }
}

#[tokio::test]
async fn a_failed_field_is_part_of_the_answer() {
    let router = listening().await;
    let mut socket = router.connect().await;
    socket.subscribe("1", "{ broken }").await;
    let message = socket.receive().await;
    assert_eq!(message["type"], "next", "{message}");
    assert_eq!(message["payload"]["data"], json!({"broken": null}));
    assert_eq!(
        message["payload"]["errors"][0]["extensions"]["code"],
        "DOWNSTREAM_SERVICE_ERROR"
    );
    assert_eq!(socket.receive().await, complete("1"));
}

#[tokio::test]
async fn pings_are_answered_with_their_payload_before_and_after_the_introduction() {
    let router = listening().await;
    let mut socket = router.open().await;
    socket.expect_pong().await;
    socket.send(json!({"type": "pong"})).await;
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.receive().await, json!({"type": "connection_ack"}));
    socket
        .send(json!({"type": "ping", "payload": {"a": [1, "é"]}}))
        .await;
    let pong = json!({"type": "pong", "payload": {"a": [1, "é"]}});
    assert_eq!(socket.receive().await, pong);
    socket.raw(Message::Ping(b"x".to_vec().into())).await;
    socket.expect_pong().await;
}

#[tokio::test]
async fn each_breach_of_the_protocol_has_its_code() {
    let router = listening_with(|settings| {
        settings.body_limit = process::config::ByteSize::new(2_000);
    })
    .await;
    let subscribe = json!({"type": "subscribe", "id": "1", "payload": {"query": "{ hello }"}});
    let mut socket = router.open().await;
    socket.send(subscribe).await;
    assert_eq!(socket.closed().await, (4401, "Unauthorized".to_owned()));

    let mut socket = router.connect().await;
    socket.send(json!({"type": "connection_init"})).await;
    let reason = "Too many initialisation requests";
    assert_eq!(socket.closed().await, (4429, reason.to_owned()));

    let mut socket = router.connect().await;
    socket.subscribe("one", "subscription { ticks }").await;
    socket.subscribe("one", "{ hello }").await;
    let reason = "Subscriber for one already exists";
    assert_eq!(socket.closed().await, (4409, reason.to_owned()));

    for (message, reason) in [
        (Message::text("x"), "Invalid message received: no JSON"),
        (
            Message::text(r#"{"type":"start"}"#),
            "Invalid message received",
        ),
        (
            Message::text(r#"{"type":"next","id":"1"}"#),
            "Unexpected message of type next received",
        ),
        (
            Message::binary(vec![1]),
            "Invalid message received: it is binary",
        ),
        (
            Message::text(r#"{"type":"subscribe","id":"1","payload":{}}"#),
            "Invalid message received: `query` is missing",
        ),
    ] {
        let mut socket = router.connect().await;
        socket.raw(message).await;
        let (code, given) = socket.closed().await;
        assert_eq!(code, 4400);
        assert!(given.starts_with(reason), "{given}");
    }

    let mut socket = router.connect().await;
    socket.raw(Message::text("x".repeat(3_000))).await;
    assert_eq!(socket.closed().await.0, 1009);
}

#[tokio::test]
async fn another_subprotocol_is_not_acceptable() {
    let router = listening().await;
    for headers in [
        vec![],
        // What this protocol was called before it was another one.
        vec![("sec-websocket-protocol", "graphql-ws")],
    ] {
        // By hand: tungstenite insists on getting what it has asked for.
        let (code, reason) = super::fuzz::close_of(&router, &headers, &[]).await.unwrap();
        assert_eq!(
            (code, reason.as_str()),
            (4406, "Subprotocol not acceptable")
        );
    }
    let both = ("sec-websocket-protocol", "graphql-ws, graphql-transport-ws");
    let (_socket, response) = router.handshake(&[both]).await.unwrap();
    assert_eq!(
        response.headers()["sec-websocket-protocol"],
        "graphql-transport-ws"
    );
}

#[tokio::test]
async fn who_does_not_introduce_itself_in_time_is_closed() {
    let router = listening_with(|settings| {
        settings.subscriptions.init_timeout = process::config::DurationSetting::from_secs(1);
    })
    .await;
    let mut late = router.open().await;
    let mut early = router.connect().await;
    let reason = "Connection initialisation timeout";
    assert_eq!(late.closed().await, (4408, reason.to_owned()));
    early.expect_pong().await;
}

#[tokio::test]
async fn a_client_may_end_an_operation_at_any_time_and_more_than_once() {
    let router = listening().await;
    let mut socket = router.connect().await;
    socket.send(complete("never there")).await;
    socket.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(1).await;
    ticks[0].send(json!(1)).unwrap();
    assert_eq!(socket.receive().await, next("1", &json!({"ticks": 1})));
    socket.send(complete("1")).await;
    socket.send(complete("1")).await;
    // The subgraph is told, by the end of its stream.
    gone(&ticks[0]).await;
    socket.expect_pong().await;

    // The same name again is another operation.
    socket.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(2).await;
    ticks[1].send(json!(2)).unwrap();
    ticks[1].send(json!("end")).unwrap();
    assert_eq!(socket.receive().await, next("1", &json!({"ticks": 2})));
    assert_eq!(socket.receive().await, complete("1"));
    // Late: it has ended from this side.
    socket.send(complete("1")).await;
    socket.expect_pong().await;
}

#[tokio::test]
async fn nothing_comes_of_an_operation_after_its_client_has_ended_it() {
    let router = listening().await;
    let mut socket = router.connect().await;
    for round in 0..30 {
        let id = format!("{round}");
        let query = "subscription($to: Int) { count(to: $to) }";
        let payload = json!({"query": query, "variables": {"to": 1_000_000}});
        socket
            .send(json!({"type": "subscribe", "id": id, "payload": payload}))
            .await;
        assert_eq!(socket.receive().await, next(&id, &json!({"count": 1})));
        socket.send(complete(&id)).await;
        socket
            .send(json!({"type": "ping", "payload": {"round": round}}))
            .await;
        // What was on its way may still arrive; after the pong nothing does.
        let mut expected = 2;
        loop {
            let message = socket.receive().await;
            if message["type"] == "pong" {
                break;
            }
            assert_eq!(message, next(&id, &json!({"count": expected})));
            expected += 1;
        }
    }
    socket.subscribe("last", "{ hello }").await;
    assert_eq!(socket.receive().await["id"], "last");
}

#[tokio::test]
async fn operations_of_one_connection_do_not_wait_for_each_other() {
    let router = listening().await;
    let mut socket = router.connect().await;
    socket.subscribe("slow", "mutation { gated }").await;
    router.subgraph.asked_for("gated").await;
    socket.subscribe("quick", "{ hello }").await;
    assert_eq!(socket.receive().await["id"], "quick");
    assert_eq!(socket.receive().await, complete("quick"));
    router.subgraph.gate.notify_one();
    assert_eq!(
        socket.receive().await,
        next("slow", &json!({"gated": "open"}))
    );
    assert_eq!(socket.receive().await, complete("slow"));
}

#[tokio::test]
async fn a_client_that_goes_takes_its_subscriptions_along() {
    let router = listening().await;
    let mut polite = router.connect().await;
    polite.subscribe("1", "subscription { ticks }").await;
    let mut abrupt = router.connect().await;
    abrupt.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(2).await;
    polite.0.close(None).await.unwrap();
    drop(abrupt);
    gone(&ticks[0]).await;
    gone(&ticks[1]).await;
}

#[tokio::test]
async fn a_stored_document_is_asked_for_in_full() {
    let router = listening().await;
    let mut socket = router.connect().await;
    let payload =
        json!({"query": null, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}});
    socket
        .send(json!({"type": "subscribe", "id": "1", "payload": payload}))
        .await;
    let message = socket.receive().await;
    assert_eq!(message["type"], "error");
    assert_eq!(
        message["payload"][0]["message"],
        "PersistedQueryNotSupported"
    );
}

#[tokio::test]
async fn the_clients_own_close_is_answered_with_the_same_code() {
    let router = listening().await;
    let mut socket = router.connect().await;
    let frame = tokio_tungstenite::tungstenite::protocol::CloseFrame {
        code: CloseCode::Normal,
        reason: "".into(),
    };
    socket.0.close(Some(frame)).await.unwrap();
    assert_eq!(socket.closed().await.0, 1000);
}
