//! One request is one trace, across the router and all subgraphs that it asks.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use harness::{
    child,
    deployment::{Databases, test_environment},
    wait::eventually,
};
use http::Method;
use serde_json::json;

use super::{PRODUCT_PAGE, shop};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

/// What a span says of itself.
#[derive(Debug, Clone)]
struct Span {
    service: String,
    name: String,
    trace: String,
    id: String,
    parent: String,
}

impl Collector {
    async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .route("/v1/traces", post(receive))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    fn of_trace(&self) -> Vec<Span> {
        let spans = self.0.lock().unwrap();
        spans
            .iter()
            .filter(|span| span.trace == TRACE)
            .cloned()
            .collect()
    }
}

async fn receive(State(collector): State<Collector>, body: Bytes) {
    collector.0.lock().unwrap().extend(read(&body));
}

/// The fields of a protobuf message: number and, for those with a length, bytes.
fn fields(mut message: &[u8]) -> Vec<(u64, &[u8])> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let length = match key & 7 {
            0 => {
                varint(&mut message);
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut message)).unwrap(),
            5 => 4,
            other => panic!("wire type {other}"),
        };
        let (value, rest) = message.split_at(length);
        found.push((key >> 3, value));
        message = rest;
    }
    found
}

fn varint(message: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = message.split_first().unwrap();
        *message = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return value;
        }
    }
    panic!("a number without end");
}

fn all(message: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    let fields = fields(message).into_iter();
    fields
        .filter(move |(known, _)| *known == number)
        .map(|(_, value)| value)
}

fn text(message: &[u8], number: u64) -> String {
    let value = all(message, number).next().unwrap_or_default();
    String::from_utf8_lossy(value).into_owned()
}

/// `ExportTraceServiceRequest`: resource spans (1), each a resource (1) with attributes (1) and scope
/// spans (2) with spans (2).
fn read(body: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    for of_resource in all(body, 1) {
        let attributes = all(of_resource, 1).flat_map(|resource| all(resource, 1));
        let service = attributes
            .filter(|attribute| text(attribute, 1) == "service.name")
            .map(|attribute| text(all(attribute, 2).next().unwrap(), 1))
            .next();
        for span in all(of_resource, 2).flat_map(|scope| all(scope, 2)) {
            let id = |number| hex::encode(all(span, number).next().unwrap_or_default());
            spans.push(Span {
                service: service.clone().unwrap_or_default(),
                name: text(span, 5),
                trace: id(1),
                id: id(2),
                parent: id(4),
            });
        }
    }
    spans
}

fn services(spans: &[Span]) -> BTreeSet<&str> {
    spans.iter().map(|span| span.service.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_is_one_trace_from_the_client_to_every_subgraph() {
    let shop = shop().await;
    let collector = Collector::default();
    let endpoint = collector.listen().await;
    let mut started = shop.split.split_beside(&[
        ("PASAR__TELEMETRY__OTLP_ENDPOINT", &endpoint),
        ("PASAR__TELEMETRY__LEVEL", "info"),
        // The client's decision counts, not this.
        ("PASAR__TELEMETRY__SAMPLE_RATIO", "0"),
    ]);
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let headers = [
        ("content-type", "application/json"),
        ("traceparent", &traceparent),
    ];
    let body = json!({ "query": PRODUCT_PAGE, "variables": { "first": 3 } }).to_string();
    let reply = started
        .client()
        .send(Method::POST, "/graphql", &headers, body.into())
        .await;
    assert_eq!(reply.json().get("errors"), None);
    // Another one, which its client does not want to be recorded.
    super::product_page(&started.client(), 1).await;
    for process in &mut started.processes {
        // What has not been sent yet is sent at the end.
        assert!(process.terminate(), "{process}");
    }
    tokio::time::sleep(Duration::from_millis(100)).await;

    let spans = collector.of_trace();
    let expected: BTreeSet<String> = pasar::subgraphs::ALL
        .iter()
        // The page asks neither of these.
        .filter(|subgraph| !["notifications", "search"].contains(&subgraph.name))
        .map(|subgraph| format!("pasar-{}", subgraph.name))
        .chain(["pasar-router".to_owned()])
        .collect();
    assert_eq!(
        services(&spans),
        expected.iter().map(String::as_str).collect(),
        "{spans:#?}"
    );
    let first: Vec<_> = spans.iter().filter(|span| span.parent == PARENT).collect();
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(
        (first[0].service.as_str(), first[0].name.as_str()),
        ("pasar-router", "request")
    );
    let ids: BTreeSet<_> = spans.iter().map(|span| &span.id).collect();
    assert!(
        spans
            .iter()
            .all(|span| span.parent == PARENT || ids.contains(&span.parent)),
        "{spans:#?}"
    );
    assert_eq!(
        collector.0.lock().unwrap().len(),
        spans.len(),
        "nothing else is recorded"
    );
}

// The trace of the request goes on where its event takes effect.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_carries_the_trace_to_its_consumers() {
    let databases = Databases::create().await;
    let collector = Collector::default();
    let mut environment = databases.environment();
    environment.extend(test_environment());
    let endpoint = collector.listen().await;
    for (name, value) in [("OTLP_ENDPOINT", &*endpoint), ("LEVEL", "info")] {
        environment.push((format!("PASAR__TELEMETRY__{name}"), value.to_owned()));
    }
    let mut worker = child::start(&["worker", "--all"], &environment);
    sqlx::query(
        "insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, version, payload, \
         actor, traceparent) values (gen_random_uuid(), 'seller.painted', now(), 'seller', 'seller_x', 1, '{}', \
         'test', $1)",
    )
    .bind(format!("00-{TRACE}-{PARENT}-01"))
    .execute(databases.get("sellers").pool())
    .await
    .unwrap();
    let catalog = databases.get("catalog").pool();
    eventually("it is dealt with", async || {
        let done = "select count(*) from inbox where consumer = 'catalog.shops'";
        let done: i64 = sqlx::query_scalar(done).fetch_one(catalog).await.unwrap();
        done == 1
    })
    .await;
    // What has not been sent yet is sent at the end.
    assert!(worker.terminate(), "{worker}");
    let spans = collector.of_trace();
    assert!(!spans.is_empty());
    for span in spans {
        let found = (&*span.service, &*span.name, &*span.parent);
        assert_eq!(found, ("pasar-worker-all", "consume", PARENT));
    }
}
