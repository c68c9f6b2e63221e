use chrono::Duration;
use harness::{
    Subgraph,
    simulators::{Callback, Sendgrid},
};
use http::StatusCode;
use kernel::DeliveryId;
use metrics::set_default_local_recorder;
use notifications::channels::{Channels, Message};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{super::measured::Measured, channels, delivery_id, email},
    is, post, results, state, taken,
};

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

// It may be of an earlier attempt than the one whose answer is awaited: SendGrid is to come again.
#[tokio::test]
async fn a_bounce_that_comes_too_early_is_not_taken() {
    let world = sendgrid_world().await;
    // What a batch tells besides makes it no less early.
    let mut other = world.event("delivered");
    other["delivery_id"] = json!(delivery_id(2));
    let events = [world.event("bounce"), other];
    let bounce = world.sendgrid.callback(&events, world.app.clock.now());
    let known = Message {
        delivery_id: delivery_id(2),
        ..email("budi@example.com", "Budi")
    };
    taken(&world.app, &known, "sendgrid", "sendgrid2").await;
    let measured = Measured::default();
    let _listening = set_default_local_recorder(&measured);
    let set = |sql| {
        let query = sqlx::query(sql).bind(world.id.uuid());
        query.execute(&world.app.db)
    };
    set("update deliveries set status = 'QUEUED', attempts = 2, provider_id = null where id = $1")
        .await
        .unwrap();
    let status = post(&world.app, &world.channels, &bounce).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(state(&world.app, world.id).await, is("QUEUED", None));
    set("update deliveries set status = 'SENT', provider_id = 'sendgrid1' where id = $1")
        .await
        .unwrap();
    let status = post(&world.app, &world.channels, &bounce).await;
    assert_eq!(status, StatusCode::OK);
    let reason = "sendgrid reported bounce (5.1.1)";
    assert_eq!(
        state(&world.app, world.id).await,
        is("FAILED", Some(reason))
    );
    assert_eq!(results(&measured), ["early", "recorded"]);
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
