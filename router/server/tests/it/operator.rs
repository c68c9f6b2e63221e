//! What operators see.

use axum::{Router, body::Body};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::shop::{shop, shop_with};

async fn fetched(router: Router, path: &str) -> (u16, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn health_is_answered_on_both_listeners() {
    let shop = shop();
    let answer = shop.get("/health").await;
    assert_eq!(answer.json()["status"], "ok");
    assert_eq!(answer.json()["service"], "router");
    assert_eq!(answer.json()["version"], "1.2.3");
    shop.health.set_not_ready("supergraph", "not loaded");
    assert_eq!(shop.get("/health/ready").await.status, 503);
    assert_eq!(shop.get("/health/live").await.status, 200);
    let (status, body) = fetched(router_server::admin(&shop.state), "/health/ready").await;
    assert_eq!(status, 503);
    assert!(body.contains("not loaded"));
}

#[tokio::test]
async fn requests_and_refusals_are_counted_and_only_operators_see_it() {
    let shop = shop_with(|settings| settings.known_clients = vec!["storefront".to_owned()]);
    let admin = router_server::admin(&shop.state);
    let client = |name| [("apollographql-client-name", name)];
    shop.post_with(&json!({"query": "{ hello }"}), &client("storefront"))
        .await;
    shop.post_with(&json!({"query": "{ hello }"}), &client("made-up"))
        .await;
    shop.get_with("/graphql?query=%7Bhello%7D", &[]).await;
    shop.post_with(
        &json!({"query": "{ hello }"}),
        &[("authorization", "Bearer x")],
    )
    .await;

    let (status, text) = fetched(admin, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        r#"http_server_request_duration_seconds_count{http_response_status_code="200",graphql_operation_type="query",client_name="storefront"}"#,
        r#"graphql_operation_type="query",client_name="other"}"#,
        "http_server_active_requests",
        r#"router_requests_rejected_total{reason="csrf"}"#,
        r#"router_requests_rejected_total{reason="token"}"#,
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains("made-up"));
    shop.get("/metrics").await.assert_refused(404, "NOT_FOUND");
}
