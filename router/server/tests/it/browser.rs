//! What browsers need, and what they must be kept from.

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::shop::{shop, shop_with};

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[tokio::test]
async fn a_get_request_that_another_site_could_send_is_refused() {
    let shop = shop();
    let path = "/graphql?query=%7Bhello%7D";
    for headers in [
        vec![],
        vec![("content-type", "text/plain")],
        vec![("content-type", "application/x-www-form-urlencoded")],
        vec![("content-type", "multipart/form-data; boundary=x")],
        vec![("apollo-require-preflight", "")],
        vec![("x-other", "1")],
    ] {
        let answer = shop.get_with(path, &headers).await;
        answer.assert_refused(400, "CSRF_REJECTED");
        assert!(answer.text().contains("apollo-require-preflight"));
    }
    for header in [
        ("content-type", "application/json"),
        ("apollo-require-preflight", "true"),
        ("x-apollo-operation-name", "A"),
        ("graphql-require-preflight", "1"),
    ] {
        assert_eq!(
            shop.get_with(path, &[header]).await.status,
            200,
            "{header:?}"
        );
    }
    let open = shop_with(|settings| settings.csrf_protection = false);
    assert_eq!(open.get_with(path, &[]).await.status, 200);
}

fn preflight(origin: &str) -> Request<Body> {
    Request::options("/graphql")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "content-type,authorization",
        )
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn only_configured_origins_may_use_the_api() {
    let shop = shop_with(|settings| {
        settings.cors.origins = vec!["https://shop.example".to_owned()];
        settings.cors.credentials = true;
    });
    let answer = shop.send(preflight("https://shop.example")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert_eq!(answer.header("access-control-max-age"), "7200");
    assert_eq!(answer.header("access-control-allow-methods"), "GET,POST");
    for name in [
        "authorization",
        "apollo-require-preflight",
        "traceparent",
        "idempotency-key",
    ] {
        assert!(
            answer.header("access-control-allow-headers").contains(name),
            "{name}"
        );
    }
    assert!(answer.header("vary").contains("origin"));

    let query = json!({"query": "{ hello }"});
    let answer = shop
        .post_with(&query, &[("origin", "https://shop.example")])
        .await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert!(
        answer
            .header("access-control-expose-headers")
            .contains("x-request-id")
    );

    for other in [
        "https://evil.example",
        "https://shop.example.evil.example",
        "null",
    ] {
        let answer = shop.send(preflight(other)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{other}");
    }
    let closed = crate::shop::shop();
    let answer = closed.send(preflight("https://shop.example")).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let shop = shop();
    for answer in [
        shop.post(&json!({"query": "{ hello }"})).await,
        shop.get("/nothing").await,
        shop.get("/health").await,
        shop.get_with("/", &[HTML]).await,
    ] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(
            answer
                .header("strict-transport-security")
                .starts_with("max-age=31536000")
        );
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn long_answers_are_compressed_for_clients_that_accept_it() {
    let shop = shop();
    let long = json!({"query": "{ long }"});
    let plain = shop.post(&long).await;
    assert_eq!(plain.header("content-encoding"), "");
    for encoding in ["gzip", "br"] {
        let answer = shop
            .post_with(&long, &[("accept-encoding", encoding)])
            .await;
        assert_eq!(answer.header("content-encoding"), encoding);
        assert!(answer.body.len() * 10 < plain.body.len());
        assert!(answer.header("vary").contains("accept-encoding"));
    }
    let short = shop
        .post_with(
            &json!({"query": "{ hello }"}),
            &[("accept-encoding", "gzip")],
        )
        .await;
    assert_eq!(short.header("content-encoding"), "");
    let off = shop_with(|settings| settings.compression = false);
    let answer = off.post_with(&long, &[("accept-encoding", "gzip")]).await;
    assert_eq!(answer.header("content-encoding"), "");
}

#[tokio::test]
async fn a_browser_gets_the_playground_and_a_program_gets_directions() {
    let shop = shop();
    let page = shop.get_with("/", &[HTML]).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'self'; script-src 'self';"),
        "{policy}"
    );
    assert!(
        page.text().contains("/playground/assets/"),
        "{}",
        page.text()
    );
    assert_eq!(shop.get("/playground/index.html").await.body, page.body);
    assert_eq!(shop.get("/").await.json()["graphql"], "/graphql");

    let opened = shop.get_with("/graphql", &[HTML]).await;
    assert_eq!(
        (opened.status.as_u16(), opened.header("location")),
        (303, "/".to_owned())
    );
}

#[tokio::test]
async fn the_files_of_the_playground_may_be_kept_for_ever() {
    let shop = shop();
    let page = shop.get_with("/", &[HTML]).await.text();
    let script = page.split('"').find(|text| text.ends_with(".js")).unwrap();
    let answer = shop.get(script).await;
    assert_eq!(
        answer.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    for missing in [
        "/playground/assets/none.js",
        "/playground/../Cargo.toml",
        "/playground/%2e%2e/x",
    ] {
        assert_eq!(shop.get(missing).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn the_playground_can_be_turned_off() {
    let shop = shop_with(|settings| settings.playground = false);
    assert_eq!(
        shop.get_with("/", &[HTML]).await.json()["graphql"],
        "/graphql"
    );
    assert_eq!(shop.get("/playground").await.status, 404);
    assert_eq!(shop.get("/playground/assets/x.js").await.status, 404);
    assert_ne!(shop.get_with("/graphql", &[HTML]).await.status, 303);
}

#[tokio::test]
async fn the_schema_can_be_downloaded() {
    let answer = shop().get("/schema.graphql").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert!(
        answer.text().contains("hello(name: String): String"),
        "{}",
        answer.text()
    );
    assert!(!answer.text().contains("join__"));
}
