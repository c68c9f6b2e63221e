use futures_util::future::join_all;
use harness::Role;
use serde_json::{Value, json};

use super::{
    change, code, level, other_shop, quantity, start, stock, stock_events, variant, warehouse,
    warehouse_input,
};

fn input(from: &str, to: &str, quantity: i32, key: &str) -> Value {
    json!({ "variantId": variant(0), "fromWarehouseId": from, "toWarehouseId": to,
            "quantity": quantity, "idempotencyKey": key })
}

// L-WH-D transfers
#[tokio::test]
async fn units_go_out_of_one_warehouse_and_into_another() {
    let app = start().await;
    let (first, second) = (
        warehouse(&app, "PKL-1").await,
        warehouse(&app, "PKL-2").await,
    );
    stock(&app, variant(0), &first, 100).await;
    let owner = app.client(Role::Seller);
    app.peers.fail("catalog");
    let reply = change(&owner, "stockTransfer", input(&first, &second, 30, "k1")).await;
    assert_eq!(code(&reply), "ok");
    assert_eq!(
        (
            &reply["from"]["quantity"],
            &reply["from"]["warehouse"]["code"]
        ),
        (&json!(70), &json!("PKL-1"))
    );
    assert_eq!(
        (&reply["to"]["quantity"], &reply["to"]["warehouse"]["code"]),
        (&json!(30), &json!("PKL-2"))
    );
    assert_eq!(reply["to"]["product"], reply["from"]["product"]);
    let back = change(&owner, "stockTransfer", input(&second, &first, 30, "k2")).await;
    assert_eq!(
        (&back["from"]["quantity"], &back["to"]["quantity"]),
        (&json!(0), &json!(100))
    );
    let again = change(&owner, "stockTransfer", input(&first, &second, 30, "k1")).await;
    assert_eq!(again, reply, "the same key moves units once");
    let other = change(&owner, "stockTransfer", input(&first, &second, 31, "k1")).await;
    assert_eq!(code(&other), "IDEMPOTENCY_KEY_REUSED");

    let found = level(&app, variant(0), &second).await;
    let kinds: Vec<_> = found["movements"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| {
            (
                m["type"].as_str().unwrap(),
                m["delta"].as_i64().unwrap(),
                m["reason"].is_null(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [("TRANSFER_OUT", -30, true), ("TRANSFER_IN", 30, true)]
    );
    assert_eq!(
        stock_events(&app).await,
        [
            "stock_changed",
            "stock_changed",
            "stock_changed",
            "stock_changed",
            "out_of_stock",
            "stock_changed"
        ]
    );
}

#[tokio::test]
async fn transfers_that_break_a_rule_are_refused_and_leave_both_places_alone() {
    let app = start().await;
    let (first, second) = (
        warehouse(&app, "PKL-1").await,
        warehouse(&app, "PKL-2").await,
    );
    let mut elsewhere = warehouse_input("SBY-1");
    elsewhere["sellerId"] = json!(other_shop());
    let elsewhere = change(&app.client(Role::Seller2), "warehouseCreate", elsewhere).await;
    let elsewhere = elsewhere["warehouse"]["id"].as_str().unwrap();
    stock(&app, variant(0), &first, 10).await;
    stock(&app, variant(0), &second, 999_995).await;
    let owner = app.client(Role::Seller);
    let nowhere = "warehouse_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    for (from, to, units, refusal, field) in [
        (
            first.as_str(),
            second.as_str(),
            0,
            "INVALID_VALUE",
            "quantity",
        ),
        (&first, &second, -1, "INVALID_VALUE", "quantity"),
        (&first, &second, 1_000_001, "INVALID_VALUE", "quantity"),
        (&first, &second, 6, "INVALID_VALUE", "quantity"),
        (&first, &second, 11, "INSUFFICIENT_STOCK", "quantity"),
        (&first, &first, 1, "INVALID_VALUE", "toWarehouseId"),
        (&first, elsewhere, 1, "NOT_FOUND", "toWarehouseId"),
        (&first, nowhere, 1, "NOT_FOUND", "toWarehouseId"),
        (nowhere, &first, 1, "NOT_FOUND", "fromWarehouseId"),
        (elsewhere, &first, 1, "NOT_PERMITTED", "fromWarehouseId"),
    ] {
        let reply = change(&owner, "stockTransfer", input(from, to, units, "k")).await;
        assert_eq!(code(&reply), refusal, "{from} {to} {units}: {reply}");
        assert_eq!(reply["userErrors"][0]["path"], json!(["input", field]));
    }
    let third = warehouse(&app, "PKL-3").await;
    let reply = change(&owner, "stockTransfer", input(&third, &first, 1, "k")).await;
    assert_eq!(code(&reply), "NOT_FOUND");
    assert_eq!(
        reply["userErrors"][0]["path"],
        json!(["input", "variantId"])
    );
    let reply = change(&owner, "stockTransfer", input(&first, &third, 11, "k")).await;
    assert_eq!(
        reply["userErrors"][0],
        json!({ "__typename": "InsufficientStock", "code": "INSUFFICIENT_STOCK",
            "message": "there are 10 units, not 11", "path": ["input", "quantity"],
            "available": 10, "requested": 11 })
    );
    assert_eq!(quantity(&app, variant(0), &first).await, 10);
    assert_eq!(
        level(&app, variant(0), &third).await,
        Value::Null,
        "no level was opened"
    );
}

// correctness.md 5.1: locks in one order
#[tokio::test]
async fn transfers_in_all_directions_at_once_with_counts_between_lose_no_unit() {
    let app = start().await;
    let mut places = Vec::new();
    for code in ["PKL-1", "PKL-2", "PKL-3"] {
        places.push(warehouse(&app, code).await);
    }
    stock(&app, variant(0), &places[1], 50).await;
    let owner = app.client(Role::Seller);
    let replies = join_all((0..60_usize).map(|number| {
        let (from, to) = (number % 3, (number / 3 % 2 + 1 + number) % 3);
        let units = i32::try_from(number % 5).unwrap() + 1;
        let transfer = input(&places[from], &places[to], units, &number.to_string());
        // Counts take the same levels, opening one that a transfer may be opening.
        let lines: Vec<_> = places
            .iter()
            .rev()
            .map(|place| {
                json!({ "variantId": variant(0), "warehouseId": place, "quantity": 0,
                        "expectedQuantity": (place == &places[1]).then_some(-1) })
            })
            .collect();
        let count = json!({ "lines": lines, "idempotencyKey": format!("count-{number}") });
        let owner = owner.clone();
        async move {
            if number % 4 == 3 {
                change(&owner, "stockSetMany", count).await
            } else {
                change(&owner, "stockTransfer", transfer).await
            }
        }
    }))
    .await;
    assert!(replies.iter().all(Value::is_object), "{replies:?}");
    let mut sum = 0;
    for place in &places {
        sum += level(&app, variant(0), place).await["quantity"]
            .as_i64()
            .unwrap_or(0);
    }
    assert_eq!(sum, 50);
}
