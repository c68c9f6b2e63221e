use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{attribute, category, change, kale, start, variant};

/// Creates with one field replaced; gives the one user error as `(path, message)`.
async fn refusal(app: &Subgraph, base: &Value, pointer: &str, value: Value) -> (String, String) {
    let mut input = base.clone();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = input.pointer_mut(parent).unwrap();
    parent[field] = value;
    let seller = app.client(Role::Seller);
    let reply = change(&seller, "productCreate", "product { id }", input).await;
    let error = &reply["userErrors"][0];
    assert_eq!(error["code"], "INVALID_VALUE", "{pointer}: {reply}");
    let path: Vec<_> = error["path"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part.as_str().unwrap())
        .collect();
    (
        path.join("."),
        error["message"].as_str().unwrap().to_owned(),
    )
}

fn rupiah(amount: i64) -> Value {
    json!({ "minorUnits": amount.to_string(), "currency": "IDR" })
}

// T-PRD-E, C24, C26
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn what_breaks_a_rule_is_refused_with_its_path_and_leaves_nothing() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    attribute(&app, &vegetables, json!({ "code": "asal", "kind": "TEXT" })).await;
    attribute(
        &app,
        &vegetables,
        json!({ "code": "berat", "kind": "NUMBER" }),
    )
    .await;
    attribute(
        &app,
        &vegetables,
        json!({ "code": "organik", "kind": "BOOLEAN" }),
    )
    .await;
    attribute(
        &app,
        &vegetables,
        json!({ "code": "mutu", "kind": "ENUM", "options": ["A", "B"] }),
    )
    .await;
    let events = app.outbox().await.len();
    let base = kale(&vegetables, "k");
    let value = |code: &str, value: &str| json!([{ "code": code, "value": value }]);
    let price = "must be between 1 and 100000000000 rupiah";
    for (pointer, bad, path, rule) in [
        (
            "/name",
            json!("ab"),
            "name",
            "must have 3 to 255 characters",
        ),
        (
            "/name",
            json!("x".repeat(256)),
            "name",
            "must have 3 to 255 characters",
        ),
        (
            "/name",
            json!("tab\there"),
            "name",
            "must have 3 to 255 characters",
        ),
        (
            "/description",
            json!("x".repeat(5_001)),
            "description",
            "must have at most 5000 characters",
        ),
        (
            "/slug",
            json!("Kangkung Segar"),
            "slug",
            "must have 3 to 120 lower-case letters, digits and single hyphens between them",
        ),
        (
            "/slug",
            json!("control\u{1}"),
            "slug",
            "must have 3 to 120 lower-case letters, digits and single hyphens between them",
        ),
        (
            "/features",
            json!(["ok", ""]),
            "features.1",
            "must have 1 to 120 characters",
        ),
        (
            "/variants",
            json!([]),
            "variants",
            "must have 1 to 100 items",
        ),
        (
            "/variants",
            json!([variant("a", 1), variant("a", 1)]),
            "variants.1.sku",
            "must differ from the other variants of the product",
        ),
        (
            "/variants/0/sku",
            json!("with space"),
            "variants.0.sku",
            "must have 1 to 64 letters, digits, dots, underscores, slashes and hyphens",
        ),
        (
            "/variants/0/name",
            json!(""),
            "variants.0.name",
            "must have 1 to 120 characters",
        ),
        ("/variants/0/price", rupiah(0), "variants.0.price", price),
        ("/variants/0/price", rupiah(-5), "variants.0.price", price),
        (
            "/variants/0/price",
            rupiah(100_000_000_001),
            "variants.0.price",
            price,
        ),
        (
            "/variants/0/price",
            json!({ "minorUnits": "5", "currency": "USD" }),
            "variants.0.price",
            "must be in IDR",
        ),
        (
            "/variants/0/compareAtPrice",
            rupiah(4_500),
            "variants.0.compareAtPrice",
            "must be higher than the price",
        ),
        (
            "/variants/0/compareAtPrice",
            rupiah(i64::MAX),
            "variants.0.compareAtPrice",
            price,
        ),
        (
            "/variants/0/weightGrams",
            json!(0),
            "variants.0.weightGrams",
            "must be between 1 and 1000000",
        ),
        (
            "/variants/0/weightGrams",
            json!(1_000_001),
            "variants.0.weightGrams",
            "must be between 1 and 1000000",
        ),
        (
            "/variants/0/dimensions",
            json!({ "lengthMm": 1, "widthMm": 0, "heightMm": 1 }),
            "variants.0.dimensions.widthMm",
            "must be between 1 and 10000",
        ),
        (
            "/variants/0/optionValues",
            json!([{ "name": "", "value": "x" }]),
            "variants.0.optionValues.0.name",
            "must have 1 to 40 characters",
        ),
        (
            "/variants/0/optionValues",
            json!([{ "name": "a", "value": "x" }, { "name": "a", "value": "y" }]),
            "variants.0.optionValues",
            "must not name an option twice",
        ),
        (
            "/kind",
            json!("DIGITAL"),
            "isPerishable",
            "must be false: digital goods do not spoil",
        ),
        (
            "/attributes",
            value("warna", "x"),
            "attributes.0.code",
            "must name an attribute of the product's category",
        ),
        (
            "/attributes",
            value("asal", " "),
            "attributes.0.value",
            "must have 1 to 255 characters",
        ),
        (
            "/attributes",
            value("berat", "NaN"),
            "attributes.0.value",
            "must be a number like 12.5, at most 10^12",
        ),
        (
            "/attributes",
            value("berat", "1e13"),
            "attributes.0.value",
            "must be a number like 12.5, at most 10^12",
        ),
        (
            "/attributes",
            value("berat", "1e-300"),
            "attributes.0.value",
            "must be a number like 12.5, at most 10^12",
        ),
        (
            "/attributes",
            value("organik", "ya"),
            "attributes.0.value",
            "must be `true` or `false`",
        ),
        (
            "/attributes",
            value("mutu", "C"),
            "attributes.0.value",
            "must be one of: A, B",
        ),
        (
            "/attributes",
            json!([{ "code": "asal", "value": "x" }, { "code": "asal", "value": "y" }]),
            "attributes.1.code",
            "must not name an attribute twice",
        ),
    ] {
        let met = refusal(&app, &base, pointer, bad).await;
        assert_eq!(
            met,
            (format!("input.{path}"), format!("`{path}` {rule}")),
            "{pointer}"
        );
    }
    let mut alike = base.clone();
    alike["variants"] = json!([variant("a", 1), variant("b", 1)]);
    alike["variants"][1]["optionValues"] = alike["variants"][0]["optionValues"].clone();
    let met = refusal(&app, &alike, "/name", json!("Kangkung")).await;
    assert_eq!(met.0, "input.variants.1.optionValues");

    assert_eq!(app.outbox().await.len(), events, "nothing happened");
    let products: i64 = sqlx::query_scalar("select count(*) from products")
        .fetch_one(&app.db)
        .await
        .unwrap();
    let keys: i64 = sqlx::query_scalar(
        "select count(*) from idempotency_keys where operation = 'productCreate'",
    )
    .fetch_one(&app.db)
    .await
    .unwrap();
    assert_eq!(
        (products, keys),
        (0, 0),
        "a refused command leaves nothing behind"
    );
}

// C26: digital goods are not shipped
#[tokio::test]
async fn digital_goods_have_no_weight_no_size_and_are_not_sold_by_weight() {
    let app = start().await;
    let mut digital = kale(&category(&app, "buku", None).await, "k");
    digital["kind"] = json!("DIGITAL");
    digital["isPerishable"] = json!(false);
    digital["unit"] = json!("PIECE");
    let met = refusal(&app, &digital, "/name", json!("Buku Resep")).await;
    assert_eq!(
        met.1,
        "`variants.0.weightGrams` must be left out: digital goods weigh nothing"
    );
    digital["variants"][0]["weightGrams"] = Value::Null;
    let size = json!({ "lengthMm": 1, "widthMm": 1, "heightMm": 1 });
    let met = refusal(&app, &digital, "/variants/0/dimensions", size).await;
    assert_eq!(
        met.1,
        "`variants.0.dimensions` must be left out: digital goods have no size"
    );
    let met = refusal(&app, &digital, "/unit", json!("KILOGRAM")).await;
    assert_eq!(met.1, "`unit` must be PIECE, PACK or SET for digital goods");
    super::publish(&app, digital).await;
}

#[tokio::test]
async fn a_product_needs_a_category_that_is_there() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let seller = app.client(Role::Seller);
    let missing = "category_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    let refused = change(
        &seller,
        "productCreate",
        "product { id }",
        kale(missing, "k"),
    )
    .await;
    let error = json!([{ "__typename": "Refusal", "code": "NOT_FOUND",
        "message": "there is no such category", "path": ["input", "categoryId"] }]);
    assert_eq!(refused["userErrors"], error);
    let product = super::create(&app, kale(&vegetables, "k")).await;
    let input = json!({ "productId": product["id"], "expectedVersion": 1, "categoryId": missing });
    let refused = change(&seller, "productUpdate", "product { id }", input).await;
    assert_eq!(refused["userErrors"], error);
}

#[tokio::test]
async fn lists_in_the_input_are_bounded() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let seller = app.client(Role::Seller);
    let too_many = |item: Value, count: usize| Value::Array(vec![item; count]);
    for (field, value) in [
        ("features", too_many(json!("x"), 21)),
        (
            "attributes",
            too_many(json!({ "code": "a", "value": "b" }), 51),
        ),
        ("variants", too_many(variant("a", 1), 101)),
    ] {
        let mut input = kale(&vegetables, "k");
        input[field] = value;
        let reply = change(&seller, "productCreate", "product { id }", input).await;
        assert_eq!(super::code(&reply), "BAD_USER_INPUT", "{field}: {reply}");
    }
    let ids = vec!["product_00000000000000000000000001"; 101];
    let query = "query($ids: [ID!]) { products(where: { ids: $ids }) { nodes { id } } }";
    let reply = seller.run(query, json!({ "ids": ids })).await;
    assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}
