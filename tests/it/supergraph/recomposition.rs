//! `pasar router` as a process: it waits for its subgraphs, follows them, and survives what happens to them
//! (issue 5, scope 6). What it does with each change is tested in `router/server/tests/it/supergraph`.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, routing::post};
use harness::{
    child::{self, Environment, Process},
    http::HttpClient,
    wait::found,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// A subgraph that tells its schema and answers `{ apple }`, or whatever else its schema has, with its name.
struct Subgraph {
    address: SocketAddr,
    sdl: Arc<Mutex<String>>,
    server: JoinHandle<()>,
}

impl Subgraph {
    async fn start(address: SocketAddr, sdl: &str) -> Self {
        let sdl = Arc::new(Mutex::new(sdl.to_owned()));
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .route("/graphql", post(answer))
            .with_state(Arc::clone(&sdl));
        let server = tokio::spawn(async move { drop(axum::serve(listener, app).await) });
        Self {
            address,
            sdl,
            server,
        }
    }
}

async fn answer(State(sdl): State<Arc<Mutex<String>>>, Json(body): Json<Value>) -> Json<Value> {
    let query = body["query"].as_str().unwrap();
    Json(if query.contains("_service") {
        json!({ "data": { "_service": { "sdl": *sdl.lock().unwrap() } } })
    } else if query.contains("pear") {
        json!({ "data": { "pear": "green" } })
    } else {
        json!({ "data": { "apple": "red" } })
    })
}

const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn environment() -> Environment {
    [
        ("PASAR__HTTP__LISTEN", "127.0.0.1:0"),
        ("PASAR__HTTP__ADMIN_LISTEN", "127.0.0.1:0"),
        ("PASAR__ROUTER__SUPERGRAPH__POLL_INTERVAL", "50ms"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// Asks until the answer is as expected.
async fn becomes(router: &Process, query: &str, expected: &Value) {
    let client = HttpClient::new(&router.url);
    let what = format!("{query} gives {expected}");
    found(&what, async || {
        let reply = client.graphql(query, json!({})).await;
        let is_expected = reply["data"] == *expected;
        is_expected.then_some(()).ok_or((reply, router))
    })
    .await;
}

/// The stages at which metrics say that there is no new supergraph.
async fn failing(operators: &HttpClient) -> Vec<String> {
    let metrics = operators.get("/metrics").await.body;
    let metrics = String::from_utf8(metrics.to_vec()).unwrap();
    let gauge = |line: &str| {
        let stage = line.strip_prefix("pasar_router_composition_failing{stage=\"")?;
        stage.strip_suffix("\"} 1").map(str::to_owned)
    };
    metrics.lines().filter_map(gauge).collect()
}

// The subgraph answers while the test waits for the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_router_waits_for_its_subgraphs_and_follows_them() {
    let gone = Subgraph::start(NOWHERE, "type Query { apple: String }").await;
    gone.server.abort();
    drop(gone.server.await);
    let folder = tempfile::tempdir().unwrap();
    let yaml = folder.path().join("supergraph.yaml");
    let url = format!("http://{}/graphql", gone.address);
    let text = format!("subgraphs: {{ fruit: {{ schema: {{ subgraph_url: '{url}' }} }} }}");
    std::fs::write(&yaml, text).unwrap();
    let arguments = ["router", "--supergraph", yaml.to_str().unwrap()];
    let mut router = child::spawn(&arguments, &environment());
    router.wait_until_waiting();
    let client = HttpClient::new(&router.url);
    assert_eq!(client.get("/health/ready").await.status, 503);
    assert_eq!(client.get("/health/live").await.status, 200);
    let operators = HttpClient::new(&router.admin_url);
    let seen: Value = serde_json::from_slice(&operators.get("/supergraph").await.body).unwrap();
    assert_eq!(seen["composition"]["failure"]["stage"], "sources", "{seen}");
    assert_eq!(failing(&operators).await, ["sources"]);

    let fruit = Subgraph::start(gone.address, "type Query { apple: String }").await;
    router.wait_ready();
    assert_eq!(client.get("/health/ready").await.status, 200);
    becomes(&router, "{ apple }", &json!({ "apple": "red" })).await;
    *fruit.sdl.lock().unwrap() = "type Query { apple: String pear: String }".to_owned();
    becomes(&router, "{ pear }", &json!({ "pear": "green" })).await;
    assert!(failing(&operators).await.is_empty());

    // Killed and started anew while its subgraph tells nonsense: it waits, whoever was killed.
    *fruit.sdl.lock().unwrap() = "type Query { apple: ".to_owned();
    router.kill();
    let mut router = child::spawn(&arguments, &environment());
    router.wait_until_waiting();
    let operators = HttpClient::new(&router.admin_url);
    assert_eq!(failing(&operators).await, ["composition"]);
    *fruit.sdl.lock().unwrap() = "type Query { apple: String }".to_owned();
    router.wait_ready();
    becomes(&router, "{ apple }", &json!({ "apple": "red" })).await;
    assert!(router.terminate());
}

#[tokio::test]
async fn a_router_that_waits_can_be_stopped_and_one_whose_file_is_wrong_does_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = folder.path().join("supergraph.yaml");
    let arguments = ["router", "--supergraph", yaml.to_str().unwrap()];
    let missing = child::run(&arguments, &environment());
    assert_eq!(missing.code, 1);
    assert!(
        missing.errors.contains("supergraph.yaml cannot be read"),
        "{}",
        missing.errors
    );
    std::fs::write(&yaml, "subgraphs: {}").unwrap();
    let empty = child::run(&arguments, &environment());
    assert!(
        empty.errors.contains("`subgraphs` is empty"),
        "{}",
        empty.errors
    );

    let text = "subgraphs: { a: { schema: { subgraph_url: 'http://127.0.0.1:1/' } } }";
    std::fs::write(&yaml, text).unwrap();
    let mut router = child::spawn(&arguments, &environment());
    router.wait_until_waiting();
    assert!(router.terminate());
}

#[tokio::test]
async fn composing_asks_subgraphs_and_compares_with_an_older_schema() {
    let fruit = Subgraph::start(NOWHERE, "type Query { apple: String }").await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let yaml = file("supergraph.yaml");
    let url = format!("http://{}/graphql", fruit.address);
    let text = format!("subgraphs: {{ fruit: {{ schema: {{ subgraph_url: '{url}' }} }} }}");
    std::fs::write(&yaml, text).unwrap();
    let compose = |more: &[&str]| {
        let mut arguments = vec!["compose".to_owned(), "--input".to_owned(), yaml.clone()];
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        let environment = environment();
        tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            child::run(&arguments, &environment)
        })
    };
    let old = file("old.graphql");
    let made = compose(&["--out", &old]).await.unwrap();
    assert_eq!(
        (made.code, made.output.as_str()),
        (0, ""),
        "{}",
        made.errors
    );
    *fruit.sdl.lock().unwrap() = "type Query { apple: String! pear: String }".to_owned();
    for older in [&old, &file("api.graphql")] {
        let safe = compose(&["--against", older]).await.unwrap();
        assert_eq!(safe.code, 0, "{}", safe.errors);
        let expected = "safe[FIELD_TYPE_CHANGED] at Query.apple: Its type was String, now String!: it says more.\n\
             safe[FIELD_ADDED] at Query.pear: The field was added.\n\
             2 changes: 0 breaking, 0 dangerous, 2 safe\n";
        assert_eq!(safe.output, expected);
    }
    *fruit.sdl.lock().unwrap() = "type Query { pear: String }".to_owned();
    let breaking = compose(&["--against", &old, "--format", "json"])
        .await
        .unwrap();
    assert_eq!(breaking.code, 1);
    let report: Value = serde_json::from_str(&breaking.output).unwrap();
    assert_eq!(report["success"], false);
    let first = json!({
        "code": "FIELD_REMOVED", "criticality": "breaking", "coordinate": "Query.apple",
        "message": "The field was removed.",
    });
    assert_eq!(report["changes"][0], first);
    assert!(report["apiSdl"].as_str().unwrap().contains("pear"));

    fruit.server.abort();
    drop(fruit.server.await);
    let away = compose(&[]).await.unwrap();
    assert_eq!(away.code, 1);
    assert!(away.errors.contains("subgraph `fruit`"), "{}", away.errors);
}
