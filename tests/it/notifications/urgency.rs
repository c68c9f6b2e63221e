//! Who waits for a letter has it in seconds, whatever else goes on (T-AUT-4, T-USR-9).

use chrono::{DateTime, Duration, Utc};
use harness::{
    Role, Subgraph,
    simulators::{Fault, Sendgrid},
    user_id,
    wait::eventually,
};
use notifications::{
    channels::{Channels, Settings},
    commands,
    domain::Queue,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    about, consume, deliver, deliver_as, deliveries, event, fan_out, letters, product, reachable,
    start, worker,
};

/// The subgraph with SendGrid, whose people all can be reached.
async fn with_sendgrid() -> (Subgraph, Sendgrid, Channels) {
    let sendgrid = Sendgrid::start().await;
    let mut section = sendgrid.settings();
    section["timeout"] = json!("1m");
    let settings =
        json!({ "site_url": "https://shop.pasar.test", "mailbox": false, "sendgrid": section });
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let app = Subgraph::with_settings(&notifications::SUBGRAPH, settings.exposed()).await;
    reachable(&app, json!({}));
    let channels = Channels::new(settings, &app.deps).unwrap();
    (app, sendgrid, channels)
}

/// The buyer has forgotten the password.
async fn forgot(app: &Subgraph) {
    let reset = json!({ "userId": user_id(Role::Buyer), "purpose": "PASSWORD_RESET",
        "verificationId": "verification_0000000000000000000000000v" });
    consume(app, &event("user.verification_requested", reset)).await;
}

/// Begins to send what the queue holds, in a worker of its own.
async fn begin_to_send(app: &Subgraph, channels: &Channels) -> tokio::task::JoinHandle<()> {
    let taken = commands::take_due(&worker(app), channels, Queue::Awaited, 8).await;
    let [sending] = <[_; 1]>::try_from(taken.unwrap()).unwrap_or_else(|_| panic!("one letter"));
    tokio::spawn(async { sending.await.unwrap() })
}

// Seen in CI: a process was killed with the letter in its hands, which had been its for four minutes.
#[tokio::test]
async fn a_worker_that_dies_while_it_sends_delays_a_letter_by_seconds() {
    let (app, sendgrid, channels) = with_sendgrid().await;
    forgot(&app).await;
    fan_out(&app).await;
    sendgrid.fail(Fault::Hang);
    let sending = begin_to_send(&app, &channels).await;
    eventually("it begins to send", async || sendgrid.received().len() == 1).await;
    sending.abort();
    let again = deliver_as(&worker(&app), &channels).await.unwrap();
    assert_eq!(again, 0, "nobody knows yet that it is dead");
    app.clock.advance(Duration::seconds(15));
    assert_eq!(deliver_as(&worker(&app), &channels).await.unwrap(), 1);
    let log = deliveries(&app, "status attempts").await;
    assert_eq!(json!(log), json!([{ "status": "SENT", "attempts": 2 }]));
}

#[tokio::test]
async fn a_worker_that_is_slow_keeps_its_letters() {
    let (app, sendgrid, channels) = with_sendgrid().await;
    forgot(&app).await;
    fan_out(&app).await;
    sendgrid.fail(Fault::Hang);
    let sending = begin_to_send(&app, &channels).await;
    eventually("it begins to send", async || sendgrid.received().len() == 1).await;
    app.clock.advance(Duration::seconds(14));
    eventually("it renews its lease", async || {
        let lease: DateTime<Utc> = sqlx::query_scalar("select next_attempt_at from deliveries")
            .fetch_one(&app.db)
            .await
            .unwrap();
        lease == app.clock.now() + Duration::seconds(15)
    })
    .await;
    app.clock.advance(Duration::seconds(14));
    assert_eq!(deliver_as(&worker(&app), &channels).await.unwrap(), 0);
    assert_eq!(sendgrid.received().len(), 1);
    sending.abort();
}

#[tokio::test]
async fn a_failed_call_to_identity_delays_a_letter_by_a_second() {
    let app = start().await;
    forgot(&app).await;
    fan_out(&app).await;
    app.peers.fail("identity");
    assert_eq!(deliver(&app).await, 1);
    reachable(&app, json!({}));
    assert_eq!(deliver(&app).await, 0, "not at once");
    app.clock.advance(Duration::seconds(1));
    deliver(&app).await;
    assert_eq!(letters(&app, "subject").await.len(), 1);
    let log = deliveries(&app, "status attempts").await;
    assert_eq!(json!(log), json!([{ "status": "SENT", "attempts": 1 }]));
}

#[tokio::test]
async fn a_provider_that_fails_once_delays_a_letter_by_seconds() {
    let (app, sendgrid, channels) = with_sendgrid().await;
    forgot(&app).await;
    fan_out(&app).await;
    sendgrid.fail(Fault::Reset);
    assert_eq!(deliver_as(&worker(&app), &channels).await.unwrap(), 1);
    app.clock.advance(Duration::seconds(4));
    assert_eq!(deliver_as(&worker(&app), &channels).await.unwrap(), 1);
    let log = deliveries(&app, "status attempts").await;
    assert_eq!(json!(log), json!([{ "status": "SENT", "attempts": 2 }]));
}

// The tasks as a worker runs them: sellers does not answer, and all ordinary mail that may leave at once hangs at
// the provider.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_overtakes_what_hangs() {
    const AT_ONCE: usize = 32;
    let (app, sendgrid, _) = with_sendgrid().await;
    app.peers.hang("sellers");
    let product = product(&app).await;
    for number in 0..AT_ONCE + 8 {
        let alert = format!("alert_000000000000000000000000{number:02}");
        let low = json!({ "productId": product, "alertId": alert });
        consume(&app, &event("inventory.low_stock", low)).await;
        consume(&app, &about("user.password_changed", Role::Buyer)).await;
    }
    (0..AT_ONCE).for_each(|_| sendgrid.fail(Fault::Hang));
    let stop = CancellationToken::new();
    let running: Vec<_> = (app.running().tasks.iter())
        .map(|task| tokio::spawn((task.run)(worker(&app), stop.clone())))
        .collect();
    eventually("other mail hangs", async || {
        sendgrid.received().len() == AT_ONCE
    })
    .await;
    forgot(&app).await;
    eventually("the letter has left", async || {
        let log = deliveries(&app, "type status").await;
        log.contains(&json!({ "type": "PASSWORD_RESET", "status": "SENT" }))
    })
    .await;
    for task in running {
        task.abort();
    }
}

// What cannot be written for a reason that does not pass is given up like any other failure.
#[tokio::test]
async fn a_message_that_never_can_be_written_is_given_up() {
    let app = start().await;
    forgot(&app).await;
    fan_out(&app).await;
    sqlx::query("update notifications set subject_key = 'nothing'")
        .execute(&app.db)
        .await
        .unwrap();
    for attempt in 1..=8 {
        assert_eq!(deliver(&app).await, 1, "attempt {attempt}");
        app.clock.advance(Duration::hours(1));
    }
    assert_eq!(deliver(&app).await, 0);
    let log = deliveries(&app, "status attempts reason").await;
    let expected =
        json!([{ "status": "FAILED", "attempts": 8, "reason": "the message cannot be written" }]);
    assert_eq!(json!(log), expected);
}
