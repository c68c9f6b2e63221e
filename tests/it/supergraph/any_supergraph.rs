//! The router and the composer without the marketplace: any Federation 2 supergraph.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use harness::{
    child::{self, Environment},
    http::HttpClient,
};
use serde_json::{Value, json};

const BOOKS: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { books: [Book!] }
type Book @key(fields: "isbn") { isbn: ID! title: String! }
"#;
const STOCK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Book @key(fields: "isbn") { isbn: ID! copies: Int }
"#;

/// The headers of the calls that a subgraph has seen.
type Calls = Arc<Mutex<Vec<HeaderMap>>>;

/// A subgraph that always says the same.
async fn subgraph(data: Value, calls: Calls) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = async move |State(calls): State<Calls>, headers: HeaderMap| {
        calls.lock().unwrap().push(headers);
        Json(json!({ "data": data }))
    };
    let app = Router::new()
        .route("/graphql", post(answer))
        .with_state(calls);
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/graphql")
}

/// Nothing that the marketplace needs.
fn environment() -> Environment {
    ["PASAR__HTTP__LISTEN", "PASAR__HTTP__ADMIN_LISTEN"]
        .map(|name| (name.to_owned(), "127.0.0.1:0".to_owned()))
        .to_vec()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Both subgraphs in Rover's format: one schema in a file, one in place, one URL from the environment.
fn supergraph_yaml(folder: &Path, books: &str, stock_sdl: &str) -> String {
    write(folder, "books.graphql", BOOKS);
    let inline = stock_sdl.replace('\n', "\n        ");
    let text = format!(
        "federation_version: =2.5.0\nsubgraphs:\n  books:\n    routing_url: {books}\n    schema:\n      \
         file: ./books.graphql\n  stock:\n    routing_url: ${{env.STOCK_URL:-http://127.0.0.1:1/}}\n    \
         schema:\n      sdl: |\n        {inline}\n"
    );
    write(folder, "supergraph.yaml", &text)
}

const QUERY: &str = "{ books { title copies } }";

fn expected() -> Value {
    json!({ "data": { "books": [{ "title": "Laskar Pelangi", "copies": 3 }] } })
}

// Issue 3, item 2: `pasar router --supergraph FILE` serves any supergraph over HTTP subgraphs.
#[tokio::test]
async fn a_foreign_supergraph_is_composed_and_served_and_told_no_secrets() {
    let calls = Calls::default();
    let book = json!({ "__typename": "Book", "isbn": "979", "title": "Laskar Pelangi" });
    let books = subgraph(json!({ "books": [book] }), Arc::clone(&calls)).await;
    let copies = json!({ "_entities": [{ "__typename": "Book", "copies": 3 }] });
    let stock = subgraph(copies, Arc::clone(&calls)).await;
    let folder = tempfile::tempdir().unwrap();
    let yaml = supergraph_yaml(folder.path(), &books, STOCK);
    let mut environment = environment();
    environment.push(("STOCK_URL".to_owned(), stock));

    let composed = child::start(&["router", "--supergraph", &yaml], &environment);
    let reply = HttpClient::new(&composed.url)
        .graphql(QUERY, json!({}))
        .await;
    assert_eq!(reply, expected());

    // The same, composed before by the command.
    let composed = child::run(&["compose", "--input", &yaml], &environment);
    assert_eq!(composed.code, 0, "{}", composed.errors);
    let sdl = write(folder.path(), "supergraph.graphql", &composed.output);
    let served = child::start(&["router", "--supergraph", &sdl], &self::environment());
    let reply = HttpClient::new(&served.url).graphql(QUERY, json!({})).await;
    assert_eq!(reply, expected());
    // Nobody who logged in elsewhere is somebody here.
    let somebody = HttpClient::new(&served.url).with_token("eyJhbGciOiJub25lIn0.e30.x");
    assert_eq!(
        somebody
            .post("/graphql", r#"{"query":"{__typename}"}"#)
            .await
            .status,
        401
    );

    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 4);
    for headers in calls.iter() {
        assert_eq!(
            headers.get("x-pasar-principal"),
            None,
            "without a secret nothing is signed"
        );
        assert!(headers.contains_key("x-request-id"));
    }
}

#[tokio::test]
async fn schemas_that_do_not_compose_are_told_why_to_people_and_to_tools() {
    let folder = tempfile::tempdir().unwrap();
    let other = STOCK.replace("copies: Int", "copies: Int title: Int");
    let yaml = supergraph_yaml(folder.path(), "http://127.0.0.1:1/", &other);
    let people = child::run(&["compose", "--input", &yaml], &environment());
    assert_eq!(
        (people.code, people.output.as_str()),
        (1, ""),
        "{}",
        people.errors
    );
    assert!(
        people.errors.contains("FIELD_TYPE_MISMATCH"),
        "{}",
        people.errors
    );
    assert!(people.errors.contains("Book.title"), "{}", people.errors);
    // Both sides are named so that they can be opened.
    let books = folder.path().join("books.graphql");
    let at = format!(
        "at {}:3:44 (books), <inline sdl>:2:56 (stock): ",
        books.display()
    );
    assert!(people.errors.contains(&at), "{}", people.errors);

    let tools = child::run(
        &["compose", "--input", &yaml, "--format", "json"],
        &environment(),
    );
    assert_eq!(tools.code, 1);
    let report: Value = serde_json::from_str(&tools.output).unwrap();
    assert_eq!(report["success"], false);
    let codes: Vec<_> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| &found["code"])
        .collect();
    assert!(codes.contains(&&json!("FIELD_TYPE_MISMATCH")), "{report}");
    let found = report["diagnostics"].as_array().unwrap().iter();
    let places: Vec<&Value> = found
        .flat_map(|one| one["subgraphs"].as_array().unwrap())
        .collect();
    let place = json!({ "subgraph": "books", "line": 3, "column": 44, "file": books });
    assert!(places.contains(&&place), "{report}");
    let place = json!({ "subgraph": "stock", "line": 2, "column": 56, "file": "<inline sdl>" });
    assert!(places.contains(&&place), "{report}");

    // Without looking again there is nothing to wait for.
    let mut once = environment();
    let never = "PASAR__ROUTER__SUPERGRAPH__POLL_INTERVAL".to_owned();
    once.push((never, "0s".to_owned()));
    let router = child::run(&["router", "--supergraph", &yaml], &once);
    assert_eq!(router.code, 1);
    assert!(
        router.errors.contains("do not compose"),
        "{}",
        router.errors
    );
    assert!(router.errors.contains("Book.title"), "{}", router.errors);
}
