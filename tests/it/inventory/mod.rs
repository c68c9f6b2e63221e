//! Tests of the `inventory` subgraph.

mod access;
mod adjust;
mod alerts;
mod entities;
mod ledger;
mod model;
mod set;
mod set_many;
mod snapshots;
mod transfer;
mod warehouses;

use harness::{Client, Role, Subgraph, user_id};
use kernel::{GraphqlCall, Id, ProductId, SellerId, VariantId};
use serde_json::{Value, json};
use uuid::Uuid;

/// The shop where `Role::Seller` is the owner and `Role::Buyer2` staff.
pub(crate) fn shop() -> SellerId {
    Id::from_uuid(Uuid::from_u128(0x5E11_0001))
}

/// The shop of `Role::Seller2`.
pub(crate) fn other_shop() -> SellerId {
    Id::from_uuid(Uuid::from_u128(0x5E11_0002))
}

/// Variants below 1,000 belong to the first shop, those below 2,000 to the other; more are unknown.
pub(crate) fn variant(number: u128) -> VariantId {
    Id::from_uuid(Uuid::from_u128(0xDDDD_0000 + number))
}

/// The product of variants `2 * number` and `2 * number + 1`.
pub(crate) fn product(number: u128) -> ProductId {
    Id::from_uuid(Uuid::from_u128(0xEEEE_0000 + number))
}

/// The subgraph with peers that know the two shops and their variants.
pub(crate) async fn start() -> Subgraph {
    let app = Subgraph::start(&inventory::SUBGRAPH).await;
    app.peers.answer_with("sellers", member_role);
    app.peers.answer_with("catalog", variant_owners);
    app
}

fn member_role(call: &GraphqlCall) -> Value {
    let asked = (&call.variables["sellerId"], &call.variables["userId"]);
    let known = [
        (shop(), Role::Seller, "OWNER"),
        (shop(), Role::Buyer2, "STAFF"),
        (other_shop(), Role::Seller2, "OWNER"),
    ];
    let found = known
        .iter()
        .find(|(seller, role, _)| asked == (&json!(seller), &json!(user_id(*role))));
    json!({ "sellerMemberRole": found.map(|(_, _, name)| name) })
}

fn variant_owners(call: &GraphqlCall) -> Value {
    let mut owners = Vec::new();
    for id in call.variables["ids"].as_array().unwrap() {
        let id: VariantId = id.as_str().unwrap().parse().unwrap();
        let number = id.uuid().as_u128() - 0xDDDD_0000;
        let seller = match number {
            0..1_000 => shop(),
            1_000..2_000 => other_shop(),
            _ => continue,
        };
        owners
            .push(json!({ "variantId": id, "productId": product(number / 2), "sellerId": seller }));
    }
    json!({ "variantOwners": owners })
}

const LEVEL: &str = "id quantity lowStockThreshold version variant { id } product { id } \
     warehouse { code } updatedAt";

const WAREHOUSE: &str =
    "id seller { id } name code city province isActive version createdAt updatedAt";

/// Runs a mutation that takes one `input`; gives its payload, or the errors of the answer.
pub(crate) async fn change(client: &Client, field: &str, input: Value) -> Value {
    let input_type = match field {
        "warehouseActivate" | "warehouseDeactivate" => "WarehouseActivationInput".to_owned(),
        _ => {
            field
                .replacen("stock", "Stock", 1)
                .replacen("warehouse", "Warehouse", 1)
                + "Input"
        }
    };
    let changed = match field {
        "stockSetMany" => format!("stockLevels {{ {LEVEL} }}"),
        "stockTransfer" => format!("from {{ {LEVEL} }} to {{ {LEVEL} }}"),
        "stockAlertAcknowledge" => "alert { id type status quantity acknowledgedAt }".to_owned(),
        _ if field.starts_with("stock") => format!("stockLevel {{ {LEVEL} }}"),
        _ => format!("warehouse {{ {WAREHOUSE} }}"),
    };
    let query = format!(
        "mutation($input: {input_type}!) {{ {field}(input: $input) {{ {changed} \
         userErrors {{ __typename code message path ... on VersionConflict {{ currentVersion }} \
         ... on QuantityChanged {{ currentQuantity }} \
         ... on InsufficientStock {{ available requested }} }} }} }}"
    );
    let reply = client.run(&query, json!({ "input": input })).await;
    if reply["errors"].is_null() {
        reply["data"][field].clone()
    } else {
        reply["errors"].clone()
    }
}

/// What a mutation met: `ok`, the code of its first user error, or the code of a top-level error.
pub(crate) fn code(payload: &Value) -> &str {
    if payload.is_array() {
        return payload[0]["extensions"]["code"].as_str().unwrap();
    }
    payload["userErrors"][0]["code"].as_str().unwrap_or("ok")
}

pub(crate) fn warehouse_input(code: &str) -> Value {
    json!({ "sellerId": shop(), "name": "Gudang Pekalongan", "code": code, "city": "Kota Pekalongan",
            "province": "Jawa Tengah", "idempotencyKey": code })
}

/// Opens a warehouse of the first shop; gives its id.
pub(crate) async fn warehouse(app: &Subgraph, code: &str) -> String {
    let payload = change(
        &app.client(Role::Seller),
        "warehouseCreate",
        warehouse_input(code),
    )
    .await;
    payload["warehouse"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{payload}"))
        .to_owned()
}

/// The input of `stockSet`; its key is made of its values.
pub(crate) fn set_input(
    variant: VariantId,
    warehouse: &str,
    quantity: i32,
    expected: Option<i32>,
) -> Value {
    json!({ "variantId": variant, "warehouseId": warehouse, "quantity": quantity,
            "expectedQuantity": expected,
            "idempotencyKey": format!("{variant}-{warehouse}-{expected:?}-{quantity}") })
}

/// Opens the stock of a variant in a warehouse of the first shop.
pub(crate) async fn stock(app: &Subgraph, variant: VariantId, warehouse: &str, quantity: i32) {
    let input = set_input(variant, warehouse, quantity, None);
    let payload = change(&app.client(Role::Seller), "stockSet", input).await;
    assert_eq!(code(&payload), "ok", "{payload}");
}

/// The input of `stockAdjust` for a correction.
pub(crate) fn adjust_input(variant: VariantId, warehouse: &str, delta: i32, key: &str) -> Value {
    json!({ "variantId": variant, "warehouseId": warehouse, "delta": delta, "reason": "CORRECTION",
            "idempotencyKey": key })
}

/// The stock of a variant in a warehouse, as its owner sees it.
pub(crate) async fn level(app: &Subgraph, variant: VariantId, warehouse: &str) -> Value {
    let query = "query($v: ID!, $w: ID!) { stockLevel(variantId: $v, warehouseId: $w) {
        quantity version movements(first: 100) { nodes {
            seq type delta resultingQuantity reason note actor } } } }";
    let variables = json!({ "v": variant, "w": warehouse });
    let reply = app.client(Role::Seller).run(query, variables).await;
    reply["data"]["stockLevel"].clone()
}

/// The quantity of a variant in a warehouse.
pub(crate) async fn quantity(app: &Subgraph, variant: VariantId, warehouse: &str) -> i64 {
    level(app, variant, warehouse).await["quantity"]
        .as_i64()
        .unwrap()
}

/// The types of all events about stock so far.
pub(crate) async fn stock_events(app: &Subgraph) -> Vec<String> {
    let events = app.outbox().await;
    let types = events
        .iter()
        .map(|event| event["eventType"].as_str().unwrap());
    types
        .filter_map(|name| name.strip_prefix("inventory."))
        .map(str::to_owned)
        .collect()
}
