//! A new supergraph comes into use while sockets are open.

use futures_util::future::join_all;
use process::config::DurationSetting;
use serde_json::json;

use super::{Listening, complete, listening_with, next};
use crate::shop::gone;

async fn pinging() -> Listening {
    listening_with(|settings| {
        settings.subscriptions.ping_interval = DurationSetting::from_secs(3);
    })
    .await
}

#[tokio::test]
async fn a_subscription_to_an_old_schema_ends_with_the_next_ping_and_mutations_are_finished() {
    let router = pinging().await;
    let mut socket = router.connect().await;
    socket.subscribe("s", "subscription { ticks }").await;
    socket.subscribe("m", "mutation { gated }").await;
    let ticks = router.subgraph.tickers(1).await;
    router.subgraph.asked_for("gated").await;
    router.swap();
    gone(&ticks[0]).await;
    // The mutation goes on with the plan that it began with.
    router.subgraph.gate.notify_one();
    assert_eq!(socket.receive().await, next("m", &json!({"gated": "open"})));
    assert_eq!(socket.receive().await, complete("m"));
    let reason = "The schema has changed, connect again".to_owned();
    assert_eq!(socket.closed().await, (4205, reason));

    let mut again = router.connect().await;
    again.subscribe("s", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(2).await;
    ticks[1].send(json!(1)).unwrap();
    assert_eq!(again.receive().await, next("s", &json!({"ticks": 1})));
}

#[tokio::test]
async fn a_connection_without_subscriptions_to_an_old_schema_stays() {
    let router = pinging().await;
    let mut idle = router.connect().await;
    let mut ended = router.connect().await;
    ended.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(1).await;
    ticks[0].send(json!("end")).unwrap();
    assert_eq!(ended.receive().await, complete("1"));
    router.swap();
    let mut subscriber = router.connect().await;
    subscriber.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(2).await;
    // All at once: who does not read does not answer pings, and is gone.
    let all = [&mut idle, &mut ended, &mut subscriber];
    join_all(all.map(|socket| socket.pinged(2))).await;
    ticks[1].send(json!(1)).unwrap();
    assert_eq!(subscriber.receive().await, next("1", &json!({"ticks": 1})));
    idle.expect_pong().await;
    ended.expect_pong().await;
}
