use futures_util::future::join_all;
use harness::{Role, user_id};
use serde_json::{Value, json};

use super::{
    change, code, level, product, quantity, set_input, start, stock, stock_events, variant,
    warehouse,
};

// T-INV-2 set, L-WH-E, L-WH-D, C22
#[tokio::test]
async fn a_first_count_opens_the_level_and_begins_its_ledger() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    let mut input = set_input(variant(5), &place, 40, None);
    input["note"] = json!("stok awal");
    let reply = change(&owner, "stockSet", input).await;
    assert_eq!(
        reply,
        json!({ "stockLevel": {
            "id": "stock_00000000000000000000000003", "quantity": 40, "lowStockThreshold": 5,
            "version": 1, "variant": { "id": variant(5) }, "product": { "id": product(2) },
            "warehouse": { "code": "PKL-1" }, "updatedAt": "2026-01-01T00:00:00+00:00",
        }, "userErrors": [] })
    );
    assert_eq!(
        level(&app, variant(5), &place).await["movements"]["nodes"],
        json!([{ "seq": 1, "type": "INITIAL", "delta": 40, "resultingQuantity": 40, "reason": "COUNT",
                 "note": "stok awal", "actor": user_id(Role::Seller) }])
    );
    app.assert_golden_events_except(&["warehouse.created"])
        .await;
    assert_eq!(stock_events(&app).await, ["stock_changed"]);
}

// T-INV-2 compare-and-set
#[tokio::test]
async fn a_count_holds_only_if_the_stock_is_what_was_read() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    let set = async |quantity, expected| {
        change(
            &owner,
            "stockSet",
            set_input(variant(0), &place, quantity, expected),
        )
        .await
    };
    assert_eq!(
        set(7, Some(1)).await["userErrors"][0],
        json!({ "__typename": "QuantityChanged", "code": "QUANTITY_CHANGED",
            "message": "there is no stock level yet: leave out `expectedQuantity` to open it",
            "path": ["input", "expectedQuantity"], "currentQuantity": null })
    );
    assert_eq!(code(&set(40, None).await), "ok");
    for expected in [None, Some(39)] {
        assert_eq!(
            set(50, expected).await["userErrors"][0],
            json!({ "__typename": "QuantityChanged", "code": "QUANTITY_CHANGED",
                "message": "there are 40 units now: read the stock again, then repeat",
                "path": ["input", "expectedQuantity"], "currentQuantity": 40 })
        );
    }
    assert_eq!(set(30, Some(40)).await["stockLevel"]["quantity"], 30);
    assert_eq!(
        set(30, Some(30)).await["stockLevel"]["version"],
        2,
        "nothing changed"
    );
    assert_eq!(set(31, Some(30)).await["stockLevel"]["version"], 3);
    let found = level(&app, variant(0), &place).await;
    let kinds: Vec<_> = found["movements"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|movement| {
            (
                movement["type"].as_str().unwrap(),
                movement["delta"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("ADJUSTMENT_INCREASE", 1),
            ("ADJUSTMENT_DECREASE", -10),
            ("INITIAL", 40)
        ]
    );
}

#[tokio::test]
async fn a_first_count_of_nothing_is_recorded_too() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 0).await;
    let found = level(&app, variant(0), &place).await;
    assert_eq!(found["movements"]["nodes"][0]["delta"], 0);
    assert_eq!(stock_events(&app).await, ["stock_changed", "out_of_stock"]);
}

// C22: the variant must be the shop's; catalog is asked only when a level is opened
#[tokio::test]
async fn only_variants_of_the_warehouse_s_shop_get_stock_there() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    for stranger in [variant(1_000), variant(5_000)] {
        let reply = change(&owner, "stockSet", set_input(stranger, &place, 1, None)).await;
        assert_eq!(
            reply["userErrors"][0],
            json!({ "__typename": "Refusal", "code": "NOT_FOUND",
                "message": "the shop of the warehouse has no such variant",
                "path": ["input", "variantId"] })
        );
    }
    stock(&app, variant(0), &place, 10).await;
    app.peers.fail("catalog");
    let known = change(
        &owner,
        "stockSet",
        set_input(variant(0), &place, 11, Some(10)),
    )
    .await;
    assert_eq!(known["stockLevel"]["quantity"], 11);
    let new = change(&owner, "stockSet", set_input(variant(1), &place, 1, None)).await;
    assert_eq!(new[0]["extensions"]["code"], "UNAVAILABLE");
    app.peers.fail("sellers");
    let known = change(
        &owner,
        "stockSet",
        set_input(variant(0), &place, 12, Some(11)),
    )
    .await;
    assert_eq!(known[0]["extensions"]["code"], "UNAVAILABLE");
}

#[tokio::test]
async fn counts_that_break_a_rule_are_refused() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    stock(&app, variant(0), &place, 10).await;
    for (field, value, path, refusal) in [
        ("quantity", json!(-1), "quantity", "INVALID_VALUE"),
        ("quantity", json!(1_000_001), "quantity", "INVALID_VALUE"),
        ("note", json!("x".repeat(501)), "note", "INVALID_VALUE"),
        ("note", json!("tab\there"), "note", "INVALID_VALUE"),
        ("reason", json!("RECEIPT"), "reason", "INVALID_VALUE"),
        (
            "expectedQuantity",
            json!(-1),
            "expectedQuantity",
            "QUANTITY_CHANGED",
        ),
        (
            "warehouseId",
            json!("warehouse_7zzzzzzzzzzzzzzzzzzzzzzzzz"),
            "warehouseId",
            "NOT_FOUND",
        ),
    ] {
        let mut input = set_input(variant(0), &place, 8, Some(10));
        input[field] = value;
        let reply = change(&owner, "stockSet", input).await;
        assert_eq!(code(&reply), refusal, "{field}");
        assert_eq!(reply["userErrors"][0]["path"], json!(["input", path]));
    }
    let mut damaged = set_input(variant(1), &place, 8, None);
    damaged["reason"] = json!("DAMAGE");
    assert_eq!(
        code(&change(&owner, "stockSet", damaged).await),
        "INVALID_VALUE"
    );
    assert_eq!(quantity(&app, variant(0), &place).await, 10);
    assert_eq!(stock_events(&app).await.len(), 1);
}

// design.md 5: idempotency
#[tokio::test]
async fn the_same_key_counts_once_even_when_others_have_counted_since() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    let input = set_input(variant(0), &place, 10, None);
    let first = change(&owner, "stockSet", input.clone()).await;
    change(
        &owner,
        "stockSet",
        set_input(variant(0), &place, 20, Some(10)),
    )
    .await;
    app.peers.answer("catalog", json!({ "variantOwners": [] }));
    let again = change(&owner, "stockSet", input.clone()).await;
    assert_eq!(
        again, first,
        "although the variant is gone and there are 20 now"
    );
    let mut other = input;
    other["quantity"] = json!(11);
    let other = change(&owner, "stockSet", other).await;
    assert_eq!(code(&other), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(quantity(&app, variant(0), &place).await, 20);
}

#[tokio::test]
async fn of_many_counts_from_one_reading_exactly_one_holds() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    for (expected, quantities) in [(None, 100..120), (Some(()), 200..220)] {
        let before = match expected {
            None => None,
            Some(()) => Some(i32::try_from(quantity(&app, variant(0), &place).await).unwrap()),
        };
        let replies: Vec<Value> = join_all(quantities.map(|quantity| {
            let input = set_input(variant(0), &place, quantity, before);
            change(&owner, "stockSet", input)
        }))
        .await;
        let won: Vec<_> = replies.iter().filter(|reply| code(reply) == "ok").collect();
        assert_eq!(won.len(), 1, "{replies:?}");
        let lost = replies
            .iter()
            .filter(|reply| code(reply) == "QUANTITY_CHANGED");
        assert_eq!(lost.count(), 19);
        assert_eq!(
            won[0]["stockLevel"]["quantity"],
            quantity(&app, variant(0), &place).await
        );
    }
}
