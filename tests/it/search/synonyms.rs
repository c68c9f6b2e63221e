use harness::{Client, Role};
use serde_json::{Value, json};

use super::world::{numbers, open};

const SET: &str = "mutation($input: SearchSynonymSetInput!) { searchSynonymSet(input: $input) {
    synonym { term alternatives unless version updatedAt } userErrors { code path
    ... on VersionConflict { currentVersion } } } }";
const DELETE: &str =
    "mutation($input: SearchSynonymDeleteInput!) { searchSynonymDelete(input: $input) {
    synonym { term } userErrors { code path } } }";

async fn set(client: &Client, input: Value) -> Value {
    client.run(SET, json!({ "input": input })).await["data"]["searchSynonymSet"].clone()
}

// T-SRC-F: synonyms as data, at work from the next search on
#[tokio::test]
async fn synonyms_are_written_changed_and_removed() {
    let app = open().await;
    let admin = app.client(Role::Admin);
    assert_eq!(numbers(&app, "query: \"genjer\"").await, Vec::<u32>::new());
    let new =
        json!({ "term": "Genjer", "alternatives": ["Kangkung", "bayam  organik", "kangkung"] });
    assert_eq!(
        set(&admin, new.clone()).await,
        json!({ "synonym": { "term": "genjer", "alternatives": ["kangkung", "bayam organik"], "unless": [],
                             "version": 1, "updatedAt": "2026-01-01T00:00:00+00:00" }, "userErrors": [] })
    );
    let mut found = numbers(&app, "query: \"genjer\"").await;
    found.sort_unstable();
    assert_eq!(found, [10, 11]);
    let conflict = set(&admin, new).await;
    assert_eq!(
        conflict["userErrors"][0],
        json!({ "code": "VERSION_CONFLICT", "path": ["input", "expectedVersion"], "currentVersion": 1 })
    );
    let changed = json!({ "term": "genjer", "alternatives": ["kangkung"], "unless": ["kering"], "expectedVersion": 1 });
    assert_eq!(set(&admin, changed).await["synonym"]["version"], 2);
    assert_eq!(numbers(&app, "query: \"genjer\"").await, [10]);
    assert_eq!(
        numbers(&app, "query: \"genjer kering\"").await,
        Vec::<u32>::new()
    );
    let gone = |version: i32| json!({ "input": { "term": "genjer", "expectedVersion": version } });
    let stale = admin.run(DELETE, gone(1)).await;
    assert_eq!(
        stale["data"]["searchSynonymDelete"]["userErrors"][0]["code"],
        "VERSION_CONFLICT"
    );
    let done = admin.run(DELETE, gone(2)).await;
    assert_eq!(
        done["data"]["searchSynonymDelete"],
        json!({ "synonym": null, "userErrors": [] })
    );
    let again = admin.run(DELETE, gone(2)).await;
    assert_eq!(
        again["data"]["searchSynonymDelete"]["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    assert_eq!(numbers(&app, "query: \"genjer\"").await, Vec::<u32>::new());
}

#[tokio::test]
async fn synonyms_that_break_a_rule_are_refused() {
    let app = open().await;
    let admin = app.client(Role::Admin);
    let many: Vec<String> = (0..21).map(|number| format!("kata{number}")).collect();
    for (input, field) in [
        (json!({ "term": "dua kata", "alternatives": ["x"] }), "term"),
        (json!({ "term": "!", "alternatives": ["x"] }), "term"),
        (
            json!({ "term": "kata", "alternatives": [] }),
            "alternatives",
        ),
        (
            json!({ "term": "kata", "alternatives": ["?"] }),
            "alternatives",
        ),
        (
            json!({ "term": "kata", "alternatives": ["Kata"] }),
            "alternatives",
        ),
        (
            json!({ "term": "kata", "alternatives": many }),
            "alternatives",
        ),
        (
            json!({ "term": "kata", "alternatives": ["x"], "unless": many }),
            "unless",
        ),
    ] {
        let reply = set(&admin, input.clone()).await;
        let expected = json!([{ "code": "INVALID_VALUE", "path": ["input", field] }]);
        assert_eq!(reply["userErrors"], expected, "{input}");
    }
    let unknown = json!({ "term": "kata", "alternatives": ["x"], "expectedVersion": 3 });
    assert_eq!(
        set(&admin, unknown).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );
}

// Two who begin with none: one is told
#[tokio::test]
async fn of_two_new_synonyms_of_a_word_one_is_written() {
    let app = open().await;
    let admin = app.client(Role::Admin);
    let input = |alternative: &str| json!({ "term": "genjer", "alternatives": [alternative] });
    let both =
        futures_util::future::join(set(&admin, input("kangkung")), set(&admin, input("bayam")))
            .await;
    let codes = [&both.0, &both.1].map(|reply| reply["userErrors"][0]["code"].clone());
    assert!(
        codes.contains(&Value::Null) && codes.contains(&json!("VERSION_CONFLICT")),
        "{codes:?}"
    );
}

#[tokio::test]
async fn synonyms_are_listed_by_term() {
    let app = open().await;
    let query = "query($after: String) { searchSynonyms(first: 20, after: $after) {
        nodes { term } pageInfo { hasNextPage endCursor } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = app
            .client(Role::Admin)
            .run(query, json!({ "after": after }))
            .await;
        let page = &reply["data"]["searchSynonyms"];
        let nodes = page["nodes"].as_array().unwrap();
        seen.extend(
            nodes
                .iter()
                .map(|node| node["term"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert!(seen.len() > 20 && seen.is_sorted(), "{seen:?}");
    assert!(seen.contains(&"hp".to_owned()));
}
