use harness::{
    Role,
    access::{Row, SERVICE_ONLY, assert_met, mutation, outcome},
    entities,
};
use serde_json::json;

use super::{change, shop, start, stock, variant, warehouse};

/// In the order of `Role::ALL`: nobody, a stranger, staff, the owner, another owner, an administrator, a part of
/// Pasar.
const fn row(staff: &'static str, owner: &'static str) -> Row {
    [
        "UNAUTHENTICATED",
        "NOT_PERMITTED",
        staff,
        owner,
        "NOT_PERMITTED",
        owner,
        "UNAUTHENTICATED",
    ]
}

const PRIVATE: Row = [
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "ok",
    "ok",
    "FORBIDDEN",
    "ok",
    "UNAUTHENTICATED",
];
const HIDDEN: Row = ["nothing", "nothing", "ok", "ok", "nothing", "ok", "nothing"];

const MUTATIONS: [(&str, &str, Row); 10] = [
    (
        "warehouseCreate",
        "sellerId: SHOP, name: \"\", code: \"\", city: \"\", province: \"\", idempotencyKey: \"k\"",
        row("NOT_PERMITTED", "INVALID_VALUE"),
    ),
    (
        "warehouseUpdate",
        "warehouseId: PLACE, expectedVersion: 99",
        row("NOT_PERMITTED", "VERSION_CONFLICT"),
    ),
    (
        "warehouseDeactivate",
        "warehouseId: PLACE, expectedVersion: 99",
        row("NOT_PERMITTED", "VERSION_CONFLICT"),
    ),
    (
        "warehouseActivate",
        "warehouseId: PLACE, expectedVersion: 99",
        row("NOT_PERMITTED", "VERSION_CONFLICT"),
    ),
    (
        "stockSet",
        "variantId: VARIANT, warehouseId: PLACE, quantity: -1, idempotencyKey: \"k\"",
        row("INVALID_VALUE", "INVALID_VALUE"),
    ),
    (
        "stockSetMany",
        "lines: [{ variantId: VARIANT, warehouseId: PLACE, quantity: -1 }], idempotencyKey: \"k\"",
        row("INVALID_VALUE", "INVALID_VALUE"),
    ),
    (
        "stockAdjust",
        "variantId: VARIANT, warehouseId: PLACE, delta: 0, reason: COUNT, idempotencyKey: \"k\"",
        row("INVALID_VALUE", "INVALID_VALUE"),
    ),
    (
        "stockTransfer",
        "variantId: VARIANT, fromWarehouseId: PLACE, toWarehouseId: PLACE, quantity: 1, \
         idempotencyKey: \"k\"",
        row("INVALID_VALUE", "INVALID_VALUE"),
    ),
    (
        "stockThresholdSet",
        "variantId: VARIANT, warehouseId: PLACE, lowStockThreshold: 1, expectedVersion: 99",
        row("VERSION_CONFLICT", "VERSION_CONFLICT"),
    ),
    ("stockAlertAcknowledge", "alertId: ALERT", row("ok", "ok")),
];

const QUERIES: [(&str, Row); 5] = [
    (
        "stockLevel(variantId: VARIANT, warehouseId: PLACE) { quantity }",
        HIDDEN,
    ),
    ("warehouse(id: PLACE) { code }", HIDDEN),
    ("stockAlerts(sellerId: SHOP) { nodes { id } }", PRIVATE),
    ("stockReconcile(sellerId: SHOP) { checked }", PRIVATE),
    ("availabilitySnapshots(first: 1) { id }", SERVICE_ONLY),
];

// T-RBAC: every root field, every role. Rows are compared whole, so a new role or field shows up here.
#[tokio::test]
async fn every_root_field_answers_each_role_as_the_matrix_says() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 1).await;
    let alert = app.outbox().await[2]["payload"]["alertId"]
        .as_str()
        .unwrap()
        .to_owned();
    let acknowledge = json!({ "alertId": alert });
    change(
        &app.client(Role::Seller),
        "stockAlertAcknowledge",
        acknowledge,
    )
    .await;
    let happened = app.outbox().await.len();
    let fill = |text: &str| {
        text.replace("SHOP", &format!("\"{}\"", shop()))
            .replace("PLACE", &format!("\"{place}\""))
            .replace("VARIANT", &format!("\"{}\"", variant(0)))
            .replace("ALERT", &format!("\"{alert}\""))
    };
    let mut documents: Vec<(String, Row)> = Vec::new();
    for (field, input, expected) in MUTATIONS {
        documents.push((mutation(field, &fill(input)), expected));
    }
    for (field, expected) in QUERIES {
        documents.push((format!("{{ {} }}", fill(field)), expected));
    }
    assert_met(&app, documents).await;
    assert_eq!(app.outbox().await.len(), happened, "nothing happened");
}

// Access is checked on nodes and edges, not only at the root.
#[tokio::test]
async fn every_edge_into_stock_answers_each_role_as_the_matrix_says() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 100).await;
    let open = ["ok"; 7];
    for (kind, selection, id, expected) in [
        (
            "ProductVariant",
            "stock { quantity }",
            variant(0).to_string(),
            PRIVATE,
        ),
        (
            "ProductVariant",
            "availability { quantity }",
            variant(0).to_string(),
            open,
        ),
        (
            "Product",
            "availability { quantity }",
            super::product(0).to_string(),
            open,
        ),
        ("Seller", "warehouses { code }", shop().to_string(), PRIVATE),
        ("Warehouse", "code", place, HIDDEN),
    ] {
        let (query, variables) = entities(kind, selection, &[id]);
        let mut met = Vec::new();
        for role in Role::ALL {
            let reply = app.client(role).run(&query, variables.clone()).await;
            let is_null = reply["data"]["_entities"][0].is_null();
            met.push(if is_null {
                "nothing".to_owned()
            } else {
                outcome(&reply)
            });
        }
        assert_eq!(met, expected, "{kind} {selection}");
    }
}

#[tokio::test]
async fn staff_of_the_marketplace_with_the_permission_manage_every_shop_s_stock() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let clerk = app.client_as(kernel::Principal::user(
        harness::user_id(Role::Buyer),
        kernel::Id::from_uuid(uuid::Uuid::from_u128(1)),
        vec!["support".to_owned()],
        vec!["manage:stock".to_owned()],
    ));
    let set = super::set_input(variant(0), &place, 10, None);
    let reply = change(&clerk, "stockSet", set).await;
    assert_eq!(super::code(&reply), "ok");
    let close = json!({ "warehouseId": place, "expectedVersion": 1 });
    let reply = change(&clerk, "warehouseDeactivate", close).await;
    assert_eq!(super::code(&reply), "ok");
}
