//! Who asks.

use std::collections::HashSet;

use kernel::PrincipalKind;
use serde_json::json;

use crate::shop::{NOW, Shop, shop};

async fn asked_with(shop: &Shop, authorization: &str) -> crate::shop::Answer {
    shop.post_with(
        &json!({"query": "{ hello }"}),
        &[("authorization", authorization)],
    )
    .await
}

fn header() -> serde_json::Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k"})
}

#[tokio::test]
async fn without_a_token_the_caller_is_anonymous() {
    let shop = shop();
    assert_eq!(shop.post(&json!({"query": "{ hello }"})).await.status, 200);
    let calls = shop.subgraph.calls.lock().unwrap();
    assert_eq!(calls[0].context.principal.kind, PrincipalKind::Anonymous);
}

#[tokio::test]
async fn a_good_token_reaches_the_subgraph_as_a_principal() {
    let shop = shop();
    let claims = shop.claims();
    let token = shop.token(&header(), &claims);
    assert_eq!(
        asked_with(&shop, &format!("Bearer {token}")).await.status,
        200
    );
    assert_eq!(
        asked_with(&shop, &format!("bearer  {token} ")).await.status,
        200
    );
    let calls = shop.subgraph.calls.lock().unwrap();
    let principal = &calls[0].context.principal;
    assert_eq!(
        principal.user_id().unwrap().to_string(),
        claims["sub"].as_str().unwrap()
    );
    assert!(principal.can("write:reviews"));
}

#[tokio::test]
async fn a_bad_token_is_refused_and_nothing_is_run() {
    let shop = shop();
    let mut expired = shop.claims();
    expired["exp"] = json!(NOW - 60);
    let mut elsewhere = shop.claims();
    elsewhere["aud"] = json!("other");
    let none = json!({"alg": "none", "typ": "at+jwt", "kid": "k"});
    let hmac = json!({"alg": "HS256", "typ": "at+jwt", "kid": "k"});
    let claims = shop.claims();
    for authorization in [
        format!("Bearer {}", shop.token(&header(), &expired)),
        format!("Bearer {}", shop.token(&header(), &elsewhere)),
        format!("Bearer {}", shop.token(&none, &claims)),
        format!("Bearer {}", shop.token(&hmac, &claims)),
        "Bearer garbage".to_owned(),
        "Bearer".to_owned(),
        "Basic dXNlcjpwYXNz".to_owned(),
        String::new(),
    ] {
        let answer = asked_with(&shop, &authorization).await;
        answer.assert_refused(401, "UNAUTHENTICATED");
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.starts_with(r#"Bearer realm="pasar", error="invalid_token""#),
            "{challenge}"
        );
    }
    let token = format!("Bearer {}", shop.token(&header(), &claims));
    let twice = [
        ("authorization", token.as_str()),
        ("authorization", token.as_str()),
    ];
    let answer = shop.post_with(&json!({"query": "{ hello }"}), &twice).await;
    answer.assert_refused(401, "UNAUTHENTICATED");
    assert!(shop.subgraph.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_revoked_session_is_refused() {
    let shop = shop();
    let claims = shop.claims();
    let token = format!("Bearer {}", shop.token(&header(), &claims));
    assert_eq!(asked_with(&shop, &token).await.status, 200);
    let session = claims["sid"].as_str().unwrap().parse().unwrap();
    shop.auth.set_revoked_sessions(HashSet::from([session]));
    let answer = asked_with(&shop, &token).await;
    answer.assert_refused(401, "UNAUTHENTICATED");
    assert!(answer.text().contains("revoked"));
}

#[tokio::test]
async fn request_id_and_trace_travel_with_the_call() {
    let shop = shop();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let headers = [("x-request-id", "abc"), ("traceparent", trace)];
    let answer = shop
        .post_with(&json!({"query": "{ hello }"}), &headers)
        .await;
    assert_eq!(answer.header("x-request-id"), "abc");
    let calls = shop.subgraph.calls.lock().unwrap();
    assert_eq!(&*calls[0].context.request_id, "abc");
    assert_eq!(calls[0].context.traceparent.as_deref(), Some(trace));
    assert!(calls[0].context.deadline.is_some());
}
