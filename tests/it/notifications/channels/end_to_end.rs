//! From an event of another subgraph to a provider and back by its callback.

use chrono::Duration;
use harness::{
    Role, Subgraph,
    simulators::{
        Answer, Callback, Fault, Fcm, Sendgrid, SmtpSink, Twilio,
        smtp::{Protection, SmtpFault, Stage},
    },
};
use http::StatusCode;
use kernel::Clock;
use notifications::channels::Channels;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{
    super::{about, change, consume, deliver_as, deliveries, fan_out, own, reachable, worker},
    settings,
};

/// The subgraph with one provider, whose people all can be reached.
async fn start(section: &str, provider: Value) -> (Subgraph, Channels) {
    let settings = settings(section, provider);
    let app = Subgraph::with_settings(&notifications::SUBGRAPH, settings.exposed()).await;
    reachable(&app, json!({}));
    let channels = Channels::new(settings, &app.deps).unwrap();
    (app, channels)
}

/// Lets the workers do all there is to do now.
async fn work(app: &Subgraph, channels: &Channels) {
    fan_out(app).await;
    deliver_as(&worker(app), channels).await.unwrap();
}

async fn welcome(app: &Subgraph, channels: &Channels) {
    consume(app, &about("user.registered", Role::Buyer)).await;
    work(app, channels).await;
}

async fn post(app: &Subgraph, callback: &Callback) -> StatusCode {
    let answer = app.routes().oneshot(callback.request()).await;
    answer.unwrap().status()
}

// T-NOT-T, T-NOT-C, M-NOT
#[tokio::test]
async fn who_registers_is_welcomed_by_e_mail() {
    let sink = SmtpSink::start(Protection::StartTls).await;
    let (app, channels) = start("smtp", sink.settings()).await;
    let event = about("user.registered", Role::Buyer);
    consume(&app, &event).await;
    consume(&app, &event).await;
    work(&app, &channels).await;
    let [mail] = &sink.mails()[..] else {
        panic!("one mail: {:?}", sink.mails());
    };
    assert_eq!(mail.to, ["siti@example.com"]);
    assert!(mail.was_encrypted);
    assert_eq!(mail.header("To"), "\"Siti R.\" <siti@example.com>");
    let log = deliveries(&app, "id type channel status provider providerId").await;
    let id = log[0]["id"].as_str().unwrap();
    assert_eq!(mail.header("Message-ID"), format!("<{id}@pasar.test>"));
    assert_eq!(
        json!(log),
        json!([{ "id": id, "type": "WELCOME", "channel": "EMAIL", "status": "SENT", "provider": "smtp", "providerId": id }])
    );
}

#[tokio::test]
async fn mail_waits_while_the_server_is_away_and_is_not_sent_to_nobody() {
    let sink = SmtpSink::start(Protection::None).await;
    let (app, channels) = start("smtp", sink.settings()).await;
    sink.fail(Stage::Mail, SmtpFault::Answer("452 4.3.1 full"));
    welcome(&app, &channels).await;
    let log = deliveries(&app, "status attempts reason").await;
    let expected = json!([{ "status": "QUEUED", "attempts": 1, "reason": "the mail server answered 452 4.3.1" }]);
    assert_eq!(json!(log), expected);
    app.clock.advance(Duration::minutes(2));
    sink.fail(Stage::Recipient, SmtpFault::Answer("550 5.1.1 who?"));
    work(&app, &channels).await;
    let log = deliveries(&app, "status attempts nextAttemptAt reason").await;
    let expected = json!([{ "status": "FAILED", "attempts": 2, "nextAttemptAt": null,
        "reason": "the mail server answered 550 5.1.1" }]);
    assert_eq!(json!(log), expected);
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn a_callback_settles_what_the_lost_answer_left_open_and_nothing_is_sent_twice() {
    let sendgrid = Sendgrid::start().await;
    let (app, channels) = start("sendgrid", sendgrid.settings()).await;
    sendgrid.fail(Fault::Lost);
    welcome(&app, &channels).await;
    let log = deliveries(&app, "status reason").await;
    let expected = json!([{ "status": "QUEUED", "reason": "sendgrid broke the connection" }]);
    assert_eq!(json!(log), expected);

    let now = app.clock.now();
    let event = sendgrid.event(&sendgrid.received()[0], "delivered", now);
    let callback = sendgrid.callback(&[event], now);
    for _ in 0..2 {
        assert_eq!(post(&app, &callback).await, StatusCode::OK);
    }
    app.clock.advance(Duration::hours(2));
    work(&app, &channels).await;
    let log = deliveries(&app, "status provider providerId reason nextAttemptAt").await;
    let expected = json!([{ "status": "DELIVERED", "provider": "sendgrid", "providerId": "sendgrid1",
        "reason": null, "nextAttemptAt": null }]);
    assert_eq!(json!(log), expected);
    assert_eq!(sendgrid.received().len(), 1);
    let events = app.outbox().await;
    let kinds: Vec<_> = events.iter().map(|event| &event["eventType"]).collect();
    assert_eq!(kinds, ["notification.sent"]);
}

#[tokio::test]
async fn a_provider_that_asks_to_wait_is_left_alone_until_then() {
    let sendgrid = Sendgrid::start().await;
    let (app, channels) = start("sendgrid", sendgrid.settings()).await;
    let busy = Answer::status(429).with("retry-after", "7200");
    sendgrid.fail(Fault::Answer(busy));
    welcome(&app, &channels).await;
    let log = deliveries(&app, "status nextAttemptAt").await;
    let expected = json!([{ "status": "QUEUED", "nextAttemptAt": "2026-01-01T02:00:00+00:00" }]);
    assert_eq!(json!(log), expected);
    app.clock.advance(Duration::minutes(119));
    work(&app, &channels).await;
    assert_eq!(sendgrid.received().len(), 1);
    app.clock.advance(Duration::minutes(2));
    work(&app, &channels).await;
    assert_eq!(sendgrid.received().len(), 2);
    assert_eq!(
        json!(deliveries(&app, "status").await),
        json!([{ "status": "SENT" }])
    );
}

#[tokio::test]
async fn an_sms_comes_with_its_callback_address_which_the_subgraph_serves() {
    let twilio = Twilio::start().await;
    let (app, channels) = start("twilio", twilio.settings()).await;
    let input =
        json!({ "switches": [{ "type": "SECURITY_ALERT", "channel": "SMS", "isEnabled": true }] });
    let client = app.client(Role::Buyer);
    let changed = change(
        &client,
        "notificationPreferencesUpdate",
        input,
        "__typename",
    )
    .await;
    assert_eq!(changed["userErrors"], json!([]), "{changed}");
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    work(&app, &channels).await;
    let [request] = &twilio.received()[..] else {
        panic!(
            "one SMS: {:?}",
            deliveries(&app, "channel status reason").await
        );
    };
    let callback = twilio.callback(request, "SM00000000000000000000000000000001", "delivered");
    assert_eq!(post(&app, &callback).await, StatusCode::OK);
    let log = deliveries(&app, "channel status").await;
    let sms: Vec<_> = log.iter().filter(|one| one["channel"] == "SMS").collect();
    assert_eq!(
        json!(sms),
        json!([{ "channel": "SMS", "status": "DELIVERED" }])
    );
}

#[tokio::test]
async fn a_device_whose_app_is_gone_is_forgotten() {
    let clock = Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap());
    let fcm = Fcm::start(&clock).await;
    let (app, channels) = start("fcm", fcm.settings()).await;
    for token in ["device-1", "device-2"] {
        let input = json!({ "token": token, "platform": "ANDROID", "name": "HP Siti" });
        let client = app.client(Role::Buyer);
        let payload = change(&client, "pushDeviceRegister", input, "device { id }").await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    }
    fcm.unregister("device-1");
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    work(&app, &channels).await;
    assert_eq!(fcm.received().len(), 2);
    assert_eq!(fcm.token_requests().len(), 1);
    let left = own(&app, Role::Buyer, "pushDevices { id }").await;
    assert_eq!(left["pushDevices"].as_array().unwrap().len(), 1);
    consume(&app, &about("user.password_changed", Role::Buyer)).await;
    work(&app, &channels).await;
    let tokens: Vec<_> = fcm
        .received()
        .iter()
        .map(|one| one.json()["message"]["token"].clone())
        .collect();
    assert_eq!(
        tokens.iter().filter(|token| *token == "device-1").count(),
        1,
        "{tokens:?}"
    );
}
