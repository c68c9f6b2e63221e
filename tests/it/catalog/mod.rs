//! Tests of the `catalog` subgraph.

mod access;
mod attributes;
mod categories;
mod entities;
mod lists;
mod machine;
mod moderation;
mod products;
mod races;
mod rules;
mod shops;
mod snapshots;
mod statements;
mod status;
mod variants;
mod visibility;

use harness::{Client, Role, Subgraph, user_id};
use kernel::SellerId;
use serde_json::{Value, json};
use uuid::Uuid;

/// Everything of a product that a client can read in one go.
pub(crate) const PRODUCT: &str = "id slug name description kind unit status suspensionReason isPerishable
    features category { id slug } seller { id } attributes { attribute { code } value numberValue booleanValue }
    variants { id sku name optionValues { name value } price { minorUnits currency amount }
        compareAtPrice { minorUnits } weightGrams dimensions { lengthMm widthMm heightMm } position }
    priceRange { min { minorUnits } max { minorUnits } } compareAtPrice { minorUnits } weightGrams
    dimensions { lengthMm } version createdAt updatedAt publishedAt";

/// The shop in which `Seller` is a manager and `Buyer2` is staff.
pub(crate) fn shop() -> SellerId {
    SellerId::from_uuid(Uuid::from_u128(0xDDDD_0001))
}

/// The shop that `Seller2` owns.
pub(crate) fn other_shop() -> SellerId {
    SellerId::from_uuid(Uuid::from_u128(0xDDDD_0002))
}

/// A catalogue whose peer `sellers` knows these shops.
pub(crate) async fn start() -> Subgraph {
    let app = Subgraph::start(&catalog::SUBGRAPH).await;
    app.peers.answer_with("sellers", |call| {
        let works = |role: Role, seller: SellerId| {
            call.variables["sellerId"] == json!(seller)
                && call.variables["userId"] == json!(user_id(role))
        };
        let role = if works(Role::Seller, shop()) {
            json!("MANAGER")
        } else if works(Role::Seller2, other_shop()) {
            json!("OWNER")
        } else if works(Role::Buyer2, shop()) {
            json!("STAFF")
        } else {
            Value::Null
        };
        json!({ "sellerMemberRole": role })
    });
    app
}

/// Runs a mutation with one `input` and gives its payload, or the errors. `selection` is what to read
/// beside `userErrors`.
pub(crate) async fn change(client: &Client, field: &str, selection: &str, input: Value) -> Value {
    let input_type = match field {
        "productPublish" | "productUnpublish" | "productArchive" => "ProductStatusInput".to_owned(),
        "productSuspend" | "productReinstate" => "ProductModerationInput".to_owned(),
        "categoryAttributeAttach" | "categoryAttributeDetach" => {
            "CategoryAttributeInput".to_owned()
        }
        _ => {
            let (first, rest) = field.split_at(1);
            format!("{}{rest}Input", first.to_uppercase())
        }
    };
    let query = format!(
        "mutation($input: {input_type}!) {{ {field}(input: $input) {{ {selection} \
         userErrors {{ __typename code message path ... on VersionConflict {{ currentVersion }} }} }} }}"
    );
    let reply = client.run(&query, json!({ "input": input })).await;
    if reply["errors"].is_null() {
        reply["data"][field].clone()
    } else {
        reply["errors"].clone()
    }
}

/// What came of a mutation: `ok`, the code of its first user error, or the code of the error.
pub(crate) fn code(payload: &Value) -> String {
    if payload.is_array() {
        return payload[0]["extensions"]["code"]
            .as_str()
            .unwrap_or("NO_CODE")
            .to_owned();
    }
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or("ok")
        .to_owned()
}

/// The text at `pointer`, which the test needs to go on.
#[track_caller]
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {pointer} in {value}"))
        .to_owned()
}

/// Creates a category; gives its id.
pub(crate) async fn category(app: &Subgraph, slug: &str, parent: Option<&str>) -> String {
    let input = json!({ "parentId": parent, "slug": slug, "name": slug, "nameEn": slug,
        "idempotencyKey": slug });
    let admin = app.client(Role::Admin);
    text(
        &change(&admin, "categoryCreate", "category { id }", input).await,
        "/category/id",
    )
}

/// Creates an attribute and gives it to a category; gives its id.
pub(crate) async fn attribute(app: &Subgraph, category_id: &str, definition: Value) -> String {
    let admin = app.client(Role::Admin);
    let mut input = json!({ "label": definition["code"], "idempotencyKey": definition["code"] });
    for (name, value) in definition.as_object().unwrap() {
        input[name] = value.clone();
    }
    let created = change(&admin, "attributeCreate", "attribute { id }", input).await;
    let id = text(&created, "/attribute/id");
    let input = json!({ "categoryId": category_id, "attributeId": id });
    let attached = change(&admin, "categoryAttributeAttach", "category { id }", input).await;
    assert_eq!(code(&attached), "ok");
    id
}

/// Kale, sold by the bunch, in one variant that is ready to be published.
pub(crate) fn kale(category_id: &str, key: &str) -> Value {
    json!({
        "sellerId": shop(), "name": "Kangkung Segar", "description": "Dipetik pagi ini.",
        "categoryId": category_id, "kind": "PHYSICAL", "unit": "BUNCH", "isPerishable": true,
        "features": ["Tanpa pestisida"], "idempotencyKey": key,
        "variants": [variant(key, 4_500)],
    })
}

/// A variant named after its SKU.
pub(crate) fn variant(sku: &str, price: i64) -> Value {
    json!({
        "sku": sku, "name": sku, "optionValues": [{ "name": "Isi", "value": sku }],
        "price": { "minorUnits": price.to_string(), "currency": "IDR" }, "weightGrams": 250,
    })
}

/// Creates a product; gives `{ id version variants { id } }`.
pub(crate) async fn create(app: &Subgraph, input: Value) -> Value {
    let seller = if input["sellerId"] == json!(shop()) {
        Role::Seller
    } else {
        Role::Seller2
    };
    let selection = "product { id slug version variants { id sku } }";
    let created = change(&app.client(seller), "productCreate", selection, input).await;
    assert_eq!(code(&created), "ok", "{created}");
    created["product"].clone()
}

/// Creates a product and publishes it; gives its id. Its version is 2 then.
pub(crate) async fn publish(app: &Subgraph, input: Value) -> String {
    let seller = if input["sellerId"] == json!(shop()) {
        Role::Seller
    } else {
        Role::Seller2
    };
    let id = text(&create(app, input).await, "/id");
    let input = json!({ "productId": id, "expectedVersion": 1 });
    let client = app.client(seller);
    let published = change(&client, "productPublish", "product { status }", input).await;
    assert_eq!(published["product"]["status"], "ACTIVE", "{published}");
    id
}
