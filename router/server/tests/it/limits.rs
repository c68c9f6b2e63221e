//! What is too large, too slow or too much.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use process::{
    config::{ByteSize, DurationSetting},
    http::{HttpSettings, serve},
};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

use crate::shop::{shop, shop_with};

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    let shop = shop_with(|settings| settings.body_limit = ByteSize::new(200));
    let body = |length: usize| {
        let empty = json!({"query": "{ hello }", "pad": ""}).to_string().len();
        json!({"query": "{ hello }", "pad": "x".repeat(length - empty)})
    };
    assert_eq!(shop.post(&body(200)).await.status, 200);
    let answer = shop.post(&body(201)).await;
    answer.assert_refused(413, "PAYLOAD_TOO_LARGE");
    assert!(answer.text().contains("200 bytes"));
}

#[tokio::test]
async fn ten_megabytes_over_a_socket_are_answered_with_413() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let token = shutdown.clone();
    let app = shop().app;
    let running =
        tokio::spawn(async move { serve(listener, app, &HttpSettings::default(), token).await });

    for chunked in [false, true] {
        let size = 10 * 1024 * 1024;
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let length = if chunked {
            "transfer-encoding: chunked".to_owned()
        } else {
            format!("content-length: {size}")
        };
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\n{length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        if chunked {
            stream
                .write_all(format!("{size:x}\r\n").as_bytes())
                .await
                .unwrap();
        }
        stream.write_all(&vec![b'x'; size]).await.unwrap();
        if chunked {
            stream.write_all(b"\r\n0\r\n\r\n").await.unwrap();
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("PAYLOAD_TOO_LARGE"), "{answer}");
    }
    shutdown.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_past_its_deadline_is_answered_with_504() {
    let shop = shop_with(|settings| settings.timeout = DurationSetting::from_millis(50));
    let answer = shop.post(&json!({"query": "{ slow }"})).await;
    answer.assert_refused(504, "GATEWAY_TIMEOUT");
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_request_is_answered_with_408() {
    let shop = shop_with(|settings| settings.timeout = DurationSetting::from_millis(50));
    let body = Body::from_stream(futures_util::stream::pending::<
        Result<Vec<u8>, std::io::Error>,
    >());
    let request = Request::post("/graphql").header("content-type", "application/json");
    let answer = shop.send(request.body(body).unwrap()).await;
    answer.assert_refused(408, "TIMEOUT");
}

#[tokio::test]
async fn above_the_limit_of_concurrent_requests_it_is_503_with_retry_after() {
    let shop = std::sync::Arc::new(shop_with(|settings| settings.max_concurrent_requests = 1));
    let slow = {
        let shop = std::sync::Arc::clone(&shop);
        tokio::spawn(async move { shop.post(&json!({"query": "{ slow }"})).await })
    };
    while shop.subgraph.calls.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let answer = shop.post(&json!({"query": "{ hello }"})).await;
    answer.assert_refused(503, "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(
        shop.get("/health/ready").await.status,
        200,
        "health is not limited"
    );

    // A client that goes away gives its place back.
    slow.abort();
    assert!(slow.await.is_err());
    assert_eq!(shop.post(&json!({"query": "{ hello }"})).await.status, 200);
}

#[tokio::test]
async fn an_operation_above_the_limits_is_refused() {
    let shop = shop();
    let graphql = [("accept", "application/graphql-response+json")];
    let fields: String = (0..40).map(|number| format!("a{number}: hello ")).collect();
    let body = json!({"query": format!("{{ {fields} }}")});
    shop.post_with(&body, &graphql)
        .await
        .assert_refused(400, "LIMIT_EXCEEDED");
    let long = json!({"query": format!("{{ hello {} }}", "hello ".repeat(5_000))});
    shop.post_with(&long, &graphql)
        .await
        .assert_refused(400, "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn a_defect_is_answered_with_500_and_harms_nobody_else() {
    let shop = shop();
    let answer = shop.post(&json!({"query": "{ boom }"})).await;
    answer.assert_refused(500, "INTERNAL_SERVER_ERROR");
    assert!(!answer.text().contains("on purpose"));
    assert_eq!(shop.post(&json!({"query": "{ hello }"})).await.status, 200);
}
