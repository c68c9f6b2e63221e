//! Calls to subgraphs over HTTP, against a real listener.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, extract::State, routing::post};
use bytes::Bytes;
use chrono::DateTime;
use http::{HeaderMap, StatusCode, Version, header};
use kernel::{CallContext, Clock, GraphqlCall, Principal, SessionId};
use process::{
    assertion::{self, AssertionKey},
    config::Secret,
};
use router_engine::{Transport, TransportError};
use router_server::{
    RouterSettings,
    transport::{Assertions, HttpTransport},
};
use serde_json::json;

type Seen = Arc<Mutex<Vec<(Version, HeaderMap, Bytes)>>>;

async fn answer(
    State(seen): State<Seen>,
    version: Version,
    headers: HeaderMap,
    body: Bytes,
) -> &'static str {
    seen.lock().unwrap().push((version, headers, body));
    r#"{"data":{"hello":"world"}}"#
}

fn app(seen: Seen) -> Router {
    let graphql = [(header::CONTENT_TYPE, "application/graphql-response+json")];
    let refused = (
        StatusCode::BAD_REQUEST,
        graphql,
        r#"{"errors":[{"message":"no"}]}"#,
    );
    Router::new()
        .route("/shop/graphql", post(answer))
        .route("/refused", post(move || async move { refused }))
        .route(
            "/failed",
            post(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "oops") }),
        )
        .route("/never", post(std::future::pending::<&'static str>))
        .with_state(seen)
}

pub(crate) struct World {
    pub(crate) url: String,
    seen: Seen,
    pub(crate) key: AssertionKey,
    pub(crate) clock: Clock,
    assertions: Arc<Assertions>,
}

pub(crate) async fn world() -> World {
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = app(Arc::clone(&seen));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let key = AssertionKey::new(&Secret::new("0123456789abcdef0123456789abcdef")).unwrap();
    let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let assertions = Arc::new(Assertions::new(key.clone(), clock.clone()));
    World {
        url,
        seen,
        key,
        clock,
        assertions,
    }
}

impl World {
    pub(crate) fn transport(&self, path: &str, settings: &RouterSettings) -> HttpTransport {
        let client = HttpTransport::client(settings);
        let url = format!("{}{path}", self.url);
        HttpTransport::new(&url, &client, Some(Arc::clone(&self.assertions)), settings).unwrap()
    }
}

pub(crate) fn call() -> GraphqlCall {
    let variables = json!({"name": "Siti"});
    GraphqlCall {
        query: "query A($name: String) { hello(name: $name) }".into(),
        operation_name: Some("A".into()),
        variables: variables.as_object().unwrap().clone(),
        context: CallContext {
            principal: Arc::new(Principal::service("test")),
            request_id: "r-1".into(),
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
            deadline: None,
        },
    }
}

#[tokio::test]
async fn a_call_carries_everything_over_both_versions_of_http() {
    let world = world().await;
    for http2 in [false, true] {
        let mut settings = RouterSettings::default();
        settings.subgraphs.http2 = http2;
        let body = world
            .transport("/shop/graphql", &settings)
            .call(call())
            .await
            .unwrap();
        assert_eq!(body, r#"{"data":{"hello":"world"}}"#);
        let (version, headers, body) = world.seen.lock().unwrap().pop().unwrap();
        assert_eq!(
            version,
            if http2 {
                Version::HTTP_2
            } else {
                Version::HTTP_11
            }
        );
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["x-request-id"], "r-1");
        assert_eq!(
            headers["traceparent"],
            call().context.traceparent.unwrap().as_ref()
        );
        let stated = headers["x-pasar-principal"].to_str().unwrap();
        let principal = assertion::verify(&world.key, stated, &world.clock).unwrap();
        assert_eq!(principal, Principal::service("test"));
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body,
            json!({"query": &*call().query, "operationName": "A", "variables": {"name": "Siti"}})
        );
    }
}

#[tokio::test]
async fn an_answer_in_graphql_is_passed_on_whatever_its_status() {
    let world = world().await;
    let settings = RouterSettings::default();
    let body = world
        .transport("/refused", &settings)
        .call(call())
        .await
        .unwrap();
    assert_eq!(body, r#"{"errors":[{"message":"no"}]}"#);
    let failed = world.transport("/failed", &settings).call(call()).await;
    assert!(
        matches!(failed, Err(TransportError::Status(500))),
        "{failed:?}"
    );
}

#[tokio::test]
async fn failures_are_told_apart() {
    let world = world().await;
    let mut settings = RouterSettings::default();
    settings.engine.max_subgraph_response_bytes = 10;
    let long = world
        .transport("/shop/graphql", &settings)
        .call(call())
        .await;
    assert!(
        matches!(long, Err(TransportError::BodyTooLarge)),
        "{long:?}"
    );

    let mut late = call();
    late.context.deadline = Some(Instant::now() + Duration::from_millis(50));
    let late = world.transport("/never", &settings).call(late).await;
    assert!(matches!(late, Err(TransportError::Timeout)), "{late:?}");

    let client = HttpTransport::client(&settings);
    let down = HttpTransport::new("http://127.0.0.1:1/", &client, None, &settings).unwrap();
    let down = down.call(call()).await;
    assert!(
        matches!(down, Err(TransportError::Unreachable(_))),
        "{down:?}"
    );
}

#[tokio::test]
async fn a_unix_socket_is_a_target_and_other_schemes_are_not() {
    let folder = std::env::temp_dir().join(format!("pasar-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let socket = folder.join("shop.sock");
    drop(std::fs::remove_file(&socket));
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    let app = app(Seen::default());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let settings = RouterSettings::default();
    let client = HttpTransport::client(&settings);
    let url = format!("unix://{}:/shop/graphql", socket.display());
    let transport = HttpTransport::new(&url, &client, None, &settings).unwrap();
    assert_eq!(
        transport.call(call()).await.unwrap(),
        r#"{"data":{"hello":"world"}}"#
    );
    std::fs::remove_dir_all(&folder).unwrap();

    for wrong in ["ftp://a/", "/graphql", "127.0.0.1:4000", "http://a b/"] {
        assert!(
            HttpTransport::new(wrong, &client, None, &settings).is_err(),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn revoked_sessions_are_asked_for_as_the_router() {
    let world = world().await;
    let session: SessionId = kernel::Ids::counted().next();
    let (key, clock) = (world.key.clone(), world.clock.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/identity/graphql", listener.local_addr().unwrap());
    let answer = post(move |headers: HeaderMap, body: String| async move {
        let stated = headers["x-pasar-principal"].to_str().unwrap();
        let principal = assertion::verify(&key, stated, &clock).unwrap();
        assert_eq!(principal, Principal::service("router"));
        assert!(body.contains("{ revokedSessions }"), "{body}");
        axum::Json(json!({"data": {"revokedSessions": [session.to_string()]}}))
    });
    let app = Router::new().route("/identity/graphql", answer);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let settings = RouterSettings::default();
    let client = HttpTransport::client(&settings);
    let assertions = Arc::new(Assertions::new(world.key.clone(), world.clock.clone()));
    let identity = HttpTransport::new(&url, &client, Some(assertions), &settings).unwrap();
    let fetch = router_server::revoked_from_identity(Arc::new(identity));
    let shop = crate::shop::shop();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let following = tokio::spawn(router_server::follow_revocations(
        fetch,
        Arc::clone(&shop.auth),
        Duration::from_millis(5),
        shutdown.clone(),
    ));
    while !shop.auth.revoked_sessions().contains(&session) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    shutdown.cancel();
    following.await.unwrap();
}
