//! What operators and orchestrators ask of every process.

use harness::http::HttpClient;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{product_page, shop};

/// Every listener of both deployments: what it is, where it is, what it calls itself.
async fn listeners() -> Vec<(String, String, String)> {
    let shop = shop().await;
    let mut all = Vec::new();
    let mut add = |what: &str, process: &harness::child::Process, service: &str| {
        for (kind, url) in [("clients", &process.url), ("operators", &process.admin_url)] {
            all.push((format!("{what}, {kind}"), url.clone(), service.to_owned()));
        }
    };
    add("up", &shop.up.processes[0], "pasar");
    add(
        "router",
        shop.split.processes.last().unwrap(),
        "pasar-router",
    );
    for subgraph in pasar::subgraphs::ALL {
        let service = format!("pasar-{}", subgraph.name);
        add(subgraph.name, shop.split.subgraph(subgraph.name), &service);
    }
    all
}

// L17
#[tokio::test]
async fn every_listener_of_every_process_tells_its_health() {
    for (what, url, service) in listeners().await {
        let client = HttpClient::new(&url);
        let overview = client.get("/health").await;
        assert_eq!(overview.status, StatusCode::OK, "{what}");
        let mut report = overview.json();
        assert!(report["uptime"].take().is_u64(), "{what}");
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            report,
            json!({ "status": "ok", "service": service, "version": version, "uptime": null }),
            "{what}"
        );
        let live = client.get("/health/live").await;
        assert_eq!(
            (live.status, live.json()),
            (StatusCode::OK, json!({ "status": "ok" }))
        );
        let ready = client.get("/health/ready").await;
        assert_eq!(
            (ready.status, &ready.json()["status"]),
            (StatusCode::OK, &json!("ok"))
        );
    }
}

async fn metrics(admin_url: &str) -> String {
    let reply = HttpClient::new(admin_url).get("/metrics").await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(
        reply.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/plain")
    );
    String::from_utf8(reply.body.to_vec()).unwrap()
}

#[tokio::test]
async fn operators_see_the_named_series_and_clients_do_not() {
    let shop = shop().await;
    for (deployment, started) in shop.both() {
        product_page(&started.client(), 2).await;
        let garbage = started.client().with_token("garbage");
        assert_eq!(
            garbage
                .post("/graphql", r#"{"query":"{__typename}"}"#)
                .await
                .status,
            401
        );
        let text = metrics(started.admin_url()).await;
        for series in [
            r#"http_server_request_duration_seconds_bucket{http_response_status_code="200",graphql_operation_type="query",client_name="other","#,
            "http_server_active_requests",
            r#"router_requests_rejected_total{reason="token"}"#,
            r#"router_subgraph_requests_total{subgraph="catalog",outcome="ok"}"#,
            r#"router_subgraph_requests_total{subgraph="reviews",outcome="ok"}"#,
            r#"router_subgraph_request_duration_seconds_bucket{subgraph="inventory","#,
        ] {
            assert!(
                text.contains(series),
                "{series} is missing in {deployment}:\n{text}"
            );
        }
        assert_eq!(
            started.client().get("/metrics").await.status,
            StatusCode::NOT_FOUND
        );
    }
    let text = metrics(&shop.split.subgraph("catalog").admin_url).await;
    let series = r#"http_server_request_duration_seconds_bucket{http_response_status_code="200","#;
    assert!(text.contains(series), "{text}");
}

#[tokio::test]
async fn a_request_id_is_echoed_or_made_and_is_in_every_error() {
    for (_, started) in shop().await.both() {
        let client = started.client();
        let body = r#"{"query":"{ nothing }"}"#;
        let headers = [
            ("content-type", "application/json"),
            ("x-request-id", "my-request-1"),
        ];
        let reply = client
            .send(Method::POST, "/graphql", &headers, body.into())
            .await;
        assert_eq!(reply.headers["x-request-id"], "my-request-1");
        assert_eq!(
            reply.json()["errors"][0]["extensions"]["requestId"],
            "my-request-1"
        );

        let reply = client.post("/graphql", body).await;
        let made = reply.headers["x-request-id"].to_str().unwrap();
        let told: Value = reply.json()["errors"][0]["extensions"]["requestId"].clone();
        assert_eq!((told, made.len()), (json!(made), 36));
    }
}

#[tokio::test]
async fn pages_and_schema_are_served_beside_graphql() {
    for (_, started) in shop().await.both() {
        let client = started.client();
        let html = [("accept", "text/html")];
        let page = client.send(Method::GET, "/", &html, "".into()).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
        let schema = client.get("/schema.graphql").await;
        let schema = String::from_utf8(schema.body.to_vec()).unwrap();
        let file = harness::deployment::repository().join("schema/api.graphql");
        let file = std::fs::read_to_string(file).unwrap();
        let same = words(&schema) == words(&file);
        assert!(same, "another schema is served: run `cargo xtask schema`");
        let nothing = client.get("/nothing-here").await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND);
        assert_eq!(
            nothing.json()["errors"][0]["extensions"]["code"],
            "NOT_FOUND"
        );
    }
}

/// A schema without its line breaks and commas, which two printers set in two ways.
fn words(schema: &str) -> String {
    let spaced = schema.replace("\"\"\"", " \"\"\" ").replace(',', " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
