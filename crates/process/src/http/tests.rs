use std::{net::SocketAddr, time::Duration};

use axum::{Extension, Router, body::Body, routing::get};
use http::Request;
use http_body_util::BodyExt as _;
use kernel::Ids;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::*;

async fn echo(Extension(context): Extension<RequestContext>) -> String {
    format!("{} {:?}", context.id, context.traceparent)
}

fn app() -> Router {
    let slow = get(|| async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        "slow"
    });
    let stuck = get(std::future::pending::<&'static str>);
    let router = Router::new()
        .route("/", get(echo))
        .route("/slow", slow)
        .route("/stuck", stuck);
    observe(router, Ids::Random)
}

async fn asked(headers: &[(&str, &str)]) -> (String, String) {
    let mut request = Request::get("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = app().oneshot(request).await.unwrap();
    let id = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (id, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_usable_request_id_is_taken_over_and_echoed() {
    let (id, body) = asked(&[("x-request-id", "abc-123")]).await;
    assert_eq!(id, "abc-123");
    assert_eq!(body, "abc-123 None");
    let longest = "x".repeat(128);
    assert_eq!(asked(&[("x-request-id", &longest)]).await.0, longest);
}

#[tokio::test]
async fn an_unusable_request_id_is_replaced() {
    let too_long = "x".repeat(129);
    for bad in ["", "has space", "tab\there", too_long.as_str()] {
        let (id, _) = asked(&[("x-request-id", bad)]).await;
        assert_ne!(id, bad);
        assert_eq!(id.len(), 36, "a uuid: {id}");
    }
    assert_ne!(asked(&[]).await.0, asked(&[]).await.0);
}

#[tokio::test]
async fn only_a_well_formed_traceparent_is_passed_on() {
    let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let (_, body) = asked(&[("x-request-id", "a"), ("traceparent", given)]).await;
    assert_eq!(body, format!("a Some({given:?})"));
    let (_, body) = asked(&[("x-request-id", "a"), ("traceparent", "garbage")]).await;
    assert_eq!(body, "a None");
}

#[tokio::test]
async fn requests_are_measured() {
    crate::metrics::install();
    asked(&[]).await;
    let text = crate::metrics::render();
    assert!(text.contains("http_server_active_requests 0"), "{text}");
    assert!(
        text.contains(
            "http_server_request_duration_seconds_count{http_response_status_code=\"200\""
        ),
        "{text}"
    );
}

async fn started(settings: HttpSettings) -> (SocketAddr, CancellationToken, Running) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let token = shutdown.clone();
    let running =
        tokio::spawn(async move { serve(listener, app(), &settings, token).await.unwrap() });
    (address, shutdown, running)
}

type Running = tokio::task::JoinHandle<()>;

async fn request_over(address: SocketAddr, path: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // A cut connection is an error or an early end, depending on the moment.
    drop(stream.read_to_string(&mut answer).await);
    answer
}

#[tokio::test]
async fn a_running_request_is_finished_and_new_ones_are_refused() {
    let (address, shutdown, running) = started(HttpSettings::default()).await;
    let request = tokio::spawn(request_over(address, "/slow"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    shutdown.cancel();
    let answer = request.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("slow"), "{answer}");
    running.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn what_runs_past_the_drain_timeout_is_cut_off() {
    let settings = HttpSettings {
        drain_timeout: DurationSetting::from_millis(100),
        ..HttpSettings::default()
    };
    let (address, shutdown, running) = started(settings).await;
    let request = tokio::spawn(request_over(address, "/stuck"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(5), running)
        .await
        .expect("serve must end")
        .unwrap();
    assert_eq!(request.await.unwrap(), "");
}

#[tokio::test]
async fn oversized_headers_are_answered_with_431() {
    let (address, shutdown, running) = started(HttpSettings::default()).await;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET / HTTP/1.1\r\nhost: t\r\nx-long: {}\r\n\r\n",
        "a".repeat(70_000)
    );
    drop(stream.write_all(head.as_bytes()).await);
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 431");
    drop(stream);
    shutdown.cancel();
    running.await.unwrap();
}
