//! The whole system on the real parts: Kafka, Redis, a search node. What is down is caught up with.

use std::time::{Duration, Instant};

use harness::{
    deployment::{Databases, Deployment},
    http::HttpClient,
    parts,
    wait::{eventually, found},
};
use infra::Part;
use serde_json::{Value, json};

use super::{
    SELLER,
    writes::{CREATE, PUBLISH, product_input, step},
};

const SEARCH: &str = "query($query: String!) { search(query: $query, first: 5) {
    totalCount rescue { kind } nodes { product { slug name } } } }";
/// Products that are written while the broker is away, and how long that is at least.
const LATE: u32 = 25;
const OUTAGE: Duration = Duration::from_secs(60);

/// A word that no language has and nothing resembles, so that a search for it finds one product.
fn word() -> String {
    let digits = parts::unique("").trim_start_matches('-').to_owned();
    let letters = b"bcdfghjklmnpqrst";
    let letter = |digit: char| char::from(letters[digit.to_digit(16).unwrap() as usize]);
    digits.chars().map(letter).collect()
}

/// Makes a product with `word` in its name and puts it on the shelf; gives its slug.
async fn publish(seller: &HttpClient, word: &str) -> String {
    let mut input = product_input(seller, word).await;
    input["name"] = json!(format!("Kopi {word}"));
    let created = step(seller, CREATE, json!({ "input": input })).await;
    let product = &created["data"]["productCreate"]["product"];
    let shelf = json!({ "productId": product["id"], "expectedVersion": product["version"] });
    step(seller, PUBLISH, json!({ "input": shelf })).await;
    input["slug"].as_str().unwrap().to_owned()
}

/// The slugs that a search finds by itself.
async fn search(client: &HttpClient, query: &str) -> Vec<String> {
    let mut answer = step(client, SEARCH, json!({ "query": query })).await;
    let answer = answer["data"]["search"].take();
    if !answer["rescue"].is_null() {
        return Vec::new();
    }
    let nodes = answer["nodes"].as_array().unwrap();
    let slug = |node: &Value| node["product"]["slug"].as_str().map(str::to_owned);
    nodes.iter().filter_map(slug).collect()
}

async fn until_found(client: &HttpClient, query: &str, slug: &str) {
    let what = format!("`{query}` finds {slug}");
    found(&what, async || {
        let slugs = search(client, query).await;
        if slugs == [slug] { Ok(()) } else { Err(slugs) }
    })
    .await;
}

/// Waits until the search node has at least the products of this test.
async fn until_copied(node: &str, index: &str) {
    let node = HttpClient::new(node);
    eventually("the search node has a copy", async || {
        let reply = node.get(&format!("/{index}/_count")).await;
        reply.status == 200 && reply.json()["count"].as_u64() > Some(LATE.into())
    })
    .await;
}

/// Events of catalog that the bus does not have yet.
async fn backlog(databases: &Databases) -> i64 {
    sqlx::query_scalar("select count(*) from outbox where published_at is null")
        .fetch_one(databases.get("catalog").pool())
        .await
        .unwrap()
}

// Issue 4, faults: Kafka down for a minute while products are written: writes succeed, the backlog drains.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn products_written_while_kafka_is_down_are_found_when_it_is_back() {
    let (Some(mut broker), Some(redis), Some(node)) =
        (parts::own(Part::Kafka), parts::redis(), parts::opensearch())
    else {
        return;
    };
    let (brokers, index) = (broker.address(), parts::unique("products"));
    let databases = Databases::create().await;
    let real = [
        ("PASAR__EVENTS__BUS", "kafka"),
        ("PASAR__EVENTS__KAFKA__BROKERS", &brokers),
        ("PASAR__REDIS__URL", redis),
        ("PASAR__SEARCH__ELASTICSEARCH_URL", node),
        ("PASAR__SEARCH__INDEX", &index),
    ];
    let started = Deployment::up(&databases, "small", &real);
    let printed = started.processes[0].printed.join("\n");
    for said in [
        format!("Kafka at {brokers}"),
        "Redis at 127.0.0.1".to_owned(),
    ] {
        assert!(printed.contains(&said), "{printed}");
    }
    let (seller, nobody) = (started.login(SELLER).await, started.client());
    let before = word();
    let slug = publish(&seller, &before).await;
    until_found(&nobody, &before, &slug).await;

    broker.kill();
    let gone = Instant::now();
    let mut late = Vec::new();
    for number in 1..=LATE {
        let word = word();
        let slug = publish(&seller, &word).await;
        late.push((word, slug));
        // Spread over the whole time.
        tokio::time::sleep((OUTAGE * number / LATE).saturating_sub(gone.elapsed())).await;
    }
    let away = gone.elapsed();
    assert!(backlog(&databases).await >= i64::from(2 * LATE));
    assert_eq!(search(&nobody, &late[0].0).await, Vec::<String>::new());
    broker.start_again();
    for (word, slug) in &late {
        until_found(&nobody, word, slug).await;
    }
    assert_eq!(backlog(&databases).await, 0);
    until_copied(node, &index).await;
    harness::tell(&format!(
        "Kafka was down for {} s while {LATE} products were written: all writes succeeded, all are found {} s after \
         its return",
        away.as_secs(),
        (gone.elapsed() - away).as_secs()
    ));
}
