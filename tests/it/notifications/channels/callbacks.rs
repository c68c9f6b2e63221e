//! Callbacks: whose are believed, what each says, and that their order and number do not matter.

use axum::body::Body;
use chrono::Duration;
use harness::{
    Role, Subgraph,
    simulators::{Callback, Sendgrid, Twilio, Whatsapp, twilio::sign, whatsapp},
    user_id,
};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use kernel::DeliveryId;
use notifications::{
    channels::{Channels, Message},
    commands::own_context,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{PUBLIC, channels, delivery_id, email, message, sms};

/// A delivery that a provider has taken, as the subgraph keeps it.
async fn taken(app: &Subgraph, message: &Message, provider: &str, provider_id: &str) {
    let now = app.clock.now();
    let user = user_id(Role::Buyer).uuid();
    let notification = app.deps.ids.uuid();
    sqlx::query("insert into people (user_id, created_at) values ($1, $2) on conflict do nothing")
        .bind(user)
        .bind(now)
        .execute(&app.db)
        .await
        .unwrap();
    sqlx::query(
        "insert into notifications (id, user_id, type, subject_key, variables, occurred_at, created_at) \
         values ($1, $2, 'WELCOME', $1::text, '{}', $3, $3)",
    )
    .bind(notification)
    .bind(user)
    .bind(now)
    .execute(&app.db)
    .await
    .unwrap();
    sqlx::query(
        "insert into deliveries (id, notification_id, user_id, type, channel, status, attempts, \
         provider, provider_id, created_at, updated_at, sent_at) \
         values ($1, $2, $3, 'WELCOME', 'EMAIL', 'SENT', 1, $4, $5, $6, $6, $6)",
    )
    .bind(message.delivery_id.uuid())
    .bind(notification)
    .bind(user)
    .bind(provider)
    .bind(provider_id)
    .bind(now)
    .execute(&app.db)
    .await
    .unwrap();
}

/// Status and reason of a delivery.
async fn state(app: &Subgraph, id: DeliveryId) -> (String, Option<String>) {
    sqlx::query_as("select status, reason from deliveries where id = $1")
        .bind(id.uuid())
        .fetch_one(&app.db)
        .await
        .unwrap()
}

async fn post(app: &Subgraph, channels: &Channels, callback: &Callback) -> StatusCode {
    let routes = channels.routes(&own_context(&app.deps));
    routes.oneshot(callback.request()).await.unwrap().status()
}

fn is(status: &str, reason: Option<&str>) -> (String, Option<String>) {
    (status.to_owned(), reason.map(str::to_owned))
}

struct TwilioWorld {
    app: Subgraph,
    channels: Channels,
    twilio: Twilio,
    id: DeliveryId,
}

async fn twilio_world() -> TwilioWorld {
    let twilio = Twilio::start().await;
    let (app, channels) = channels("twilio", twilio.settings()).await;
    let message = sms("+6281234567890");
    channels.send(&message).await;
    taken(&app, &message, "twilio", "SM1").await;
    TwilioWorld {
        id: message.delivery_id,
        app,
        channels,
        twilio,
    }
}

impl TwilioWorld {
    fn callback(&self, status: &str) -> Callback {
        self.twilio
            .callback(&self.twilio.received()[0], "SM1", status)
    }
}

// T-NOT-C: delivery log
#[tokio::test]
async fn twilio_reports_what_became_of_an_sms() {
    let world = twilio_world().await;
    for (status, expected) in [
        ("queued", is("SENT", None)),
        ("sent", is("SENT", None)),
        ("delivered", is("DELIVERED", None)),
        ("sent", is("DELIVERED", None)),
        ("read", is("READ", None)),
        ("delivered", is("READ", None)),
        ("failed", is("READ", None)),
    ] {
        let callback = world.callback(status);
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
        assert_eq!(state(&world.app, world.id).await, expected, "{status}");
    }
}

#[tokio::test]
async fn an_sms_that_was_accepted_and_not_delivered_fails_with_its_reason() {
    let world = twilio_world().await;
    let callback = world.callback("undelivered");
    for _ in 0..2 {
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
        let expected = is("FAILED", Some("twilio reported undelivered (30003)"));
        assert_eq!(state(&world.app, world.id).await, expected);
    }
    let read = world.callback("read");
    assert_eq!(
        post(&world.app, &world.channels, &read).await,
        StatusCode::OK
    );
    let overtaken = is("READ", None);
    assert_eq!(state(&world.app, world.id).await, overtaken);
    let failed: Vec<_> = world.app.outbox().await;
    let kinds: Vec<_> = failed.iter().map(|event| &event["eventType"]).collect();
    assert_eq!(kinds, ["notification.failed"], "told once");
}

#[tokio::test]
async fn what_twilio_has_not_signed_changes_nothing() {
    let world = twilio_world().await;
    let genuine = world.callback("delivered");
    let other = world.callback("read");
    let path = genuine.path.replace("delivery=", "delivery=x");
    let long = Callback {
        path: format!("{}&more=1", genuine.path),
        ..genuine.clone()
    };
    for (name, callback) in [
        (
            "no signature",
            genuine.clone().without_header("x-twilio-signature"),
        ),
        (
            "another body",
            genuine.clone().with_body(other.body.clone()),
        ),
        (
            "nonsense",
            genuine
                .clone()
                .with_header("x-twilio-signature", "bm9uc2Vuc2U="),
        ),
        (
            "no base64",
            genuine.clone().with_header("x-twilio-signature", "###"),
        ),
        (
            "another delivery",
            Callback {
                path,
                ..genuine.clone()
            },
        ),
        ("another address", long),
    ] {
        let status = post(&world.app, &world.channels, &callback).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{name}");
    }
    let huge = genuine.clone().with_body(vec![b'a'; 65 * 1024]);
    let status = post(&world.app, &world.channels, &huge).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let empty = sign(&format!("{PUBLIC}{}", genuine.path), &[]);
    let status = post(&world.app, &world.channels, &empty).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "signed, but no callback");
    assert_eq!(state(&world.app, world.id).await, is("SENT", None));
}

#[tokio::test]
async fn a_message_that_nobody_sent_is_no_error() {
    let world = twilio_world().await;
    let stranger = format!(
        "{PUBLIC}/notifications/callbacks/twilio?delivery={}",
        delivery_id(9)
    );
    let nobody = format!("{PUBLIC}/notifications/callbacks/twilio?delivery=siti");
    let plain = format!("{PUBLIC}/notifications/callbacks/twilio");
    let form = |sid: &str| {
        [
            ("MessageSid", sid.to_owned()),
            ("MessageStatus", "delivered".to_owned()),
        ]
    };
    for url in [&stranger, &nobody, &plain] {
        let callback = sign(url, &form("SM9"));
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
    }
    assert_eq!(state(&world.app, world.id).await, is("SENT", None));
    // Without our id the provider's own leads to the message.
    let callback = sign(&plain, &form("SM1"));
    assert_eq!(
        post(&world.app, &world.channels, &callback).await,
        StatusCode::OK
    );
    assert_eq!(state(&world.app, world.id).await, is("DELIVERED", None));
}

#[tokio::test]
async fn a_callback_that_cannot_be_recorded_is_asked_for_again() {
    let world = twilio_world().await;
    sqlx::query("alter table deliveries rename to elsewhere")
        .execute(&world.app.db)
        .await
        .unwrap();
    let callback = world.callback("delivered");
    let status = post(&world.app, &world.channels, &callback).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    sqlx::query("alter table elsewhere rename to deliveries")
        .execute(&world.app.db)
        .await
        .unwrap();
    assert_eq!(
        post(&world.app, &world.channels, &callback).await,
        StatusCode::OK
    );
    assert_eq!(state(&world.app, world.id).await, is("DELIVERED", None));
}

struct SendgridWorld {
    app: Subgraph,
    channels: Channels,
    sendgrid: Sendgrid,
    id: DeliveryId,
}

async fn sendgrid_world() -> SendgridWorld {
    let sendgrid = Sendgrid::start().await;
    let (app, channels) = channels("sendgrid", sendgrid.settings()).await;
    let message = email("siti@example.com", "Siti");
    channels.send(&message).await;
    taken(&app, &message, "sendgrid", "sendgrid1").await;
    SendgridWorld {
        id: message.delivery_id,
        app,
        channels,
        sendgrid,
    }
}

impl SendgridWorld {
    fn event(&self, event: &str) -> Value {
        let request = &self.sendgrid.received()[0];
        self.sendgrid.event(request, event, self.app.clock.now())
    }

    fn callback(&self, events: &[&str]) -> Callback {
        let events: Vec<_> = events.iter().map(|event| self.event(event)).collect();
        self.sendgrid.callback(&events, self.app.clock.now())
    }
}

#[tokio::test]
async fn sendgrid_reports_what_became_of_an_e_mail() {
    let world = sendgrid_world().await;
    for (events, expected) in [
        (&["processed", "deferred"][..], is("SENT", None)),
        (&["delivered"], is("DELIVERED", None)),
        (&["open", "delivered", "click"], is("READ", None)),
        (&["group_unsubscribe", "spamreport"], is("READ", None)),
    ] {
        let callback = world.callback(events);
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
        assert_eq!(state(&world.app, world.id).await, expected, "{events:?}");
    }
}

#[tokio::test]
async fn a_bounce_is_a_failure_without_the_address_in_its_reason() {
    for (event, reason) in [
        ("bounce", "sendgrid reported bounce (5.1.1)"),
        ("dropped", "sendgrid reported dropped (no code)"),
    ] {
        let world = sendgrid_world().await;
        let callback = world.callback(&["processed", event]);
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
        assert_eq!(
            state(&world.app, world.id).await,
            is("FAILED", Some(reason))
        );
    }
}

#[tokio::test]
async fn what_sendgrid_has_not_signed_just_now_changes_nothing() {
    const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
    const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
    let world = sendgrid_world().await;
    let (genuine, now) = (world.callback(&["delivered"]), world.app.clock.now());
    let later = (now + Duration::seconds(1)).timestamp().to_string();
    let at = |minutes| {
        world.sendgrid.callback(
            &[world.event("delivered")],
            now + Duration::minutes(minutes),
        )
    };
    let other = world.callback(&["open"]);
    for (name, callback) in [
        ("no signature", genuine.clone().without_header(SIGNATURE)),
        ("no timestamp", genuine.clone().without_header(TIMESTAMP)),
        (
            "another timestamp",
            genuine.clone().with_header(TIMESTAMP, &later),
        ),
        ("no number", genuine.clone().with_header(TIMESTAMP, "now")),
        (
            "another body",
            genuine.clone().with_body(other.body.clone()),
        ),
        ("no base64", genuine.clone().with_header(SIGNATURE, "###")),
        (
            "no signature in it",
            genuine.clone().with_header(SIGNATURE, "bm9uc2Vuc2U="),
        ),
        ("a recording", at(-11)),
        ("from the future", at(11)),
    ] {
        let status = post(&world.app, &world.channels, &callback).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(state(&world.app, world.id).await, is("SENT", None));
    let huge = genuine.with_body(vec![b' '; 1024 * 1024 + 1]);
    let status = post(&world.app, &world.channels, &huge).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        post(&world.app, &world.channels, &at(9)).await,
        StatusCode::OK,
        "clocks differ"
    );
}

#[tokio::test]
async fn one_strange_event_does_not_hide_the_others() {
    let world = sendgrid_world().await;
    let mut stranger = world.event("delivered");
    stranger["delivery_id"] = json!(delivery_id(9));
    let mut nobody = world.event("delivered");
    nobody["delivery_id"] = json!(17);
    nobody["sg_message_id"] = json!("");
    let events = [
        json!("event"),
        json!({ "event": "delivered" }),
        stranger,
        nobody,
        world.event("open"),
    ];
    let callback = world.sendgrid.callback(&events, world.app.clock.now());
    assert_eq!(
        post(&world.app, &world.channels, &callback).await,
        StatusCode::OK
    );
    assert_eq!(state(&world.app, world.id).await, is("READ", None));
}

struct WhatsappWorld {
    app: Subgraph,
    channels: Channels,
    whatsapp: Whatsapp,
    id: DeliveryId,
}

async fn whatsapp_world() -> WhatsappWorld {
    use notifications::channels::{Address, ChannelKind};
    let whatsapp = Whatsapp::start().await;
    whatsapp.approve("pasar_order_shipped", 2);
    let (app, channels) = channels("whatsapp", whatsapp.settings()).await;
    let message = message(
        ChannelKind::Whatsapp,
        Address::Phone("+6281234567890".to_owned()),
    );
    channels.send(&message).await;
    taken(&app, &message, "whatsapp", "wamid.1").await;
    WhatsappWorld {
        id: message.delivery_id,
        app,
        channels,
        whatsapp,
    }
}

impl WhatsappWorld {
    fn callback(&self, statuses: &[&str]) -> Callback {
        let (request, now) = (&self.whatsapp.received()[0], self.app.clock.now());
        let statuses: Vec<_> = statuses
            .iter()
            .map(|status| self.whatsapp.status(request, status, now))
            .collect();
        self.whatsapp.callback(&statuses)
    }
}

#[tokio::test]
async fn whatsapp_reports_what_became_of_a_message() {
    let world = whatsapp_world().await;
    for (statuses, expected) in [
        (&["sent"][..], is("SENT", None)),
        (&["delivered", "sent"], is("DELIVERED", None)),
        (&["read"], is("READ", None)),
    ] {
        let callback = world.callback(statuses);
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
        assert_eq!(state(&world.app, world.id).await, expected, "{statuses:?}");
    }
    let world = whatsapp_world().await;
    let callback = world.callback(&["failed"]);
    assert_eq!(
        post(&world.app, &world.channels, &callback).await,
        StatusCode::OK
    );
    let expected = is("FAILED", Some("whatsapp reported failed (131026)"));
    assert_eq!(state(&world.app, world.id).await, expected);
}

#[tokio::test]
async fn what_meta_has_not_signed_changes_nothing_and_what_people_write_is_not_read() {
    const SIGNATURE: &str = "x-hub-signature-256";
    let world = whatsapp_world().await;
    let genuine = world.callback(&["delivered"]);
    let bare = genuine.headers[1].1.replace("sha256=", "");
    for (name, callback) in [
        ("no signature", genuine.clone().without_header(SIGNATURE)),
        ("no prefix", genuine.clone().with_header(SIGNATURE, &bare)),
        (
            "no hex",
            genuine.clone().with_header(SIGNATURE, "sha256=siti"),
        ),
        ("short", genuine.clone().with_header(SIGNATURE, "sha256=00")),
        (
            "another body",
            genuine.clone().with_body(world.callback(&["read"]).body),
        ),
    ] {
        let status = post(&world.app, &world.channels, &callback).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{name}");
    }
    let malformed = whatsapp::sign("no json");
    let status = post(&world.app, &world.channels, &malformed).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let incoming = json!({ "entry": [{ "changes": [{ "value": { "messages": [{ "text": { "body": "halo" } }] } }] }] });
    for harmless in ["{}", "[]", "null", &incoming.to_string()] {
        let callback = whatsapp::sign(harmless);
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
    }
    assert_eq!(state(&world.app, world.id).await, is("SENT", None));
}

#[tokio::test]
async fn meta_learns_whether_the_address_is_ours() {
    let world = whatsapp_world().await;
    let routes = world.channels.routes(&own_context(&world.app.deps));
    let ask = async |path: String| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        let (status, kind) = (
            response.status(),
            response.headers().get("content-type").cloned(),
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (
            status,
            kind.map(|kind| kind.to_str().unwrap().to_owned()),
            body,
        )
    };
    let (status, kind, body) = ask(whatsapp::handshake(
        "subscribe",
        whatsapp::VERIFY_TOKEN,
        "1158201444",
    ))
    .await;
    assert_eq!(
        (status, kind.as_deref(), &body[..]),
        (StatusCode::OK, Some("text/plain"), &b"1158201444"[..])
    );
    for path in [
        whatsapp::handshake("subscribe", "another", "1"),
        whatsapp::handshake("subscribe", "", "1"),
        whatsapp::handshake("unsubscribe", whatsapp::VERIFY_TOKEN, "1"),
        whatsapp::handshake("subscribe", whatsapp::VERIFY_TOKEN, &"1".repeat(257)),
        "/notifications/callbacks/whatsapp".to_owned(),
    ] {
        let (status, _, body) = ask(path).await;
        assert_eq!((status, body.len()), (StatusCode::FORBIDDEN, 0));
    }
}

#[tokio::test]
async fn there_are_no_callbacks_without_a_key_to_check_them_with() {
    let (sendgrid, whatsapp) = (Sendgrid::start().await, Whatsapp::start().await);
    let mut settings = sendgrid.settings();
    settings["webhook_key"] = json!(null);
    let (app, without) = channels("sendgrid", settings).await;
    let callback = sendgrid.callback(&[], app.clock.now());
    assert_eq!(post(&app, &without, &callback).await, StatusCode::NOT_FOUND);
    let mut settings = whatsapp.settings();
    settings["app_secret"] = json!(null);
    let (app, without) = channels("whatsapp", settings).await;
    assert_eq!(
        post(&app, &without, &whatsapp.callback(&[])).await,
        StatusCode::NOT_FOUND
    );
}

/// The final status of one delivery after these reports of SendGrid, in this order.
async fn after(world: &SendgridWorld, events: &[&str]) -> String {
    sqlx::query("update deliveries set status = 'SENT', reason = null, sent_at = null")
        .execute(&world.app.db)
        .await
        .unwrap();
    for event in events {
        let callback = world.callback(&[event]);
        assert_eq!(
            post(&world.app, &world.channels, &callback).await,
            StatusCode::OK
        );
    }
    state(&world.app, world.id).await.0
}

#[test]
fn any_order_and_number_of_callbacks_ends_in_the_same_status() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(sendgrid_world());
    let kinds = [
        "processed",
        "deferred",
        "delivered",
        "open",
        "click",
        "bounce",
        "dropped",
    ];
    let subset = proptest::sample::subsequence(kinds.to_vec(), 1..=kinds.len());
    let shuffled = subset.prop_flat_map(|once| {
        // Each of them at least once, some again, in any order.
        let again = proptest::collection::vec(proptest::sample::select(once.clone()), 0..6);
        let all = (Just(once.clone()), again);
        let all = all.prop_map(|(mut once, again)| {
            once.extend(again);
            once
        });
        (Just(once), all.prop_shuffle())
    });
    let config = ProptestConfig::with_cases(48);
    proptest!(config, |((once, shuffled) in shuffled)| {
        let expected = runtime.block_on(after(&world, &once));
        let found = runtime.block_on(after(&world, &shuffled));
        prop_assert_eq!(found, expected);
    });
    drop(runtime.enter());
}
