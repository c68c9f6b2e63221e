use std::collections::BTreeSet;

use futures_util::future::join_all;
use harness::Role;
use serde_json::json;

use super::{
    about, channels, consume, deliver_as, event, fan_out_as, letters, own, product, shop_of, start,
    watch, worker,
};

// The number of each notification, with many workers and many events for the same people: 1, 2, 3 … n.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_have_no_gap_whoever_writes_at_the_same_time() {
    let app = start().await;
    shop_of(
        &app,
        &[
            (Role::Seller, "OWNER"),
            (Role::Buyer, "STAFF"),
            (Role::Buyer2, "STAFF"),
        ],
    );
    let product = product(&app).await;
    for role in [Role::Buyer, Role::Buyer2, Role::Seller] {
        watch(&app, role, &product, json!(["BACK_IN_STOCK"])).await;
    }
    for number in 0..20 {
        let alert = format!("alert_000000000000000000000000{:02}", number);
        consume(
            &app,
            &event(
                "inventory.low_stock",
                json!({ "productId": product, "alertId": alert }),
            ),
        )
        .await;
        consume(
            &app,
            &event("inventory.restocked", json!({ "productId": product })),
        )
        .await;
        consume(&app, &about("user.password_changed", Role::Buyer)).await;
    }
    let contexts: Vec<_> = (0..6).map(|_| worker(&app)).collect();
    join_all(
        contexts
            .into_iter()
            .map(|ctx| tokio::spawn(async move { fan_out_as(&ctx).await })),
    )
    .await;
    // Somebody else's row lock may have made a worker leave early.
    super::fan_out(&app).await;
    for (role, expected) in [(Role::Buyer, 41), (Role::Buyer2, 21), (Role::Seller, 21)] {
        let user = own(&app, role, "notifications(first: 100) { nodes { seq } }").await;
        let nodes = user["notifications"]["nodes"].as_array().unwrap().clone();
        let seqs: Vec<i64> = nodes
            .iter()
            .rev()
            .map(|n| n["seq"].as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(seqs, (1..=expected).collect::<Vec<_>>(), "{role:?}");
    }
    let failures: Vec<Option<String>> = sqlx::query_scalar("select failure from announcements")
        .fetch_all(&app.db)
        .await
        .unwrap();
    assert_eq!(failures, Vec::<Option<String>>::new());
}

// Several workers send each message once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_do_not_send_the_same_message() {
    let app = start().await;
    for _ in 0..100 {
        consume(&app, &about("user.password_changed", Role::Buyer)).await;
    }
    super::fan_out(&app).await;
    let workers = (0..5).map(|_| {
        let (ctx, channels) = (worker(&app), channels(&app));
        tokio::spawn(async move { deliver_as(&ctx, &channels).await.unwrap() })
    });
    let sent: usize = join_all(workers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    assert_eq!(sent, 100);
    let log = super::deliveries(&app, "id status attempts").await;
    let ids: BTreeSet<_> = log.iter().map(|one| one["id"].to_string()).collect();
    assert_eq!(ids.len(), 100);
    assert!(
        log.iter()
            .all(|one| one["status"] == "SENT" && one["attempts"] == 1),
        "{log:?}"
    );
    assert_eq!(letters(&app, "id").await.len(), 100);
}

// Whoever watches again while watchers are told waits for that, and neither fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn watching_and_telling_watchers_do_not_stand_in_each_others_way() {
    const ROUNDS: i64 = 40;
    let app = start().await;
    let product = product(&app).await;
    for role in [Role::Buyer, Role::Buyer2, Role::Seller] {
        watch(&app, role, &product, json!(["PRICE_DROP"])).await;
    }
    for round in 1..=ROUNDS {
        let price = json!({ "currency": "IDR", "minor_units": 4_500 - round });
        let mut cheaper = event(
            "product.updated",
            json!({ "productId": product, "minPrice": price, "status": "ACTIVE" }),
        );
        cheaper.version = 1_000 + i32::try_from(round).unwrap();
        consume(&app, &cheaper).await;
    }
    let ctx = worker(&app);
    let telling = tokio::spawn(async move { fan_out_as(&ctx).await });
    while !telling.is_finished() {
        let again = [Role::Buyer, Role::Buyer2, Role::Seller];
        join_all(again.map(|role| watch(&app, role, &product, json!(["PRICE_DROP"])))).await;
    }
    telling.await.unwrap();
    let failures: i64 = sqlx::query_scalar("select count(*) from announcements")
        .fetch_one(&app.db)
        .await
        .unwrap();
    assert_eq!(failures, 0, "what failed waits for its next attempt");
    let told = super::told(&app, Role::Buyer).await.len();
    assert_eq!(i64::try_from(told).unwrap(), ROUNDS);
}
