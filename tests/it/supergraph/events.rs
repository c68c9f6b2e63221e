//! Events as operators meet them: `pasar worker`, `pasar events`, the metrics.

use harness::{
    child::{self, Environment},
    deployment::{Databases, test_environment},
    http::HttpClient,
    wait::eventually,
};
use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

fn environment(databases: &Databases) -> Environment {
    let mut environment = databases.environment();
    environment.extend(test_environment());
    for (name, value) in [("ATTEMPTS", "2"), ("BACKOFF", "5ms"), ("LEASE", "2s")] {
        environment.push((format!("PASAR__EVENTS__{name}"), value.to_owned()));
    }
    environment
}

/// An event of a shop, as if sellers had committed it.
async fn happen(sellers: &PgPool, event_type: &str, version: i32, payload: Value) {
    sqlx::query(
        "insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, version, payload, actor) \
         values (gen_random_uuid(), $1, now(), 'seller', 'seller_01h455vb4pex5vsknk084sn02q', $2, $3, 'test')",
    )
    .bind(event_type)
    .bind(version)
    .bind(payload)
    .execute(sellers)
    .await
    .unwrap();
}

async fn number(db: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(db).await.unwrap()
}

const DEALT_WITH: &str = "select count(*) from inbox where consumer = 'catalog.shops'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::too_many_lines,
    reason = "one story from the beginning to its end"
)]
async fn workers_deliver_and_operators_see_and_mend_what_is_poison() {
    let databases = Databases::create().await;
    let environment = environment(&databases);
    let (sellers, catalog) = (
        databases.get("sellers").pool(),
        databases.get("catalog").pool(),
    );
    let mut worker = child::start(&["worker", "--all"], &environment);
    let mut other = child::start(&["worker", "--subgraph", "catalog"], &environment);

    // One kind that no consumer knows, one without what its consumer needs, one that waits behind it.
    happen(sellers, "seller.painted", 1, json!({})).await;
    happen(sellers, "seller.suspended", 2, json!({ "reason": "x" })).await;
    happen(sellers, "seller.painted", 3, json!({})).await;
    eventually("all three are dealt with", async || {
        number(catalog, DEALT_WITH).await == 3
    })
    .await;

    let run = |arguments: &[&str]| child::run(arguments, &environment);
    let letters = run(&["events", "dead-letters", "--consumer", "catalog.shops"]);
    assert_eq!(letters.code, 0, "{}", letters.errors);
    let lines: Vec<&str> = letters.output.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[0].contains("seller.suspended") && lines[0].contains("2 attempts"),
        "{lines:?}"
    );
    assert!(lines[0].contains("sellerId"), "{lines:?}");
    assert!(
        lines[1].contains("waits behind an earlier event"),
        "{lines:?}"
    );
    assert_eq!(lines[2], "2 dead letters");
    let event = lines[0].split(' ').nth(2).unwrap();

    let lag = run(&["events", "lag", "--consumer", "catalog.shops"]);
    let line = lag.output.lines().nth(1).unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        words,
        ["catalog.shops", "sellers.seller", "0"],
        "{}",
        lag.errors
    );
    let unknown = run(&["events", "lag", "--consumer", "catalog.nobody"]);
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.errors.contains("there are catalog.shops"),
        "{}",
        unknown.errors
    );

    let metrics = HttpClient::new(&worker.admin_url);
    let shown = "pasar_events_published_total{subgraph=\"sellers\"} 3";
    eventually("metrics show it", async || {
        let text = metrics.send(Method::GET, "/metrics", &[], "".into()).await;
        String::from_utf8_lossy(&text.body).contains(shown)
    })
    .await;

    // Other consumers may have letters of their own about it. Nothing is mended yet; then the event is found to be none of the catalogue's business.
    let again = run(&["events", "replay", "--event", event]);
    assert_eq!(again.code, 1, "{}", again.errors);
    assert!(
        again
            .output
            .contains("0 took effect, 1 aggregates failed again"),
        "{}",
        again.output
    );
    let dropped = run(&[
        "events",
        "discard",
        "--consumer",
        "catalog.shops",
        "--event",
        event,
    ]);
    assert_eq!(dropped.code, 0, "{}", dropped.errors);
    let replayed = run(&["events", "replay", "--consumer", "catalog.shops"]);
    assert_eq!(replayed.code, 0, "{}", replayed.errors);
    assert!(
        replayed
            .output
            .contains("catalog.shops: 1 took effect, 0 aggregates failed again"),
        "{}",
        replayed.output
    );
    assert_eq!(
        number(
            catalog,
            "select count(*) from dead_letters where consumer = 'catalog.shops'"
        )
        .await,
        0
    );

    for process in [&mut worker, &mut other] {
        assert!(process.terminate(), "{process}");
    }
    assert!(!worker.log().contains("panicked"), "{worker}");
}

// `serve` works off events itself, unless that is left to `pasar worker`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serving_without_a_worker_leaves_events_to_others() {
    let databases = Databases::create().await;
    let environment = environment(&databases);
    let (sellers, catalog) = (
        databases.get("sellers").pool(),
        databases.get("catalog").pool(),
    );
    happen(sellers, "seller.painted", 1, json!({})).await;
    let without = child::start(&["serve", "--all", "--no-worker"], &environment);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let waiting = "select count(*) from outbox where published_at is null";
    assert_eq!(number(sellers, waiting).await, 1);
    drop(without);
    let _with = child::start(&["serve", "--all"], &environment);
    eventually("it is dealt with", async || {
        number(catalog, DEALT_WITH).await == 1
    })
    .await;
}
