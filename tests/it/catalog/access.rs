use harness::{
    Role, Subgraph,
    access::{Row, SERVICE_ONLY, assert_met, mutation},
};
use serde_json::json;

use super::{attribute, category, kale, publish, shop, start, text};

/// Needs a manager of the shop, who meets `met`. In the order of [`Role::ALL`]: anonymous, buyer, staff of the
/// shop (`Buyer2`), manager of the shop (`Seller`), owner of another shop, admin, service.
const fn manager(met: &'static str) -> Row {
    [
        "UNAUTHENTICATED",
        "NOT_PERMITTED",
        "NOT_PERMITTED",
        met,
        "NOT_PERMITTED",
        "NOT_PERMITTED",
        "UNAUTHENTICATED",
    ]
}

/// Needs a permission; the admin meets `met`.
const fn permission(met: &'static str) -> Row {
    [
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "FORBIDDEN",
        "FORBIDDEN",
        "FORBIDDEN",
        met,
        "UNAUTHENTICATED",
    ]
}

fn mutations() -> Vec<(&'static str, &'static str, Row)> {
    let versioned = "productId: \"PRODUCT\", expectedVersion: 99";
    let moderated = "productId: \"PRODUCT\", expectedVersion: 99, reason: \"x\"";
    let variant = "productId: \"PRODUCT\", idempotencyKey: \"matrix\", variant: { sku: \"\", name: \"\", PRICE }";
    vec![
        (
            "productCreate",
            "sellerId: \"SHOP\", name: \"\", description: \"\", categoryId: \"CATEGORY\", kind: PHYSICAL,
             unit: PIECE, variants: [], idempotencyKey: \"matrix\"",
            manager("INVALID_VALUE"),
        ),
        ("productUpdate", versioned, manager("VERSION_CONFLICT")),
        ("productDelete", versioned, manager("VERSION_CONFLICT")),
        ("productPublish", versioned, manager("VERSION_CONFLICT")),
        ("productUnpublish", versioned, manager("VERSION_CONFLICT")),
        ("productArchive", versioned, manager("VERSION_CONFLICT")),
        ("productVariantAdd", variant, manager("INVALID_VALUE")),
        (
            "productVariantUpdate",
            "variantId: \"VARIANT\", expectedVersion: 99",
            manager("VERSION_CONFLICT"),
        ),
        (
            "productVariantRemove",
            "variantId: \"VARIANT\", expectedVersion: 99",
            manager("VERSION_CONFLICT"),
        ),
        ("productSuspend", moderated, permission("VERSION_CONFLICT")),
        ("productReinstate", moderated, permission("VERSION_CONFLICT")),
        (
            "categoryCreate",
            "slug: \"\", name: \"\", nameEn: \"\", idempotencyKey: \"matrix\"",
            permission("INVALID_VALUE"),
        ),
        ("categoryUpdate", "categoryId: \"CATEGORY\", expectedVersion: 99", permission("VERSION_CONFLICT")),
        ("categoryMove", "categoryId: \"CATEGORY\", expectedVersion: 99", permission("VERSION_CONFLICT")),
        ("categoryDelete", "categoryId: \"CATEGORY\", expectedVersion: 99", permission("VERSION_CONFLICT")),
        (
            "categoryAttributeAttach",
            "categoryId: \"MISSING\", attributeId: \"ATTRIBUTE\"",
            permission("NOT_FOUND"),
        ),
        (
            "categoryAttributeDetach",
            "categoryId: \"MISSING\", attributeId: \"ATTRIBUTE\"",
            permission("NOT_FOUND"),
        ),
        (
            "attributeCreate",
            "code: \"\", kind: TEXT, label: \"\", idempotencyKey: \"matrix\"",
            permission("INVALID_VALUE"),
        ),
        ("attributeUpdate", "attributeId: \"ATTRIBUTE\", expectedVersion: 99", permission("VERSION_CONFLICT")),
    ]
}

fn queries() -> Vec<(&'static str, Row)> {
    let everybody = ["ok"; 7];
    vec![
        ("product(id: \"PRODUCT\") { id }", everybody),
        ("productBySlug(slug: \"kangkung-segar\") { id }", everybody),
        ("products { nodes { id } }", everybody),
        ("category(id: \"CATEGORY\") { id }", everybody),
        ("categoryBySlug(slug: \"sayur\") { id }", everybody),
        ("categories { nodes { id } }", everybody),
        ("attributes { nodes { id } }", everybody),
        (
            "productOwners(ids: [\"PRODUCT\"]) { sku: productId }",
            SERVICE_ONLY,
        ),
        ("variantOwners(ids: [\"VARIANT\"]) { sku }", SERVICE_ONLY),
        ("productSnapshots(first: 1) { id }", SERVICE_ONLY),
        ("categorySnapshots(first: 1) { id }", SERVICE_ONLY),
    ]
}

async fn fill(app: &Subgraph) -> impl Fn(&str) -> String + use<> {
    let vegetables = category(app, "sayur", None).await;
    let origin = attribute(app, &vegetables, json!({ "code": "asal", "kind": "TEXT" })).await;
    let product = publish(app, kale(&vegetables, "k")).await;
    let query = "query($id: ID!) { product(id: $id) { variants { id } } }";
    let reply = app
        .client(Role::Anonymous)
        .run(query, json!({ "id": product }))
        .await;
    let variant = text(&reply, "/data/product/variants/0/id");
    move |document| {
        document
            .replace("SHOP", &shop().to_string())
            .replace("PRODUCT", &product)
            .replace("VARIANT", &variant)
            .replace("CATEGORY", &vegetables)
            .replace("ATTRIBUTE", &origin)
            .replace("MISSING", "category_7zzzzzzzzzzzzzzzzzzzzzzzzz")
            .replace("PRICE", "price: { minorUnits: \"0\", currency: IDR }")
    }
}

// T-RBAC: every root field, every role. Rows are compared whole, so a new role shows up here.
#[tokio::test]
async fn every_root_field_answers_each_role_as_the_matrix_says() {
    let app = start().await;
    let fill = fill(&app).await;
    let events = app.outbox().await.len();
    let mut documents: Vec<(String, Row)> = Vec::new();
    for (field, input, expected) in mutations() {
        documents.push((mutation(field, &fill(input)), expected));
    }
    for (field, expected) in queries() {
        documents.push((format!("{{ {} }}", fill(field)), expected));
    }
    assert_met(&app, documents).await;
    assert_eq!(app.outbox().await.len(), events, "nothing happened");
}

// The matrix above has a row for every root field of the schema.
#[test]
fn the_matrix_is_complete() {
    let sdl = (catalog::SUBGRAPH.sdl)();
    let fields = |root: &str| -> Vec<String> {
        let (_, rest) = sdl.split_once(&format!("type {root} {{")).unwrap();
        let (body, _) = rest.split_once("\n}").unwrap();
        let names = body.lines().filter_map(|line| {
            let line = line.trim_start();
            let name = line.split(['(', ':']).next().filter(|name| *name != line)?;
            let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            plain.then(|| name.to_owned())
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    let mut known: Vec<_> = mutations()
        .iter()
        .map(|(field, ..)| (*field).to_owned())
        .collect();
    known.sort();
    assert_eq!(fields("Mutation"), known);
    let mut known: Vec<_> = queries()
        .iter()
        .map(|(field, _)| field.split(['(', ' ']).next().unwrap().to_owned())
        .collect();
    known.sort();
    assert_eq!(fields("Query"), known);
}

// What is hidden from somebody is not there for them, also when they try to change it.
#[tokio::test]
async fn a_hidden_product_is_not_found_by_those_who_may_not_see_it() {
    let app = start().await;
    let product = super::create(&app, kale(&category(&app, "sayur", None).await, "k")).await;
    let expected = [
        (Role::Buyer, "NOT_FOUND"),
        (Role::Seller2, "NOT_FOUND"),
        (Role::Buyer2, "NOT_PERMITTED"),
        (Role::Admin, "NOT_PERMITTED"),
        (Role::Seller, "VERSION_CONFLICT"),
    ];
    for (role, expected) in expected {
        let client = app.client(role);
        let input = json!({ "productId": product["id"], "expectedVersion": 99 });
        let reply = super::change(&client, "productUpdate", "product { id }", input).await;
        assert_eq!(super::code(&reply), expected, "{role:?}");
        let input = json!({ "variantId": product["variants"][0]["id"], "expectedVersion": 99 });
        let reply = super::change(&client, "productVariantUpdate", "product { id }", input).await;
        assert_eq!(super::code(&reply), expected, "{role:?}");
        let path = &reply["userErrors"][0]["path"];
        if expected == "NOT_FOUND" {
            assert_eq!(*path, json!(["input", "variantId"]));
        }
    }
}

// The product that is named decides, not the shop that the caller would like.
#[tokio::test]
async fn nobody_creates_products_for_another_shop() {
    let app = start().await;
    let vegetables = category(&app, "sayur", None).await;
    let mut input = kale(&vegetables, "k");
    input["sellerId"] = json!("seller_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    let reply = super::change(
        &app.client(Role::Seller),
        "productCreate",
        "product { id }",
        input,
    )
    .await;
    assert_eq!(
        reply["userErrors"],
        json!([{ "__typename": "Refusal", "code": "NOT_PERMITTED", "path": null,
            "message": "only the owner and managers of the shop may do this" }])
    );
}
