use futures_util::future::join_all;
use harness::{Role, user_id};
use serde_json::json;

use super::{
    adjust_input, change, code, level, quantity, start, stock, stock_events, variant, warehouse,
};

// T-INV-2 adjust, L-WH-D movement types
#[tokio::test]
async fn units_come_in_and_go_out_for_a_reason() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 100).await;
    let staff = app.client(Role::Buyer2);
    for (number, (delta, reason, kind)) in [
        (50, "RECEIPT", "RECEIPT"),
        (2, "RETURN", "RETURN"),
        (1, "CORRECTION", "ADJUSTMENT_INCREASE"),
        (1, "COUNT", "ADJUSTMENT_INCREASE"),
        (-3, "DAMAGE", "DAMAGE"),
        (-1, "LOSS", "ADJUSTMENT_DECREASE"),
        (-1, "CORRECTION", "ADJUSTMENT_DECREASE"),
        (-1, "COUNT", "ADJUSTMENT_DECREASE"),
    ]
    .into_iter()
    .enumerate()
    {
        let before = quantity(&app, variant(0), &place).await;
        let input = json!({ "variantId": variant(0), "warehouseId": place, "delta": delta,
            "reason": reason, "note": "hari ini", "idempotencyKey": format!("{number}") });
        let reply = change(&staff, "stockAdjust", input).await;
        assert_eq!(code(&reply), "ok", "{reply}");
        assert_eq!(reply["stockLevel"]["quantity"], before + delta);
        assert_eq!(
            level(&app, variant(0), &place).await["movements"]["nodes"][0],
            json!({ "seq": number + 2, "type": kind, "delta": delta,
                "resultingQuantity": before + delta, "reason": reason, "note": "hari ini",
                "actor": user_id(Role::Buyer2) })
        );
    }
    assert_eq!(stock_events(&app).await, ["stock_changed"; 9]);
}

#[tokio::test]
async fn stock_never_falls_below_zero_nor_grows_without_bound() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 10).await;
    let owner = app.client(Role::Seller);
    let adjust = async |delta| {
        change(
            &owner,
            "stockAdjust",
            adjust_input(variant(0), &place, delta, "k"),
        )
        .await
    };
    assert_eq!(
        adjust(-11).await,
        json!({ "stockLevel": null, "userErrors": [{ "__typename": "InsufficientStock",
            "code": "INSUFFICIENT_STOCK", "message": "there are 10 units, not 11",
            "path": ["input", "delta"], "available": 10, "requested": 11 }] })
    );
    assert_eq!(
        adjust(999_991).await["userErrors"][0]["message"],
        "`delta` must leave at most 1000000 units in the warehouse"
    );
    for delta in [0, 1_000_001, -1_000_001, i32::MIN, i32::MAX] {
        assert_eq!(code(&adjust(delta).await), "INVALID_VALUE", "{delta}");
    }
    assert_eq!(
        adjust(-10).await["stockLevel"]["quantity"],
        0,
        "the last one goes"
    );
    let refused = sqlx::query("update stock_levels set quantity = quantity - 1")
        .execute(&app.db)
        .await
        .unwrap_err();
    let refused = refused.into_database_error().unwrap();
    assert_eq!(refused.constraint(), Some("stock_levels_quantity_check"));
}

#[tokio::test]
async fn adjustments_that_break_a_rule_are_refused() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 10).await;
    let nowhere = "warehouse_7zzzzzzzzzzzzzzzzzzzzzzzzz";
    for (field, value, refusal) in [
        ("variantId", json!(variant(1)), "NOT_FOUND"),
        ("warehouseId", json!(nowhere), "NOT_FOUND"),
        ("reason", json!("DAMAGE"), "INVALID_VALUE"),
        ("reason", json!("LOSS"), "INVALID_VALUE"),
        ("note", json!("x".repeat(501)), "INVALID_VALUE"),
    ] {
        let mut input = adjust_input(variant(0), &place, 1, "k");
        input[field] = value;
        let reply = change(&app.client(Role::Seller), "stockAdjust", input).await;
        assert_eq!(code(&reply), refusal, "{field}");
        assert_eq!(reply["userErrors"][0]["path"], json!(["input", field]));
    }
    for reason in ["RECEIPT", "RETURN"] {
        let mut input = adjust_input(variant(0), &place, -1, "k");
        input["reason"] = json!(reason);
        let reply = change(&app.client(Role::Seller), "stockAdjust", input).await;
        assert_eq!(code(&reply), "INVALID_VALUE");
    }
    assert_eq!(quantity(&app, variant(0), &place).await, 10);
}

// design.md 5: idempotency
#[tokio::test]
async fn the_same_key_adjusts_once() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 10).await;
    let owner = app.client(Role::Seller);
    let replies = join_all((0..10).map(|_| {
        change(
            &owner,
            "stockAdjust",
            adjust_input(variant(0), &place, -1, "k"),
        )
    }))
    .await;
    assert!(
        replies.iter().all(|reply| *reply == replies[0]),
        "{replies:?}"
    );
    let other = change(
        &owner,
        "stockAdjust",
        adjust_input(variant(0), &place, -2, "k"),
    )
    .await;
    assert_eq!(code(&other), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(quantity(&app, variant(0), &place).await, 9);
}

// correctness.md 5.1: 1 unit, N takers, 1 winner, 0 negative
#[tokio::test]
async fn of_many_who_take_the_last_unit_exactly_one_gets_it() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    for run in 0..10 {
        stock(&app, variant(run), &place, 1).await;
        let replies = join_all((0..40).map(|number| {
            let key = format!("{run}-{number}");
            change(
                &owner,
                "stockAdjust",
                adjust_input(variant(run), &place, -1, &key),
            )
        }))
        .await;
        let won = replies.iter().filter(|reply| code(reply) == "ok").count();
        let lost = replies
            .iter()
            .filter(|reply| code(reply) == "INSUFFICIENT_STOCK");
        assert_eq!((won, lost.count()), (1, 39), "{replies:?}");
        assert_eq!(quantity(&app, variant(run), &place).await, 0);
    }
}

#[tokio::test]
async fn takers_and_bringers_at_once_lose_no_unit() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    stock(&app, variant(0), &place, 5).await;
    let replies = join_all((0..60).map(|number| {
        let delta = if number % 2 == 0 { -1 } else { 1 };
        let input = adjust_input(variant(0), &place, delta, &number.to_string());
        let owner = owner.clone();
        async move { (delta, change(&owner, "stockAdjust", input).await) }
    }))
    .await;
    let done = replies.iter().filter(|(_, reply)| code(reply) == "ok");
    let sum: i32 = done.map(|(delta, _)| delta).sum();
    assert_eq!(quantity(&app, variant(0), &place).await, i64::from(5 + sum));
    let found = level(&app, variant(0), &place).await;
    let mut seqs: Vec<_> = found["movements"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|movement| movement["seq"].as_u64().unwrap())
        .collect();
    seqs.reverse();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
}
