//! The marketplace tells people what happens while they look: from a change in one subgraph, over the bus,
//! to a subscriber in front of the router, with fields of other subgraphs.

use harness::{
    deployment::{Deployment, login},
    event_stream::{EventStream, Heard},
    http::HttpClient,
};
use serde_json::{Value, json};

use super::{
    SELLER, assert_no_internals, codes, shop,
    writes::{CREATE, PASSWORD, PUBLISH, product_input, register, review, step},
};

const HEAR: &str = "subscription($after: Int64) { told: notificationReceived(afterSeq: $after) {
    seq type
    product { slug name seller { shopName } }
    review { rating author { displayName } }
    seller { shopName } } }";

/// The next notification of that type about the product `slug`; the shop hears of other things too.
async fn hear(events: &mut EventStream, kind: &str, slug: &str) -> Value {
    loop {
        let event = events.next().await;
        assert_eq!(event.get("errors"), None, "{event}");
        let told = &event["data"]["told"];
        if told["type"] == kind && told["product"]["slug"] == slug {
            return told.clone();
        }
    }
}

async fn published_product(started: &Deployment, tag: &str) -> Value {
    let seller = started.login(SELLER).await;
    let input = json!({ "input": product_input(&seller, tag).await });
    let created = step(&seller, CREATE, input).await;
    let product = &created["data"]["productCreate"]["product"];
    let publish = json!({ "productId": product["id"], "expectedVersion": product["version"] });
    step(&seller, PUBLISH, json!({ "input": publish })).await;
    product["id"].clone()
}

// T-NOT-1, R-NOT: issue 4, scope 5 "entity fields of an event are resolved across subgraphs".
#[tokio::test]
async fn a_shop_hears_of_a_review_with_what_other_subgraphs_know_in_both_deployments() {
    for (deployment, started) in shop().await.both() {
        let tag = format!("dengar-{deployment}");
        let slug = format!("kopi-{tag}");
        let seller = started.login(SELLER).await;
        let mut events = seller.subscribe(HEAR, json!({})).await;
        let product = published_product(started, &tag).await;
        review(started, &tag, &product).await;
        let told = hear(&mut events, "REVIEW_POSTED", &slug).await;
        assert_eq!(
            told["review"],
            json!({ "rating": 4, "author": { "displayName": "Rani W." } })
        );
        assert_eq!(told["product"]["name"], "Zz Kopi Gayo Uji");
        let shop_name = &told["product"]["seller"]["shopName"];
        assert!(
            shop_name.is_string() && told["seller"]["shopName"] == *shop_name,
            "{told}"
        );

        // Whoever comes back with the number that they saw before hears it again, and of nothing before it.
        drop(events);
        let seq: i64 = told["seq"].as_str().unwrap().parse().unwrap();
        let after = json!({ "after": (seq - 1).to_string() });
        let mut again = seller.subscribe(HEAR, after).await;
        assert_eq!(again.next().await["data"]["told"], told);
    }
}

// T-NOT-1: a welcome, and for its owner only.
#[tokio::test]
async fn each_person_hears_their_own_notifications_in_both_deployments() {
    for (deployment, started) in shop().await.both() {
        let email = format!("dengar-{deployment}@pasar.example");
        register(&started.client(), &email).await;
        let user = login(&started.client(), &email, PASSWORD).await;
        let mut events = user.subscribe(HEAR, json!({ "after": "0" })).await;
        let expected = json!({ "seq": "1", "type": "WELCOME", "product": null, "review": null, "seller": null });
        assert_eq!(events.next().await["data"]["told"], expected);

        let mut nobody = started.client().subscribe(HEAR, json!({})).await;
        let refused = nobody.next().await;
        assert_eq!(codes(&refused), ["UNAUTHENTICATED"], "{refused}");
    }
}

// Issue 4, scope 5: a subgraph that dies is an error for its subscribers, never a silence.
#[tokio::test]
async fn a_subgraph_that_is_killed_is_told_to_its_subscribers_and_can_be_subscribed_to_again() {
    let shop = shop().await;
    let mut notifications = shop.split.another_subgraph("notifications", &[]);
    let url = format!("{}/notifications/graphql", notifications.url);
    let router = shop.split.another_router("notifications", &url, &[]);
    let email = "dengar-sampai-mati@pasar.example";
    register(&shop.split.client(), email).await;
    let user = login(&HttpClient::new(&router.url), email, PASSWORD).await;
    let from_the_first = json!({ "after": "0" });
    let mut events = user.subscribe(HEAR, from_the_first.clone()).await;
    let welcome = events.next().await;
    assert_eq!(welcome["data"]["told"]["type"], "WELCOME");

    notifications.kill();
    let last = events.next().await;
    assert_eq!(last.get("data"), None, "{last}");
    assert_eq!(codes(&last), ["DOWNSTREAM_SERVICE_ERROR"]);
    assert_no_internals(&last.to_string());
    assert_eq!(events.hear().await, Heard::Complete);
    let mut refused = user.subscribe(HEAR, json!({})).await;
    assert_eq!(codes(&refused.next().await), ["DOWNSTREAM_SERVICE_ERROR"]);

    notifications.start_again();
    let mut again = user.subscribe(HEAR, from_the_first).await;
    assert_eq!(again.next().await, welcome);
    let operators = HttpClient::new(&router.admin_url);
    let metrics = operators.get("/metrics").await.body;
    let metrics = String::from_utf8_lossy(&metrics);
    for line in [
        "pasar_router_upstream_subscriptions_active{subgraph=\"notifications\"} 1",
        "pasar_router_upstream_events_total{subgraph=\"notifications\"} 2",
        "pasar_router_upstream_subscriptions_ended_total{subgraph=\"notifications\",outcome=\"unreachable\"} 1",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
}
