use harness::{Client, Role, Subgraph};
use serde_json::{Value, json};

use super::{attribute, category, change, code, create, kale, start, text};

const CATEGORY: &str = "category { id name nameEn slug parent { slug } version createdAt updatedAt
    ancestors { slug } children { slug } attributes { code } productCount }";

async fn relocate(admin: &Client, id: &str, version: i32, parent: Option<&str>) -> Value {
    let input = json!({ "categoryId": id, "expectedVersion": version, "parentId": parent });
    change(admin, "categoryMove", CATEGORY, input).await
}

// T-CAT-4, M-PRD sub-categories
#[tokio::test]
async fn a_category_is_created_below_another_once_per_key() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let admin = app.client(Role::Admin);
    let input = json!({ "parentId": food, "slug": "sayur-daun", "name": "Sayur Daun", "nameEn": "Leaf vegetables",
        "idempotencyKey": "k" });
    let created = change(&admin, "categoryCreate", CATEGORY, input.clone()).await;
    let id = text(&created, "/category/id");
    assert!(id.starts_with("category_"));
    assert_eq!(
        created,
        json!({ "category": { "id": id, "name": "Sayur Daun", "nameEn": "Leaf vegetables", "slug": "sayur-daun",
            "parent": { "slug": "pangan" }, "version": 1, "createdAt": "2026-01-01T00:00:00+00:00",
            "updatedAt": "2026-01-01T00:00:00+00:00", "ancestors": [{ "slug": "pangan" }], "children": [],
            "attributes": [], "productCount": 0 }, "userErrors": [] })
    );
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    assert_eq!(
        change(&admin, "categoryCreate", CATEGORY, input.clone()).await,
        created
    );
    for (field, value, expected) in [
        ("name", json!("Lain"), "IDEMPOTENCY_KEY_REUSED"),
        ("idempotencyKey", json!("k2"), "ALREADY_EXISTS"),
    ] {
        let mut input = input.clone();
        input[field] = value;
        let refused = change(&admin, "categoryCreate", CATEGORY, input).await;
        assert_eq!(code(&refused), expected);
    }
    assert_eq!(app.outbox().await.len(), 2);
}

#[tokio::test]
async fn what_breaks_a_rule_of_categories_is_refused() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let good =
        json!({ "slug": "sayur", "name": "Sayur", "nameEn": "Vegetables", "idempotencyKey": "k" });
    for (field, value, expected) in [
        ("slug", json!("S A"), "INVALID_VALUE"),
        ("name", json!("x"), "INVALID_VALUE"),
        ("nameEn", json!("x".repeat(81)), "INVALID_VALUE"),
        (
            "parentId",
            json!("category_7zzzzzzzzzzzzzzzzzzzzzzzzz"),
            "NOT_FOUND",
        ),
        ("idempotencyKey", json!(""), "BAD_USER_INPUT"),
    ] {
        let mut input = good.clone();
        input[field] = value;
        let refused = change(&admin, "categoryCreate", CATEGORY, input).await;
        assert_eq!(code(&refused), expected, "{field}");
    }
    assert!(app.outbox().await.is_empty());
}

// T-CAT-5
#[tokio::test]
async fn a_category_is_renamed_and_moved_with_all_below_it() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let fresh = category(&app, "segar", None).await;
    let leaves = category(&app, "daun", Some(&fresh)).await;
    let admin = app.client(Role::Admin);
    let rename = json!({ "categoryId": fresh, "expectedVersion": 1, "name": "Serba Segar", "slug": "serba-segar" });
    let renamed = change(&admin, "categoryUpdate", CATEGORY, rename.clone()).await;
    assert_eq!(renamed["category"]["slug"], "serba-segar");
    assert_eq!(renamed["category"]["nameEn"], "segar");
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    let stale = change(&admin, "categoryUpdate", CATEGORY, rename).await;
    assert_eq!(stale["userErrors"][0]["currentVersion"], 2);
    let taken = json!({ "categoryId": fresh, "expectedVersion": 2, "slug": "pangan" });
    assert_eq!(
        code(&change(&admin, "categoryUpdate", CATEGORY, taken).await),
        "ALREADY_EXISTS"
    );

    let moved = relocate(&admin, &fresh, 2, Some(&food)).await;
    assert_eq!(
        moved["category"]["ancestors"],
        json!([{ "slug": "pangan" }])
    );
    assert_eq!(moved["category"]["version"], 3);
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    let query = "query($id: ID!) { category(id: $id) { ancestors { slug } parent { slug } } }";
    let below = app
        .client(Role::Anonymous)
        .run(query, json!({ "id": leaves }))
        .await;
    assert_eq!(
        below["data"]["category"],
        json!({ "ancestors": [{ "slug": "pangan" }, { "slug": "serba-segar" }], "parent": { "slug": "serba-segar" } })
    );
    assert_eq!(
        code(&relocate(&admin, &fresh, 3, Some(&food)).await),
        "INVALID_STATE",
        "there already"
    );
    assert_eq!(
        code(&relocate(&admin, &fresh, 3, Some(&fresh)).await),
        "INVALID_STATE",
        "below itself"
    );
    assert_eq!(
        code(&relocate(&admin, &fresh, 3, Some(&leaves)).await),
        "INVALID_STATE",
        "below itself"
    );
    assert_eq!(
        code(&relocate(&admin, &fresh, 2, None).await),
        "VERSION_CONFLICT"
    );
    let top = relocate(&admin, &fresh, 3, None).await;
    assert_eq!(
        (&top["category"]["parent"], &top["category"]["version"]),
        (&Value::Null, &json!(4))
    );
}

#[tokio::test]
async fn the_tree_has_at_most_six_levels() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let mut path: Vec<String> = Vec::new();
    for level in 1..=6 {
        let parent = path.last().cloned();
        path.push(category(&app, &format!("tingkat-{level}"), parent.as_deref()).await);
    }
    let input = json!({ "parentId": path[5], "slug": "terlalu-dalam", "name": "xx", "nameEn": "xx", "idempotencyKey": "k" });
    let refused = change(&admin, "categoryCreate", CATEGORY, input).await;
    assert_eq!(
        refused["userErrors"][0]["message"],
        "the category tree has at most 6 levels"
    );
    let other = category(&app, "lain", None).await;
    category(&app, "lain-bawah", Some(&other)).await;
    assert_eq!(
        code(&relocate(&admin, &other, 1, Some(&path[4])).await),
        "INVALID_STATE",
        "two levels below five"
    );
    assert_eq!(
        code(&relocate(&admin, &other, 1, Some(&path[3])).await),
        "ok"
    );
    assert_eq!(
        code(&relocate(&admin, &path[0], 1, Some(&other)).await),
        "INVALID_STATE",
        "a cycle"
    );
}

// T-CAT-6
#[tokio::test]
async fn only_an_empty_category_is_deleted() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let leaves = category(&app, "daun", Some(&food)).await;
    attribute(&app, &leaves, json!({ "code": "asal", "kind": "TEXT" })).await;
    let product = create(&app, kale(&leaves, "k")).await;
    let admin = app.client(Role::Admin);
    let delete = async |id: &str, version: i32| {
        let input = json!({ "categoryId": id, "expectedVersion": version });
        change(&admin, "categoryDelete", "deletedCategoryId", input).await
    };
    let refused = delete(&food, 1).await;
    let message = "only a category without products and without categories below it can be deleted";
    assert_eq!(refused["userErrors"][0]["message"], message);
    assert_eq!(
        delete(&leaves, 2).await["userErrors"][0]["message"],
        message
    );
    let input = json!({ "productId": product["id"], "expectedVersion": 1 });
    change(
        &app.client(Role::Seller),
        "productDelete",
        "deletedProductId",
        input,
    )
    .await;
    assert_eq!(code(&delete(&leaves, 1).await), "VERSION_CONFLICT");
    assert_eq!(
        delete(&leaves, 2).await,
        json!({ "deletedCategoryId": leaves, "userErrors": [] })
    );
    harness::assert_golden_event(
        &catalog::events::contracts(),
        app.outbox().await.last().unwrap(),
    );
    assert_eq!(code(&delete(&leaves, 2).await), "NOT_FOUND");
    assert_eq!(code(&delete(&food, 1).await), "ok");
}

/// The slugs of a list of categories.
async fn slugs(app: &Subgraph, arguments: &str) -> Vec<String> {
    let query = format!("{{ categories{arguments} {{ nodes {{ slug }} }} }}");
    let reply = app.client(Role::Anonymous).run(&query, json!({})).await;
    let nodes = reply["data"]["categories"]["nodes"]
        .as_array()
        .unwrap_or_else(|| panic!("{reply}"));
    nodes.iter().map(|node| text(node, "/slug")).collect()
}

// T-CAT-1..3
#[tokio::test]
async fn categories_are_listed_by_name_and_filtered_by_place() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    category(&app, "elektronik", None).await;
    category(&app, "daun", Some(&food)).await;
    category(&app, "buah", Some(&food)).await;
    assert_eq!(
        slugs(&app, "").await,
        ["buah", "daun", "elektronik", "pangan"]
    );
    assert_eq!(
        slugs(&app, "(where: { isRoot: true })").await,
        ["elektronik", "pangan"]
    );
    assert_eq!(
        slugs(&app, "(where: { isRoot: false })").await,
        ["buah", "daun"]
    );
    let below = format!("(where: {{ parentId: \"{food}\" }})");
    assert_eq!(slugs(&app, &below).await, ["buah", "daun"]);

    let query = "query($after: String) { categories(first: 1, after: $after) {
        nodes { slug } pageInfo { hasNextPage endCursor } } }";
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let reply = app
            .client(Role::Anonymous)
            .run(query, json!({ "after": after }))
            .await;
        let page = &reply["data"]["categories"];
        seen.push(text(page, "/nodes/0/slug"));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, ["buah", "daun", "elektronik", "pangan"]);
    let nul = kernel::Cursor::encode(&("\0", &food));
    for bad in ["W10", "x", nul.as_str()] {
        let reply = app
            .client(Role::Anonymous)
            .run(query, json!({ "after": bad }))
            .await;
        assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

// T-CAT-2: what is on the shelf in a category includes what is below it
#[tokio::test]
async fn a_category_counts_and_lists_what_is_on_the_shelf_below_it() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let leaves = category(&app, "daun", Some(&food)).await;
    let fruit = category(&app, "buah", Some(&food)).await;
    super::publish(&app, kale(&leaves, "a")).await;
    super::publish(&app, kale(&leaves, "b")).await;
    super::publish(&app, kale(&food, "c")).await;
    create(&app, kale(&fruit, "draft")).await;
    let query = "{ categories { nodes { slug productCount products(first: 2) { nodes { id } pageInfo { hasNextPage } } } } }";
    let reply = app.client(Role::Seller).run(query, json!({})).await;
    let met: Vec<_> = reply["data"]["categories"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            let products = &node["products"];
            let listed = products["nodes"].as_array().unwrap().len();
            (
                text(node, "/slug"),
                node["productCount"].as_i64().unwrap(),
                listed,
                products["pageInfo"]["hasNextPage"] == true,
            )
        })
        .collect();
    let expected = [
        ("buah", 0, 0, false),
        ("daun", 2, 2, false),
        ("pangan", 3, 2, true),
    ];
    assert_eq!(
        met,
        expected.map(|(slug, count, listed, next)| (slug.to_owned(), count, listed, next))
    );
}
