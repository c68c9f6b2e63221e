//! An orderly end: nobody who asks before it is left without an answer, and nobody waits for ever.

use std::time::Duration;

use axum::{Json, Router, extract::State, routing::post};
use harness::{child::Process, http::HttpClient};
use serde_json::{Value, json};

use super::shop;

/// A router whose `sellers` is a server that answers after a while.
async fn slow_router(answers_after: Duration, extra: &[(&str, &str)]) -> (Process, HttpClient) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new()
        .route("/", post(answer))
        .with_state(answers_after);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let url = format!("http://{address}/");
    let router = shop().await.split.another_router("sellers", &url, extra);
    let client = HttpClient::new(&router.url);
    (router, client)
}

async fn answer(State(after): State<Duration>) -> Json<Value> {
    tokio::time::sleep(after).await;
    Json(json!({ "data": { "seller": { "shopName": "Toko Sabar" } } }))
}

/// A request that is under way: it has reached the slow subgraph when this returns.
async fn under_way(client: &HttpClient) -> tokio::task::JoinHandle<Option<Value>> {
    const QUERY: &str = "{ seller(id: \"seller_00000000000000000000000001\") { shopName } }";
    let client = client.clone();
    let running = tokio::spawn(async move { client.try_graphql(QUERY, json!({})).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    running
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_under_way_is_answered_and_a_later_one_is_not_taken() {
    let (mut router, client) = slow_router(Duration::from_secs(2), &[]).await;
    let running = under_way(&client).await;
    router.signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let late = HttpClient::new(&router.url)
        .try_graphql("{ __typename }", json!({}))
        .await;
    assert_eq!(late, None);
    let answer = running.await.unwrap();
    let expected = json!({ "data": { "seller": { "shopName": "Toko Sabar" } } });
    assert_eq!(answer, Some(expected));
    assert!(router.wait(), "{router}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_load_balancers_look_elsewhere_the_process_is_not_ready_but_serves() {
    let delay = [("PASAR__HTTP__DRAIN_DELAY", "3s")];
    let (mut router, client) = slow_router(Duration::ZERO, &delay).await;
    assert_eq!(client.get("/health/ready").await.status, 200);
    router.signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    for url in [&router.url, &router.admin_url] {
        let ready = HttpClient::new(url).get("/health/ready").await;
        assert_eq!(ready.status, 503);
        let reasons = &ready.json()["reasons"];
        assert_eq!(*reasons, json!({ "shutdown": "the process is stopping" }));
        assert_eq!(HttpClient::new(url).get("/health/live").await.status, 200);
    }
    // A connection of after the signal is served as well.
    let reply = HttpClient::new(&router.url)
        .graphql("{ __typename }", json!({}))
        .await;
    assert_eq!(reply, json!({ "data": { "__typename": "Query" } }));
    assert!(router.wait(), "{router}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_does_not_end_is_cut_off() {
    let patience = [("PASAR__HTTP__DRAIN_TIMEOUT", "200ms")];
    let (mut router, client) = slow_router(Duration::from_secs(3_600), &patience).await;
    let running = under_way(&client).await;
    // Ends: else this test would not.
    assert!(router.terminate(), "{router}");
    assert_eq!(running.await.unwrap(), None);
}
