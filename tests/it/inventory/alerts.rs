use futures_util::future::join_all;
use harness::{Role, Subgraph};
use serde_json::{Value, json};

use super::{adjust_input, change, code, shop, start, stock, stock_events, variant, warehouse};

const ALERTS: &str = "query($seller: ID!, $first: Int, $after: String, $where: StockAlertWhere) {
    stockAlerts(sellerId: $seller, first: $first, after: $after, where: $where) {
        nodes { id type status quantity lowStockThreshold createdAt acknowledgedAt resolvedAt
                stockLevel { quantity variant { id } warehouse { code } } }
        pageInfo { hasNextPage endCursor } } }";

async fn alerts(app: &Subgraph, r#where: Value) -> Vec<Value> {
    let variables = json!({ "seller": shop(), "first": 100, "where": r#where });
    let reply = app.client(Role::Seller).run(ALERTS, variables).await;
    let nodes = reply["data"]["stockAlerts"]["nodes"].as_array();
    nodes.unwrap_or_else(|| panic!("{reply}")).clone()
}

/// Type and status of every alert, the newest first.
fn states(alerts: &[Value]) -> Vec<(&str, &str)> {
    alerts
        .iter()
        .map(|alert| {
            (
                alert["type"].as_str().unwrap(),
                alert["status"].as_str().unwrap(),
            )
        })
        .collect()
}

async fn assert_story(app: &Subgraph) {
    assert_eq!(
        stock_events(app).await,
        [
            "stock_changed",
            "stock_changed",
            "low_stock",
            "alert_acknowledged",
            "threshold_changed",
            "stock_changed",
            "out_of_stock",
            "stock_changed",
            "restocked"
        ]
    );
    let versions: Vec<_> = app.outbox().await[1..]
        .iter()
        .map(|e| e["version"].clone())
        .collect();
    assert_eq!(
        json!(versions),
        json!([1, 2, 3, 4, 5, 6, 7, 8, 9]),
        "no gaps"
    );
}

// T-INV-6, L-WH-V inventory.low_stock, C12
#[tokio::test]
async fn alerts_are_raised_seen_to_and_resolved_as_stock_falls_and_rises() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    let adjust = async |delta| {
        let input = adjust_input(variant(0), &place, delta, &format!("{delta}"));
        assert_eq!(code(&change(&owner, "stockAdjust", input).await), "ok");
        app.clock.advance(chrono::Duration::minutes(1));
    };
    stock(&app, variant(0), &place, 10).await;
    assert!(alerts(&app, json!(null)).await.is_empty());
    adjust(-6).await;
    let found = alerts(&app, json!(null)).await;
    assert_eq!(
        found,
        [
            json!({ "id": found[0]["id"], "type": "LOW_STOCK", "status": "OPEN", "quantity": 4,
            "lowStockThreshold": 5, "createdAt": "2026-01-01T00:00:00+00:00",
            "acknowledgedAt": null, "resolvedAt": null,
            "stockLevel": { "quantity": 4, "variant": { "id": variant(0) },
                            "warehouse": { "code": "PKL-1" } } })
        ]
    );

    let acknowledge = json!({ "alertId": found[0]["id"] });
    let seen_to = json!({ "alert": { "id": found[0]["id"], "type": "LOW_STOCK",
        "status": "ACKNOWLEDGED", "quantity": 4, "acknowledgedAt": "2026-01-01T00:01:00+00:00" },
        "userErrors": [] });
    for _ in 0..2 {
        let reply = change(&owner, "stockAlertAcknowledge", acknowledge.clone()).await;
        assert_eq!(reply, seen_to, "a second time changes nothing");
    }

    let threshold = json!({ "variantId": variant(0), "warehouseId": place, "lowStockThreshold": 3,
                            "expectedVersion": 4 });
    let reply = change(&owner, "stockThresholdSet", threshold).await;
    assert_eq!(
        (
            &reply["stockLevel"]["lowStockThreshold"],
            &reply["stockLevel"]["version"]
        ),
        (&json!(3), &json!(5))
    );
    assert_eq!(
        states(&alerts(&app, json!(null)).await),
        [("LOW_STOCK", "RESOLVED")]
    );
    let late = change(&owner, "stockAlertAcknowledge", acknowledge).await;
    assert_eq!(code(&late), "INVALID_STATE");

    adjust(-4).await;
    adjust(10).await;
    assert_eq!(
        states(&alerts(&app, json!(null)).await),
        [("OUT_OF_STOCK", "RESOLVED"), ("LOW_STOCK", "RESOLVED")]
    );
    app.assert_golden_events_except(&["warehouse.created", "inventory.stock_changed"])
        .await;
    assert_story(&app).await;
}

#[tokio::test]
async fn a_level_has_one_alert_at_a_time_whichever_way_it_goes() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    stock(&app, variant(0), &place, 3).await;
    for (number, (delta, expected)) in [
        (-1, vec![("LOW_STOCK", "OPEN")]),
        (
            -2,
            vec![("OUT_OF_STOCK", "OPEN"), ("LOW_STOCK", "RESOLVED")],
        ),
        (
            5,
            vec![
                ("LOW_STOCK", "OPEN"),
                ("OUT_OF_STOCK", "RESOLVED"),
                ("LOW_STOCK", "RESOLVED"),
            ],
        ),
        (
            1,
            vec![
                ("LOW_STOCK", "RESOLVED"),
                ("OUT_OF_STOCK", "RESOLVED"),
                ("LOW_STOCK", "RESOLVED"),
            ],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        app.clock.advance(chrono::Duration::minutes(1));
        let input = adjust_input(variant(0), &place, delta, &number.to_string());
        change(&owner, "stockAdjust", input).await;
        assert_eq!(
            states(&alerts(&app, json!(null)).await),
            expected,
            "after {delta}"
        );
    }
    let second = sqlx::query(
        "insert into stock_alerts select gen_random_uuid(), l.id, l.seller_id, k, 'OPEN', 0, 0, now() \
         from stock_levels l, unnest(array['LOW_STOCK', 'OUT_OF_STOCK']) k",
    )
    .execute(&app.db)
    .await
    .unwrap_err();
    assert_eq!(
        second.into_database_error().unwrap().constraint(),
        Some("stock_alerts_stock_level_id_key")
    );
}

// T-INV-6 threshold
#[tokio::test]
async fn a_threshold_raises_and_resolves_alerts_and_minds_its_version() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    stock(&app, variant(0), &place, 50).await;
    let set = async |threshold: i32, version: i32| {
        let input = json!({ "variantId": variant(0), "warehouseId": place,
            "lowStockThreshold": threshold, "expectedVersion": version });
        change(&owner, "stockThresholdSet", input).await
    };
    assert_eq!(set(50, 1).await["stockLevel"]["version"], 3, "two events");
    assert_eq!(
        states(&alerts(&app, json!(null)).await),
        [("LOW_STOCK", "OPEN")]
    );
    assert_eq!(
        set(60, 1).await["userErrors"][0],
        json!({ "__typename": "VersionConflict", "code": "VERSION_CONFLICT", "currentVersion": 3,
            "path": ["input", "expectedVersion"],
            "message": "it was changed in the meantime and has version 3 now: read it again, then repeat" })
    );
    assert_eq!(
        set(60, 3).await["stockLevel"]["version"],
        4,
        "it was low already"
    );
    assert_eq!(set(49, 4).await["stockLevel"]["version"], 5);
    assert_eq!(
        states(&alerts(&app, json!(null)).await),
        [("LOW_STOCK", "RESOLVED")]
    );
    for threshold in [-1, 1_000_001] {
        assert_eq!(code(&set(threshold, 5).await), "INVALID_VALUE");
    }
    let nowhere = json!({ "variantId": variant(1), "warehouseId": place, "lowStockThreshold": 1,
                          "expectedVersion": 1 });
    let nowhere = change(&owner, "stockThresholdSet", nowhere).await;
    assert_eq!(code(&nowhere), "NOT_FOUND");
}

#[tokio::test]
async fn with_threshold_zero_only_running_out_is_told() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    let owner = app.client(Role::Seller);
    stock(&app, variant(0), &place, 10).await;
    let input = json!({ "variantId": variant(0), "warehouseId": place, "lowStockThreshold": 0,
                        "expectedVersion": 1 });
    change(&owner, "stockThresholdSet", input).await;
    change(
        &owner,
        "stockAdjust",
        adjust_input(variant(0), &place, -9, "a"),
    )
    .await;
    assert!(alerts(&app, json!(null)).await.is_empty());
    change(
        &owner,
        "stockAdjust",
        adjust_input(variant(0), &place, -1, "b"),
    )
    .await;
    assert_eq!(
        states(&alerts(&app, json!(null)).await),
        [("OUT_OF_STOCK", "OPEN")]
    );
}

#[tokio::test]
async fn an_alert_is_acknowledged_once_however_many_see_to_it() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    stock(&app, variant(0), &place, 1).await;
    let id = alerts(&app, json!(null)).await[0]["id"].clone();
    let owner = app.client(Role::Seller);
    let replies = join_all(
        (0..10).map(|_| change(&owner, "stockAlertAcknowledge", json!({ "alertId": id }))),
    )
    .await;
    assert!(
        replies
            .iter()
            .all(|reply| *reply == replies[0] && code(reply) == "ok"),
        "{replies:?}"
    );
    assert_eq!(
        stock_events(&app).await,
        ["stock_changed", "low_stock", "alert_acknowledged"]
    );
    let unknown = json!({ "alertId": "alert_7zzzzzzzzzzzzzzzzzzzzzzzzz" });
    let unknown = change(&owner, "stockAlertAcknowledge", unknown).await;
    assert_eq!(
        unknown["userErrors"][0]["path"],
        json!(["input", "alertId"])
    );
}

#[tokio::test]
async fn pages_show_every_alert_once_newest_first_and_filters_choose() {
    let app = start().await;
    let place = warehouse(&app, "PKL-1").await;
    for number in 0..15 {
        app.clock.advance(chrono::Duration::seconds(
            i64::try_from(number).unwrap() % 2,
        ));
        stock(
            &app,
            variant(number),
            &place,
            i32::try_from(number).unwrap() % 3,
        )
        .await;
    }
    let owner = app.client(Role::Seller);
    let newest = alerts(&app, json!(null)).await;
    for alert in &newest[..3] {
        change(
            &owner,
            "stockAlertAcknowledge",
            json!({ "alertId": alert["id"] }),
        )
        .await;
    }
    change(
        &owner,
        "stockAdjust",
        adjust_input(variant(0), &place, 100, "k"),
    )
    .await;

    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "seller": shop(), "first": 4, "after": after });
        let reply = owner.run(ALERTS, variables).await;
        let page = &reply["data"]["stockAlerts"];
        let nodes = page["nodes"].as_array().unwrap();
        seen.extend(
            nodes
                .iter()
                .map(|node| node["stockLevel"]["variant"]["id"].clone()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let expected: Vec<_> = (0..15).rev().map(|number| json!(variant(number))).collect();
    assert_eq!(seen, expected);

    for (statuses, count) in [
        (json!([]), 15),
        (json!(["OPEN"]), 11),
        (json!(["ACKNOWLEDGED"]), 3),
        (json!(["RESOLVED"]), 1),
        (json!(["OPEN", "RESOLVED"]), 12),
    ] {
        let found = alerts(&app, json!({ "status": statuses })).await;
        assert_eq!(found.len(), count, "{statuses}");
    }
    for (first, after) in [
        (json!(0), json!(null)),
        (json!(101), json!(null)),
        (json!(1), json!("x")),
    ] {
        let variables = json!({ "seller": shop(), "first": first, "after": after });
        let reply = owner.run(ALERTS, variables).await;
        assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
