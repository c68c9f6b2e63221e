//! Server-sent events, byte for byte (`reference/clients.md` 1.8).

use std::{collections::HashSet, sync::Arc, time::Duration};

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use http::{HeaderMap, Request};
use process::config::DurationSetting;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::shop::{PATIENCE, Shop, gone, shop, shop_with};

const EVENTS: (&str, &str) = ("accept", "text/event-stream");

/// An answer that is still coming.
struct Stream {
    status: u16,
    headers: HeaderMap,
    body: BodyDataStream,
}

impl Stream {
    /// The next piece; `None` is the orderly end.
    async fn next(&mut self) -> Option<Result<String, axum::Error>> {
        let piece = tokio::time::timeout(Duration::from_secs(30), self.body.next()).await;
        let piece = piece.unwrap()?;
        Some(piece.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
    }

    async fn text(&mut self) -> String {
        self.next().await.unwrap().unwrap()
    }

    /// Waits for an end that is none in order.
    async fn cut_off(&mut self) {
        let ended = async {
            loop {
                match self.next().await {
                    Some(Ok(_)) => {}
                    Some(Err(_)) => return,
                    None => panic!("the stream ended in order"),
                }
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.unwrap();
    }
}

async fn subscribe(shop: &Shop, query: &str, headers: &[(&str, &str)]) -> Stream {
    let mut request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header(EVENTS.0, EVENTS.1);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = json!({ "query": query }).to_string();
    let request = request.body(Body::from(body)).unwrap();
    let response = shop.app.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Stream {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.into_data_stream(),
    }
}

fn next(payload: &Value) -> String {
    format!("event: next\ndata: {payload}\n\n")
}

const COMPLETE: &str = "event: complete\ndata: \n\n";

#[tokio::test]
async fn a_subscription_is_a_stream_of_events_in_exactly_this_form() {
    let shop = shop();
    let mut stream = subscribe(
        &shop,
        "subscription { ticks }",
        &[("accept-encoding", "gzip, br")],
    )
    .await;
    assert_eq!(stream.status, 200);
    for (name, value) in [
        ("content-type", "text/event-stream"),
        ("cache-control", "no-cache"),
        ("x-accel-buffering", "no"),
    ] {
        assert_eq!(stream.headers[name], value);
    }
    assert!(!stream.headers.contains_key("content-encoding"));
    assert!(!stream.headers.contains_key("content-length"));
    let ticks = shop.subgraph.tickers(1).await;
    for tick in [1, 2] {
        // Each event arrives before the next one happens.
        ticks[0].send(json!(tick)).unwrap();
        assert_eq!(stream.text().await, next(&json!({"data": {"ticks": tick}})));
    }
    ticks[0].send(json!("end")).unwrap();
    assert_eq!(stream.text().await, COMPLETE);
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn get_opens_a_stream_too_and_the_csrf_rule_holds() {
    let shop = shop();
    let path = "/graphql?query=subscription%20%7Bcount%7D";
    let answer = shop
        .get_with(path, &[EVENTS, ("apollo-require-preflight", "1")])
        .await;
    let one = next(&json!({"data": {"count": 1}}));
    let two = next(&json!({"data": {"count": 2}}));
    assert_eq!(answer.text(), format!("{one}{two}{COMPLETE}"));
    let answer = shop.get_with(path, &[EVENTS]).await;
    answer.assert_refused(400, "CSRF_REJECTED");
}

#[tokio::test]
async fn one_answer_is_one_event_for_who_reads_nothing_else() {
    let shop = shop();
    let query = json!({"query": "{ hello }"});
    let answer = shop.post_with(&query, &[EVENTS]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let event = next(&json!({"data": {"hello": "world"}}));
    assert_eq!(answer.text(), format!("{event}{COMPLETE}"));
    let both = ("accept", "text/event-stream, application/json");
    let answer = shop.post_with(&query, &[both]).await;
    assert_eq!(answer.json(), json!({"data": {"hello": "world"}}));
}

#[tokio::test]
async fn what_is_wrong_with_the_operation_is_an_event_and_the_rest_is_a_status() {
    let shop = shop_with(|settings| settings.timeout = DurationSetting::from_secs(5));
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription($a: Int!) { count(to: $a) }", "BAD_USER_INPUT"),
        ("subscription { refused }", "DOWNSTREAM_SERVICE_ERROR"),
    ] {
        let mut stream = subscribe(&shop, query, &[]).await;
        assert_eq!(stream.status, 200, "{query}");
        assert_eq!(stream.headers["content-type"], "text/event-stream");
        let text = stream.text().await;
        let payload = text
            .strip_prefix("event: next\ndata: ")
            .and_then(|text| text.strip_suffix(&format!("\n\n{COMPLETE}")))
            .unwrap_or_else(|| panic!("{text}"));
        let payload: Value = serde_json::from_str(payload).unwrap();
        assert_eq!(
            payload["errors"][0]["extensions"]["code"], code,
            "{payload}"
        );
        assert!(payload["errors"][0]["extensions"]["requestId"].is_string());
        assert!(payload.get("data").is_none());
        assert!(stream.next().await.is_none());
    }
    let query = json!({"query": "subscription { ticks }"});
    shop.post_with(&query, &[EVENTS, ("authorization", "Bearer x")])
        .await
        .assert_refused(401, "UNAUTHENTICATED");
    let wrong = json!({"query": 1});
    shop.post_with(&wrong, &[EVENTS])
        .await
        .assert_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn a_defect_in_the_middle_ends_the_stream_with_an_error() {
    let shop = shop();
    let mut stream = subscribe(&shop, "subscription { defect }", &[]).await;
    let text = stream.text().await;
    assert!(text.contains("INTERNAL_SERVER_ERROR"), "{text}");
    assert!(text.ends_with(COMPLETE), "{text}");
    assert!(!text.contains("on purpose"));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_silent_stream_shows_that_it_lives() {
    let shop = shop_with(|settings| {
        settings.subscriptions.keepalive_interval = DurationSetting::from_millis(10);
    });
    let mut stream = subscribe(&shop, "subscription { ticks }", &[]).await;
    assert_eq!(stream.text().await, ": keepalive\n\n");
    assert_eq!(stream.text().await, ": keepalive\n\n");
    let ticks = shop.subgraph.tickers(1).await;
    ticks[0].send(json!(1)).unwrap();
    loop {
        let text = stream.text().await;
        if text != ": keepalive\n\n" {
            assert_eq!(text, next(&json!({"data": {"ticks": 1}})));
            break;
        }
    }
}

#[tokio::test]
async fn a_stream_about_an_old_schema_is_broken_off_so_that_its_client_opens_it_again() {
    let shop = shop_with(|settings| {
        settings.subscriptions.keepalive_interval = DurationSetting::from_millis(10);
    });
    let mut stream = subscribe(&shop, "subscription { ticks }", &[]).await;
    let ticks = shop.subgraph.tickers(1).await;
    assert_eq!(stream.text().await, ": keepalive\n\n");
    shop.swap();
    gone(&ticks[0]).await;
    stream.cut_off().await;
}

#[tokio::test]
async fn events_without_a_pause_keep_no_old_schema_in_use() {
    let shop = shop_with(|settings| {
        settings.subscriptions.keepalive_interval = DurationSetting::from_millis(50);
    });
    let mut stream = subscribe(&shop, "subscription { flood }", &[]).await;
    assert!(stream.text().await.contains("flood"));
    shop.swap();
    stream.cut_off().await;
    shop.subgraph.floods_over().await;
}

#[tokio::test]
async fn a_client_that_goes_takes_its_subscription_along() {
    let shop = shop();
    let stream = subscribe(&shop, "subscription { ticks }", &[]).await;
    let ticks = shop.subgraph.tickers(1).await;
    drop(stream);
    gone(&ticks[0]).await;
}

#[tokio::test]
async fn who_does_not_read_is_cut_off_and_its_subscription_ends() {
    let shop = shop_with(|settings| {
        settings.subscriptions.slow_reader_timeout = DurationSetting::from_millis(50);
        settings.subscriptions.queue = 2;
    });
    let mut stream = subscribe(&shop, "subscription { flood }", &[]).await;
    shop.subgraph.floods_over().await;
    // What was waiting arrives; then the stream is broken, which is no orderly end.
    assert!(stream.next().await.unwrap().is_ok());
    assert!(stream.next().await.unwrap().is_ok());
    assert!(stream.next().await.unwrap().is_err());
}

#[tokio::test]
async fn no_event_is_sent_after_the_session_was_revoked() {
    let shop = shop();
    let claims = shop.claims();
    let bearer = shop.bearer(&claims);
    let mut stream = subscribe(
        &shop,
        "subscription { ticks }",
        &[("authorization", &bearer)],
    )
    .await;
    let ticks = shop.subgraph.tickers(1).await;
    let session = claims["sid"].as_str().unwrap().parse().unwrap();
    shop.auth.set_revoked_sessions(HashSet::from([session]));
    ticks[0].send(json!(1)).unwrap();
    let text = stream.text().await;
    assert!(
        text.contains("UNAUTHENTICATED") && text.contains("revoked"),
        "{text}"
    );
    assert!(text.ends_with(COMPLETE), "{text}");
    assert!(stream.next().await.is_none());
    gone(&ticks[0]).await;
}

#[tokio::test]
async fn streams_have_the_places_of_sockets() {
    let shop = shop_with(|settings| {
        settings.subscriptions.max_connections = 2;
        settings.subscriptions.max_connections_per_user = 1;
    });
    let bearer = shop.bearer(&shop.claims());
    let query = json!({"query": "subscription { ticks }"});
    let authorization = ("authorization", bearer.as_str());
    let first = subscribe(&shop, "subscription { ticks }", &[authorization]).await;
    let answer = shop.post_with(&query, &[EVENTS, authorization]).await;
    answer.assert_refused(429, "RATE_LIMITED");
    let _second = subscribe(&shop, "subscription { ticks }", &[]).await;
    let answer = shop.post_with(&query, &[EVENTS]).await;
    answer.assert_refused(503, "UNAVAILABLE");
    drop(first);
    let ticks = shop.subgraph.tickers(1).await;
    gone(&ticks[0]).await;
    while subscribe(&shop, "subscription { ticks }", &[]).await.status != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_end_of_the_process_breaks_streams_off_so_that_clients_connect_again() {
    let router = crate::socket::listening().await;
    let mut stream = subscribe(&router.shop, "subscription { ticks }", &[]).await;
    let ticks = router.subgraph.tickers(1).await;
    ticks[0].send(json!(1)).unwrap();
    assert_eq!(stream.text().await, next(&json!({"data": {"ticks": 1}})));
    let running = Arc::clone(&router.state);
    router.shutdown.cancel();
    assert!(stream.next().await.unwrap().is_err());
    gone(&ticks[0]).await;
    router.running.await.unwrap();
    drop(running);
}
