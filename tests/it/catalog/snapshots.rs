use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{category, change, create, kale, publish, start, text};

/// Walks a list of snapshots in pages of `first`; gives the items of all pages.
async fn walk(app: &Subgraph, field: &str, first: i32) -> Vec<Value> {
    let query = format!(
        "query($after: ID, $first: Int!) {{ {field}(after: $after, first: $first) {{ id version payload }} }}"
    );
    let mut found: Vec<Value> = Vec::new();
    loop {
        let after = found.last().map(|item| item["id"].clone());
        let variables = json!({ "after": after, "first": first });
        let (reply, statements) = app
            .statements(app.client(Role::Service).run(&query, variables))
            .await;
        let page = reply["data"][field]
            .as_array()
            .unwrap_or_else(|| panic!("{reply}"));
        assert_eq!(statements, 1);
        assert!(page.len() <= usize::try_from(first).unwrap());
        if page.is_empty() {
            return found;
        }
        found.extend(page.iter().cloned());
    }
}

/// Asserts that each item says what the last event of its aggregate said.
async fn assert_as_the_events_say(app: &Subgraph, items: &[Value]) {
    let events = app.outbox().await;
    for item in items {
        let payload: Value = serde_json::from_str(&text(item, "/payload")).unwrap();
        let last = events
            .iter()
            .rfind(|event| event["aggregateId"] == item["id"]);
        let last = last.unwrap_or_else(|| panic!("no event of {item}"));
        assert_eq!(item["version"], last["version"]);
        for (name, value) in payload.as_object().unwrap() {
            assert_eq!(*value, last["payload"][name], "{name} of {item}");
        }
    }
    let ids: Vec<_> = items.iter().map(|item| text(item, "/id")).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
}

// T-SRC-4: the index can be built from nothing
#[tokio::test]
async fn products_can_be_read_in_pages_as_their_events_tell_them() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let vegetables = category(&app, "sayur", Some(&food)).await;
    for number in 0..5 {
        let parent = if number % 2 == 0 { &food } else { &vegetables };
        publish(&app, kale(parent, &format!("k{number}"))).await;
    }
    create(&app, kale(&vegetables, "draft")).await;
    let items = walk(&app, "productSnapshots", 4).await;
    assert_eq!(
        items.len(),
        6,
        "drafts too: whoever keeps products decides what to show"
    );
    assert_as_the_events_say(&app, &items).await;
    let payload: Value = serde_json::from_str(&text(&items[1], "/payload")).unwrap();
    assert_eq!(payload["categoryPath"], json!([food, vegetables]));
    assert_eq!(payload["createdAt"], "2026-01-01T00:00:00Z");
    assert_eq!(walk(&app, "productSnapshots", 500).await, items);
}

#[tokio::test]
async fn categories_can_be_read_in_pages_as_their_events_tell_them() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let vegetables = category(&app, "sayur", Some(&food)).await;
    let leaves = category(&app, "sayur-daun", Some(&vegetables)).await;
    let attribute = json!({ "code": "asal", "kind": "TEXT" });
    super::attribute(&app, &leaves, attribute).await;
    let input = json!({ "categoryId": food, "expectedVersion": 1, "nameEn": "Food" });
    change(
        &app.client(Role::Admin),
        "categoryUpdate",
        "category { id }",
        input,
    )
    .await;
    let items = walk(&app, "categorySnapshots", 2).await;
    assert_eq!(items.len(), 3);
    assert_as_the_events_say(&app, &items).await;
    let payload: Value = serde_json::from_str(&text(&items[2], "/payload")).unwrap();
    assert_eq!(payload["path"], json!([food, vegetables, leaves]));
    assert_eq!(payload["attributeCodes"], json!(["asal"]));
}

#[tokio::test]
async fn a_page_of_snapshots_is_bounded() {
    let app = start().await;
    for field in ["productSnapshots", "categorySnapshots"] {
        for (first, is_good) in [(0, false), (1, true), (500, true), (501, false)] {
            let query = format!("{{ {field}(first: {first}) {{ id }} }}");
            let reply = app.client(Role::Service).run(&query, json!({})).await;
            assert_eq!(reply["errors"].is_null(), is_good, "{reply}");
        }
    }
}
