use harness::{Role, Subgraph};
use kernel::FaultKind;
use search::store::elastic::Elastic;
use serde_json::{Value, json};

use super::world::{anybody, ctx, deliver, find, ground, life, numbers, numbers_of, shelf};

/// Nobody listens on this port: it is reserved.
const NOWHERE: &str = "http://127.0.0.1:1";

async fn open_without_node() -> Subgraph {
    let settings = json!({ "elasticsearch_url": NOWHERE, "index": "away" });
    let app = Subgraph::with_settings(&search::SUBGRAPH, settings).await;
    deliver(&app, &ground()).await;
    for goods in shelf() {
        deliver(&app, &life(&goods)).await;
    }
    app
}

// Issue 4, faults: search node down: search answers from PostgreSQL, the backlog waits
#[tokio::test]
async fn while_the_node_is_away_postgresql_answers_and_the_backlog_waits() {
    let app = open_without_node().await;
    for _ in 0..3 {
        let mut found = numbers(&app, "query: \"sepatu\"").await;
        found.sort_unstable();
        assert_eq!(found, [6, 7]);
    }
    let rescued = find(
        &app,
        "query: \"speatu lari\"",
        "nodes { product { id } } correctedQuery",
    )
    .await;
    assert_eq!(
        (numbers_of(&rescued), &rescued["correctedQuery"]),
        (vec![6], &json!("sepatu lari"))
    );
    let query = "{ searchAutocomplete(prefix: \"kang\") { text } searchSuggestions(query: \"kangkng\") { text } }";
    let reply = anybody(&app).run(query, json!({})).await;
    assert_eq!(
        reply["data"]["searchAutocomplete"][0]["text"],
        "Kangkung Segar Ikat"
    );
    assert_eq!(reply["data"]["searchSuggestions"][0]["text"], "kangkung");

    let node = Elastic::new(NOWHERE, "away").unwrap();
    let pushed = search::jobs::push_pending(&ctx(&app), &node).await;
    assert_eq!(
        pushed.map_err(|fault| fault.kind()),
        Err(FaultKind::Unavailable)
    );
    app.peers.answer("reviews", json!({ "snapshots": [] }));
    let query = "{ searchCheck(source: RATINGS) { indexedCount pendingCount findableCount } }";
    let reply = app.client(Role::Admin).run(query, json!({})).await;
    let expected = json!({ "indexedCount": null, "pendingCount": 12, "findableCount": 12 });
    assert_eq!(reply["data"]["searchCheck"], expected);
}

// Scores of two engines cannot be compared: a list is read on from the engine that began it
#[tokio::test]
async fn a_list_of_postgresql_is_read_on_there() {
    let app = open_without_node().await;
    let selection = "nodes { product { id } } pageInfo { endCursor }";
    let first = find(&app, "query: \"sepatu\", first: 1", selection).await;
    let after = &first["pageInfo"]["endCursor"];
    let next = find(
        &app,
        &format!("query: \"sepatu\", first: 1, after: {after}"),
        selection,
    )
    .await;
    assert_ne!(numbers_of(&first), numbers_of(&next));
}

// A list that the node began cannot go on without it
#[tokio::test]
async fn a_list_of_the_node_is_unavailable_while_it_is_away() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let app = open_without_node().await;
    let first = find(
        &app,
        "query: \"sepatu\", first: 1",
        "pageInfo { endCursor }",
    )
    .await;
    let cursor = first["pageInfo"]["endCursor"].as_str().unwrap();
    let mut bookmark: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    bookmark["engine"] = json!("elastic");
    let cursor = URL_SAFE_NO_PAD.encode(bookmark.to_string());
    let query = format!(
        "{{ search(query: \"sepatu\", first: 1, after: {cursor:?}) {{ nodes {{ score }} }} }}"
    );
    let reply = anybody(&app).run(&query, json!({})).await;
    let error = &reply["errors"][0];
    assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "{reply}");
    assert!(
        error["message"].as_str().unwrap().contains("search again"),
        "{error}"
    );
}

// A misspelled setting is not passed over
#[tokio::test]
async fn settings_of_another_shape_are_refused() {
    let app = open_without_node().await;
    for settings in [
        json!({ "elastic_url": "x" }),
        json!({ "index": 1 }),
        json!("x"),
    ] {
        let mut deps = app.deps.clone();
        deps.settings = settings.clone();
        assert!((search::SUBGRAPH.start)(deps).is_err(), "{settings}");
    }
}
