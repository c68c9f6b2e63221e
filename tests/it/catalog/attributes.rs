use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{attribute, category, change, code, create, kale, publish, start, text};

const ATTRIBUTE: &str =
    "attribute { id code label kind unit options isRequired version createdAt updatedAt }";

// T-CAT-9
#[tokio::test]
async fn an_attribute_is_created_and_changed() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    let input = json!({ "code": "warna", "kind": "ENUM", "label": "Warna", "options": ["Merah", "Hitam"],
        "isRequired": true, "idempotencyKey": "k" });
    let created = change(&admin, "attributeCreate", ATTRIBUTE, input.clone()).await;
    let id = text(&created, "/attribute/id");
    assert_eq!(
        created,
        json!({ "attribute": { "id": id, "code": "warna", "label": "Warna", "kind": "ENUM", "unit": null,
            "options": ["Merah", "Hitam"], "isRequired": true, "version": 1,
            "createdAt": "2026-01-01T00:00:00+00:00", "updatedAt": "2026-01-01T00:00:00+00:00" }, "userErrors": [] })
    );
    assert_eq!(
        change(&admin, "attributeCreate", ATTRIBUTE, input.clone()).await,
        created
    );
    let mut taken = input;
    taken["idempotencyKey"] = json!("k2");
    assert_eq!(
        code(&change(&admin, "attributeCreate", ATTRIBUTE, taken.clone()).await),
        "ALREADY_EXISTS"
    );
    taken["idempotencyKey"] = json!("k");
    taken["label"] = json!("Lain");
    assert_eq!(
        code(&change(&admin, "attributeCreate", ATTRIBUTE, taken).await),
        "IDEMPOTENCY_KEY_REUSED"
    );

    let update = json!({ "attributeId": id, "expectedVersion": 1, "label": "Warna utama", "options": ["Merah"],
        "isRequired": false });
    let updated = change(&admin, "attributeUpdate", ATTRIBUTE, update.clone()).await;
    assert_eq!(updated["attribute"]["label"], "Warna utama");
    assert_eq!(updated["attribute"]["version"], 2);
    let stale = change(&admin, "attributeUpdate", ATTRIBUTE, update).await;
    assert_eq!(stale["userErrors"][0]["currentVersion"], 2);
    let missing =
        json!({ "attributeId": "attribute_7zzzzzzzzzzzzzzzzzzzzzzzzz", "expectedVersion": 1 });
    assert_eq!(
        code(&change(&admin, "attributeUpdate", ATTRIBUTE, missing).await),
        "NOT_FOUND"
    );
    app.assert_golden_events().await;
    assert_eq!(app.outbox().await.len(), 2);
}

#[tokio::test]
async fn what_breaks_a_rule_of_attributes_is_refused() {
    let app = start().await;
    let admin = app.client(Role::Admin);
    for (input, path) in [
        (json!({ "code": "Warna", "kind": "TEXT" }), "code"),
        (json!({ "code": "x".repeat(41), "kind": "TEXT" }), "code"),
        (json!({ "code": "a", "kind": "TEXT", "label": "" }), "label"),
        (json!({ "code": "a", "kind": "TEXT", "unit": "GB" }), "unit"),
        (json!({ "code": "a", "kind": "NUMBER", "unit": "" }), "unit"),
        (
            json!({ "code": "a", "kind": "TEXT", "options": ["x"] }),
            "options",
        ),
        (json!({ "code": "a", "kind": "ENUM" }), "options"),
        (
            json!({ "code": "a", "kind": "ENUM", "options": ["x", "x"] }),
            "options",
        ),
        (
            json!({ "code": "a", "kind": "ENUM", "options": ["x", ""] }),
            "options.1",
        ),
    ] {
        let mut whole = json!({ "label": "x", "idempotencyKey": "k" });
        whole
            .as_object_mut()
            .unwrap()
            .extend(input.as_object().unwrap().clone());
        let refused = change(&admin, "attributeCreate", ATTRIBUTE, whole).await;
        let met = refused["userErrors"][0]["path"].as_array().unwrap()[1..].iter();
        let met: Vec<_> = met.map(|part| part.as_str().unwrap()).collect();
        assert_eq!(
            (code(&refused).as_str(), met.join(".").as_str()),
            ("INVALID_VALUE", path),
            "{input}"
        );
    }
    assert!(app.outbox().await.is_empty());
}

/// Attaches or detaches.
async fn set(app: &Subgraph, field: &str, category_id: &str, attribute_id: &str) -> Value {
    let input = json!({ "categoryId": category_id, "attributeId": attribute_id });
    change(
        &app.client(Role::Admin),
        field,
        "category { version }",
        input,
    )
    .await
}

/// The codes of the attributes of the categories `daun` and `pangan`.
async fn codes(app: &Subgraph) -> [Value; 2] {
    let query = "{ categories { nodes { slug attributes { code } } } }";
    let reply = app.client(Role::Anonymous).run(query, json!({})).await;
    [0, 1].map(|index| {
        let node = &reply["data"]["categories"]["nodes"][index];
        assert_eq!(node["slug"], ["daun", "pangan"][index]);
        let attributes = node["attributes"].as_array().unwrap().iter();
        attributes
            .map(|attribute| attribute["code"].clone())
            .collect()
    })
}

// T-CAT-9: attributes are inherited, T-CAT-1
#[tokio::test]
async fn a_category_has_its_attributes_and_those_from_above() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let leaves = category(&app, "daun", Some(&food)).await;
    let origin = attribute(&app, &food, json!({ "code": "asal", "kind": "TEXT" })).await;
    let organic = json!({ "code": "organik", "kind": "BOOLEAN" });
    let organic = attribute(&app, &leaves, organic).await;
    let (all, above) = (json!(["asal", "organik"]), json!(["asal"]));
    assert_eq!(codes(&app).await, [all.clone(), above.clone()]);

    let same = set(&app, "categoryAttributeAttach", &leaves, &organic).await;
    assert_eq!(same["category"]["version"], 2, "it has it already");
    let events = app.outbox().await.len();
    let own_too = set(&app, "categoryAttributeAttach", &leaves, &origin).await;
    assert_eq!(own_too["category"]["version"], 3);
    assert_eq!(
        codes(&app).await,
        [all.clone(), above.clone()],
        "once, though twice"
    );
    let event = app.outbox().await.pop().unwrap();
    assert_eq!(event["eventType"], "category.updated");
    assert_eq!(event["payload"]["attributeCodes"], all);

    for (attribute_id, version) in [(&origin, 4), (&organic, 5), (&organic, 5)] {
        let detached = set(&app, "categoryAttributeDetach", &leaves, attribute_id).await;
        assert_eq!(detached["category"]["version"], version);
    }
    assert_eq!(codes(&app).await, [above.clone(), above]);
    assert_eq!(app.outbox().await.len(), events + 3);
}

#[tokio::test]
async fn what_is_attached_must_be_there() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let origin = attribute(&app, &food, json!({ "code": "asal", "kind": "TEXT" })).await;
    let nothing = "attribute_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    let refused = set(&app, "categoryAttributeAttach", &food, nothing).await;
    assert_eq!(
        refused["userErrors"][0]["path"],
        json!(["input", "attributeId"])
    );
    let nowhere = "category_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    let refused = set(&app, "categoryAttributeAttach", nowhere, &origin).await;
    assert_eq!(
        refused["userErrors"][0]["path"],
        json!(["input", "categoryId"])
    );
    let refused = set(&app, "categoryAttributeDetach", nowhere, &origin).await;
    assert_eq!(code(&refused), "NOT_FOUND");
}

#[tokio::test]
async fn a_category_has_at_most_fifty_attributes_of_its_own() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    for number in 0..50 {
        let definition = json!({ "code": format!("a{number}"), "kind": "TEXT" });
        attribute(&app, &food, definition).await;
    }
    let elsewhere = category(&app, "buku", None).await;
    let other = attribute(&app, &elsewhere, json!({ "code": "lain", "kind": "TEXT" })).await;
    let refused = set(&app, "categoryAttributeAttach", &food, &other).await;
    assert_eq!(code(&refused), "TOO_MANY");
}

#[tokio::test]
async fn values_stay_when_definitions_change_and_must_fit_a_new_category() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    let books = category(&app, "buku", None).await;
    let colours = json!({ "code": "warna", "kind": "ENUM", "options": ["Hijau", "Ungu"] });
    let colour = attribute(&app, &food, colours).await;
    let mut input = kale(&food, "k");
    input["attributes"] = json!([{ "code": "warna", "value": "Ungu" }]);
    let id = publish(&app, input).await;
    let admin = app.client(Role::Admin);
    let fewer = json!({ "attributeId": colour, "expectedVersion": 1, "options": ["Hijau"] });
    assert_eq!(
        code(&change(&admin, "attributeUpdate", ATTRIBUTE, fewer).await),
        "ok"
    );
    let seller = app.client(Role::Seller);
    let rename = json!({ "productId": id, "expectedVersion": 2, "name": "Bayam Merah" });
    let selection = "product { attributes { value } category { slug } }";
    let renamed = change(&seller, "productUpdate", selection, rename).await;
    assert_eq!(
        renamed["product"]["attributes"],
        json!([{ "value": "Ungu" }])
    );
    let elsewhere = json!({ "productId": id, "expectedVersion": 3, "categoryId": books });
    let refused = change(&seller, "productUpdate", selection, elsewhere).await;
    assert_eq!(
        refused["userErrors"][0]["path"],
        json!(["input", "attributes", "0", "code"])
    );
    let elsewhere =
        json!({ "productId": id, "expectedVersion": 3, "categoryId": books, "attributes": [] });
    let moved = change(&seller, "productUpdate", selection, elsewhere).await;
    assert_eq!(
        moved["product"],
        json!({ "attributes": [], "category": { "slug": "buku" } })
    );
}

#[tokio::test]
async fn attributes_are_listed_by_code() {
    let app = start().await;
    let food = category(&app, "pangan", None).await;
    for name in ["b", "a_1", "a1", "c"] {
        attribute(&app, &food, json!({ "code": name, "kind": "TEXT" })).await;
    }
    let query = "query($after: String) { attributes(first: 3, after: $after) {
        nodes { code } pageInfo { hasNextPage endCursor } } }";
    let anybody = app.client(Role::Anonymous);
    let first = anybody.run(query, json!({})).await;
    assert_eq!(
        first["data"]["attributes"]["nodes"],
        json!([{ "code": "a1" }, { "code": "a_1" }, { "code": "b" }])
    );
    let after = &first["data"]["attributes"]["pageInfo"]["endCursor"];
    let second = anybody.run(query, json!({ "after": after })).await;
    assert_eq!(
        second["data"]["attributes"]["nodes"],
        json!([{ "code": "c" }])
    );
    let nul = kernel::Cursor::encode(&"\0");
    for bad in ["x", "W10", nul.as_str()] {
        let reply = anybody.run(query, json!({ "after": bad })).await;
        assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    create(&app, kale(&food, "k")).await;
}
