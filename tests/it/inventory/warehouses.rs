use futures_util::future::join_all;
use harness::{Role, Subgraph, entities};
use serde_json::{Value, json};

use super::{change, code, other_shop, shop, start, stock, variant, warehouse, warehouse_input};

// T-INV-W, L-WH-E, L-WH-D warehouses
#[tokio::test]
async fn a_warehouse_is_opened_changed_closed_and_opened_again() {
    let app = start().await;
    let owner = app.client(Role::Seller);
    let created = change(&owner, "warehouseCreate", warehouse_input("PKL-1")).await;
    let id = "warehouse_00000000000000000000000001";
    let mut expected = json!({
        "id": id, "seller": { "id": shop() }, "name": "Gudang Pekalongan", "code": "PKL-1",
        "city": "Kota Pekalongan", "province": "Jawa Tengah", "isActive": true, "version": 1,
        "createdAt": "2026-01-01T00:00:00+00:00", "updatedAt": "2026-01-01T00:00:00+00:00",
    });
    assert_eq!(created, json!({ "warehouse": expected, "userErrors": [] }));

    app.clock.advance(chrono::Duration::hours(1));
    let input = json!({ "warehouseId": id, "expectedVersion": 1, "name": "Gudang Utama" });
    let updated = change(&owner, "warehouseUpdate", input).await;
    expected["name"] = json!("Gudang Utama");
    expected["version"] = json!(2);
    expected["updatedAt"] = json!("2026-01-01T01:00:00+00:00");
    assert_eq!(updated, json!({ "warehouse": expected, "userErrors": [] }));

    for (field, version, is_active) in [
        ("warehouseDeactivate", 2, false),
        ("warehouseActivate", 3, true),
    ] {
        let input = json!({ "warehouseId": id, "expectedVersion": version });
        let changed = change(&owner, field, input.clone()).await;
        expected["isActive"] = json!(is_active);
        expected["version"] = json!(version + 1);
        assert_eq!(changed, json!({ "warehouse": expected, "userErrors": [] }));

        let stale = change(&owner, field, input).await;
        assert_eq!(stale["userErrors"][0]["currentVersion"], json!(version + 1));
        let again = json!({ "warehouseId": id, "expectedVersion": version + 1 });
        let again = change(&owner, field, again).await;
        assert_eq!(code(&again), "INVALID_STATE");
    }
    app.assert_golden_events().await;
    assert_eq!(app.outbox().await.len(), 4);
}

// design.md 5: idempotency
#[tokio::test]
async fn the_same_key_opens_one_warehouse_and_refuses_another_input() {
    let app = start().await;
    let owner = app.client(Role::Seller);
    let replies =
        join_all((0..10).map(|_| change(&owner, "warehouseCreate", warehouse_input("PKL-1"))))
            .await;
    assert!(replies.iter().all(|r| *r == replies[0]), "{replies:?}");
    let mut other = warehouse_input("PKL-2");
    other["idempotencyKey"] = json!("PKL-1");
    let other = change(&owner, "warehouseCreate", other).await;
    assert_eq!(code(&other), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(app.outbox().await.len(), 1);
}

#[tokio::test]
async fn a_code_is_unique_within_its_shop() {
    let app = start().await;
    let (owner, other_owner) = (app.client(Role::Seller), app.client(Role::Seller2));
    warehouse(&app, "PKL-1").await;
    let second = warehouse(&app, "PKL-2").await;
    let mut again = warehouse_input("PKL-1");
    again["idempotencyKey"] = json!("again");
    let again_reply = change(&owner, "warehouseCreate", again.clone()).await;
    assert_eq!(
        again_reply,
        json!({ "warehouse": null, "userErrors": [{ "__typename": "Refusal",
            "code": "ALREADY_EXISTS", "message": "another warehouse of the shop has this code",
            "path": ["input", "code"] }] })
    );
    let rename = json!({ "warehouseId": second, "expectedVersion": 1, "code": "PKL-1" });
    let rename = change(&owner, "warehouseUpdate", rename).await;
    assert_eq!(code(&rename), "ALREADY_EXISTS");
    again["sellerId"] = json!(other_shop());
    let elsewhere = change(&other_owner, "warehouseCreate", again).await;
    assert_eq!(code(&elsewhere), "ok");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_path_and_leaves_nothing() {
    let app = start().await;
    let owner = app.client(Role::Seller);
    let code_rule = "`code` must have 2 to 20 capital letters, digits and hyphens";
    for (field, value, message) in [
        (
            "name",
            "x".to_owned(),
            "`name` must have 2 to 80 characters",
        ),
        (
            "name",
            "tab\there".to_owned(),
            "`name` must have 2 to 80 characters",
        ),
        ("city", String::new(), "`city` must have 2 to 80 characters"),
        (
            "province",
            "x".repeat(81),
            "`province` must have 2 to 80 characters",
        ),
        ("code", "pkl-1".to_owned(), code_rule),
        ("code", "P".to_owned(), code_rule),
        ("code", "P".repeat(21), code_rule),
    ] {
        let mut input = warehouse_input("PKL-1");
        input[field] = json!(value);
        let reply = change(&owner, "warehouseCreate", input).await;
        assert_eq!(
            reply,
            json!({ "warehouse": null, "userErrors": [{ "__typename": "Refusal",
                "code": "INVALID_VALUE", "message": message, "path": ["input", field] }] })
        );
    }
    let mut input = warehouse_input("PKL-1");
    input["idempotencyKey"] = json!("");
    let reply = change(&owner, "warehouseCreate", input).await;
    assert_eq!(reply[0]["extensions"]["code"], "BAD_USER_INPUT");
    assert!(app.outbox().await.is_empty());

    let id = warehouse(&app, "PKL-1").await;
    let update = json!({ "warehouseId": id, "expectedVersion": 1, "city": "" });
    let update = change(&owner, "warehouseUpdate", update).await;
    assert_eq!(update["userErrors"][0]["path"], json!(["input", "city"]));
    let unknown =
        json!({ "warehouseId": "warehouse_7zzzzzzzzzzzzzzzzzzzzzzzzz", "expectedVersion": 1 });
    let unknown = change(&owner, "warehouseDeactivate", unknown).await;
    assert_eq!(code(&unknown), "NOT_FOUND");
}

#[tokio::test]
async fn a_shop_never_has_more_than_fifty_warehouses_however_many_are_opened_at_once() {
    let app = start().await;
    let owner = app.client(Role::Seller);
    let replies = join_all((10..65).map(|number| {
        let (owner, input) = (owner.clone(), warehouse_input(&format!("W-{number}")));
        async move { change(&owner, "warehouseCreate", input).await }
    }))
    .await;
    let refused = replies.iter().filter(|reply| code(reply) == "TOO_MANY");
    assert_eq!(refused.count(), 5);
    assert_eq!(
        seen_warehouses(&app, Role::Seller)
            .await
            .as_array()
            .unwrap()
            .len(),
        50
    );
}

async fn seen_warehouses(app: &Subgraph, role: Role) -> Value {
    let (query, variables) = entities("Seller", "warehouses { id code }", &[shop().to_string()]);
    let reply = app.client(role).run(&query, variables).await;
    reply["data"]["_entities"][0]["warehouses"].clone()
}

// T-INV-W: what is taken off sale is not available, and nothing is brought there
#[tokio::test]
async fn the_stock_of_a_deactivated_warehouse_is_not_for_sale_and_only_becomes_less() {
    let app = start().await;
    let owner = app.client(Role::Seller);
    let (closed, open) = (
        warehouse(&app, "PKL-1").await,
        warehouse(&app, "PKL-2").await,
    );
    stock(&app, variant(0), &closed, 100).await;
    stock(&app, variant(0), &open, 20).await;
    let input = json!({ "warehouseId": closed, "expectedVersion": 1 });
    change(&owner, "warehouseDeactivate", input).await;

    let ids = [variant(0).to_string()];
    let (query, variables) = entities("ProductVariant", "availability { status quantity }", &ids);
    let reply = app.client(Role::Anonymous).run(&query, variables).await;
    assert_eq!(
        reply["data"]["_entities"][0]["availability"],
        json!({ "status": "IN_STOCK", "quantity": 20 })
    );

    let adjust = |delta, reason| {
        json!({ "variantId": variant(0), "warehouseId": closed, "delta": delta, "reason": reason,
                "idempotencyKey": format!("{delta}") })
    };
    let transfer = |from: &str, to: &str| {
        json!({ "variantId": variant(0), "fromWarehouseId": from, "toWarehouseId": to, "quantity": 1,
                "idempotencyKey": format!("{from}{to}") })
    };
    let set = |quantity, expected| super::set_input(variant(0), &closed, quantity, Some(expected));
    let new = super::set_input(variant(1), &closed, 1, None);
    for (field, input, expected) in [
        ("stockAdjust", adjust(1, "RECEIPT"), "INVALID_STATE"),
        ("stockAdjust", adjust(-1, "DAMAGE"), "ok"),
        ("stockSet", set(100, 99), "INVALID_STATE"),
        ("stockSet", set(98, 99), "ok"),
        ("stockSet", new, "INVALID_STATE"),
        ("stockTransfer", transfer(&open, &closed), "INVALID_STATE"),
        ("stockTransfer", transfer(&closed, &open), "ok"),
    ] {
        let reply = change(&owner, field, input.clone()).await;
        assert_eq!(code(&reply), expected, "{field} {input}");
    }
}
