//! The end of a process.

use serde_json::json;

use super::{complete, listening, next};
use crate::shop::gone;

#[tokio::test]
async fn subscribers_are_sent_elsewhere_and_what_has_one_answer_is_finished() {
    let router = listening().await;
    let mut idle = router.connect().await;
    let mut subscriber = router.connect().await;
    subscriber.subscribe("1", "subscription { ticks }").await;
    let ticks = router.subgraph.tickers(1).await;
    ticks[0].send(json!(1)).unwrap();
    assert_eq!(subscriber.receive().await, next("1", &json!({"ticks": 1})));
    let mut busy = router.connect().await;
    busy.subscribe("s", "subscription { ticks }").await;
    busy.subscribe("m", "mutation { gated }").await;
    router.subgraph.asked_for("gated").await;

    router.shutdown.cancel();
    let restart = (1012, "Service restart".to_owned());
    assert_eq!(idle.closed().await, restart);
    assert_eq!(subscriber.closed().await, restart);
    gone(&ticks[0]).await;
    // New work is not begun: the client repeats it on its next connection.
    busy.subscribe("late", "{ hello }").await;
    busy.expect_pong().await;
    router.subgraph.gate.notify_one();
    assert_eq!(busy.receive().await, next("m", &json!({"gated": "open"})));
    assert_eq!(busy.receive().await, complete("m"));
    assert_eq!(busy.closed().await, restart);
    router.running.await.unwrap();
}

#[tokio::test]
async fn no_socket_is_opened_while_the_process_ends() {
    let router = listening().await;
    let state = std::sync::Arc::clone(&router.state);
    let stopped = tokio_util::sync::CancellationToken::new();
    stopped.cancel();
    // The listener is still there, as during `http.drain_delay`.
    state
        .drain(stopped, &process::http::HttpSettings::default())
        .await;
    let ours = ("sec-websocket-protocol", "graphql-transport-ws");
    assert_eq!(router.refused(&[ours]).await.0, 503);
}
