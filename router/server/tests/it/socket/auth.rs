//! Who asks, and whether it still may.

use std::collections::HashSet;

use process::config::DurationSetting;
use serde_json::{Value, json};

use super::{complete, listening, listening_with, next};
use crate::shop::gone;

#[tokio::test]
async fn the_token_comes_with_the_introduction_or_with_the_handshake() {
    let router = listening().await;
    let claims = router.claims();
    let bearer = router.bearer(&claims);
    for payload in [
        json!({"authorization": bearer}),
        json!({"Authorization": bearer}),
        json!({"headers": {"Authorization": bearer}}),
    ] {
        let mut socket = router.connect_as(payload).await;
        socket.subscribe("1", "{ hello }").await;
        assert_eq!(socket.receive().await["type"], "next");
    }
    let headers = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("authorization", bearer.as_str()),
    ];
    let (mut socket, _) = router.handshake(&headers).await.unwrap();
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("1", "subscription { count }").await;
    assert_eq!(socket.receive().await["type"], "next");

    let mut socket = router.connect().await;
    socket.subscribe("1", "{ hello }").await;
    assert_eq!(socket.receive().await["type"], "next");

    let calls = router.subgraph.calls.lock().unwrap();
    let users: Vec<_> = calls
        .iter()
        .map(|call| call.context.principal.user_id())
        .collect();
    let user = Some(claims["sub"].as_str().unwrap().parse().unwrap());
    assert_eq!(users, [user, user, user, user, None]);
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_forbidden_and_nothing_runs() {
    let router = listening().await;
    let mut expired = router.claims();
    expired["exp"] = json!(crate::shop::NOW - 60);
    for value in [
        router.bearer(&expired),
        "Bearer x".to_owned(),
        "Basic x".to_owned(),
        String::new(),
    ] {
        let mut socket = router.open().await;
        let payload = json!({"authorization": value});
        socket
            .send(json!({"type": "connection_init", "payload": payload}))
            .await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 4403);
        assert!(reason.starts_with("Forbidden: "), "{reason}");

        let headers = [
            ("sec-websocket-protocol", "graphql-transport-ws"),
            ("authorization", value.as_str()),
        ];
        let (status, body) = router.refused(&headers).await;
        assert_eq!(status, 401);
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    assert!(router.subgraph.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn no_event_is_sent_after_the_token_has_expired() {
    let router = listening().await;
    let bearer = router.bearer(&router.claims());
    let mut socket = router.connect_as(json!({"authorization": bearer})).await;
    let mut anonymous = router.connect().await;
    socket.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(1).await;
    anonymous.subscribe("1", "subscription { ticks }").await;
    let ticks = [ticks, router.subgraph.tickers(2).await[1..].to_vec()].concat();
    for sender in &ticks {
        sender.send(json!(1)).unwrap();
    }
    assert_eq!(socket.receive().await, next("1", &json!({"ticks": 1})));
    router.clock.advance(chrono::Duration::seconds(900 + 31));
    for sender in &ticks {
        sender.send(json!(2)).unwrap();
    }
    assert_closed_without(&mut socket, "the access token has expired").await;
    gone(&ticks[0]).await;
    for tick in [1, 2] {
        assert_eq!(
            anonymous.receive().await,
            next("1", &json!({"ticks": tick}))
        );
    }
}

#[tokio::test]
async fn no_event_is_sent_after_the_session_was_revoked() {
    let router = listening().await;
    let claims = router.claims();
    let bearer = router.bearer(&claims);
    let mut socket = router.connect_as(json!({"authorization": bearer})).await;
    socket.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(1).await;
    revoke(&router, &claims);
    ticks[0].send(json!(1)).unwrap();
    let reason = "the session of the access token has been revoked";
    assert_closed_without(&mut socket, reason).await;
}

#[tokio::test]
async fn no_operation_begins_after_the_session_was_revoked() {
    let router = listening().await;
    let claims = router.claims();
    let bearer = router.bearer(&claims);
    let mut socket = router.connect_as(json!({"authorization": bearer})).await;
    socket.subscribe("1", "{ hello }").await;
    assert_eq!(socket.receive().await["type"], "next");
    assert_eq!(socket.receive().await, complete("1"));
    revoke(&router, &claims);
    socket.subscribe("2", "{ hello }").await;
    assert_eq!(socket.closed().await.0, 4403);
    assert_eq!(router.subgraph.calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_mutation_that_runs_while_its_token_ends_is_answered_first() {
    let router = listening().await;
    let claims = router.claims();
    let bearer = router.bearer(&claims);
    let mut socket = router.connect_as(json!({"authorization": bearer})).await;
    socket.subscribe("s", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(1).await;
    socket.subscribe("m", "mutation { gated }").await;
    router.subgraph.asked_for("gated").await;
    revoke(&router, &claims);
    ticks[0].send(json!(1)).unwrap();
    gone(&ticks[0]).await;
    socket.expect_pong().await;
    router.subgraph.gate.notify_one();
    assert_eq!(socket.receive().await, next("m", &json!({"gated": "open"})));
    assert_eq!(socket.receive().await, complete("m"));
    assert_eq!(socket.closed().await.0, 4403);
}

#[tokio::test]
async fn a_connection_on_which_nothing_happens_ends_with_its_session_too() {
    let router = listening_with(|settings| {
        settings.subscriptions.ping_interval = DurationSetting::from_millis(300);
    })
    .await;
    let claims = router.claims();
    let bearer = router.bearer(&claims);
    let mut socket = router.connect_as(json!({"authorization": bearer})).await;
    revoke(&router, &claims);
    assert_eq!(socket.closed().await.0, 4403);
}

#[tokio::test]
async fn pages_of_other_sites_may_not_open_a_socket() {
    let router = listening_with(|settings| {
        settings.cors.origins = vec!["https://shop.example".to_owned()];
    })
    .await;
    let ours = ("sec-websocket-protocol", "graphql-transport-ws");
    let host = router.address.to_string();
    for origin in [
        "https://shop.example".to_owned(),
        format!("http://{host}"),
        // Somebody in front of this process has ended the TLS connection.
        format!("https://{host}"),
    ] {
        let opened = router.handshake(&[ours, ("origin", &origin)]).await;
        assert!(opened.is_ok(), "{origin}");
    }
    for origin in [
        "https://evil.example",
        "https://shop.example.evil.example",
        "http://shop.example",
        "null",
        "",
        "http://127.0.0.1",
    ] {
        let (status, body) = router.refused(&[ours, ("origin", origin)]).await;
        assert_eq!(status, 403, "{origin}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "CSRF_REJECTED");
    }
    let open = listening_with(|settings| settings.cors.origins = vec!["*".to_owned()]).await;
    let opened = open
        .handshake(&[ours, ("origin", "https://a.example")])
        .await;
    assert!(opened.is_ok());
}

fn revoke(router: &super::Listening, claims: &Value) {
    let session = claims["sid"].as_str().unwrap().parse().unwrap();
    router.auth.set_revoked_sessions(HashSet::from([session]));
}

/// The connection is closed with 4403 and this reason, and its operations are not told anything before:
/// clients take them up again on their next connection.
async fn assert_closed_without(socket: &mut super::Socket, reason: &str) {
    let message = socket.next().await.unwrap().unwrap();
    let tokio_tungstenite::tungstenite::Message::Close(Some(frame)) = message else {
        panic!("not closed: {message}");
    };
    assert_eq!(u16::from(frame.code), 4403);
    assert_eq!(frame.reason.as_str(), format!("Forbidden: {reason}"));
}
