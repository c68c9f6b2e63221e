use harness::{
    Subgraph,
    simulators::{Callback, Twilio, twilio::sign},
};
use http::StatusCode;
use kernel::DeliveryId;
use metrics::set_default_local_recorder;
use notifications::channels::Channels;

use super::{
    super::{super::measured::Measured, PUBLIC, channels, delivery_id, settings, sms},
    is, post, results, state, taken,
};

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

// … which it does for as long as it was asked to: see `an_sms_is_the_request_that_twilio_documents`.
#[tokio::test]
async fn a_failure_that_comes_too_early_is_asked_for_again() {
    let world = twilio_world().await;
    let callback = world.callback("undelivered");
    let measured = Measured::default();
    let _listening = set_default_local_recorder(&measured);
    let set = |sql| sqlx::query(sql).execute(&world.app.db);
    set("update deliveries set status = 'QUEUED', attempts = 2, provider_id = null")
        .await
        .unwrap();
    let status = post(&world.app, &world.channels, &callback).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(state(&world.app, world.id).await, is("QUEUED", None));
    set("update deliveries set status = 'SENT', provider_id = 'SM1'")
        .await
        .unwrap();
    let status = post(&world.app, &world.channels, &callback).await;
    assert_eq!(status, StatusCode::OK);
    let expected = is("FAILED", Some("twilio reported undelivered (30003)"));
    assert_eq!(state(&world.app, world.id).await, expected);
    assert_eq!(results(&measured), ["early", "recorded"]);
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

// Seen in its own libraries, which try both: what is signed has the port or has it not, whatever was given.
#[tokio::test]
async fn twilio_may_name_the_port_or_leave_it_out() {
    let twilio = Twilio::start().await;
    for (given, signed, expected) in [
        (
            "https://pasar.test",
            "https://pasar.test:443",
            StatusCode::OK,
        ),
        (
            "https://pasar.test:8443",
            "https://pasar.test:8443",
            StatusCode::OK,
        ),
        (
            "https://pasar.test:8443",
            "https://pasar.test",
            StatusCode::OK,
        ),
        (
            "http://pasar.test/in",
            "http://pasar.test:80/in",
            StatusCode::OK,
        ),
        (
            "https://pasar.test",
            "https://pasar.test:80",
            StatusCode::FORBIDDEN,
        ),
        (
            "https://pasar.test:8443",
            "https://pasar.test:443",
            StatusCode::FORBIDDEN,
        ),
    ] {
        let app = Subgraph::start(&notifications::SUBGRAPH).await;
        let mut settings = settings("twilio", twilio.settings());
        settings.callback_url = Some(given.to_owned());
        let channels = Channels::new(settings, &app.deps).unwrap();
        let path = "/notifications/callbacks/twilio";
        let form = [
            ("MessageSid", "SM9".to_owned()),
            ("MessageStatus", "sent".to_owned()),
        ];
        let callback = Callback {
            path: path.to_owned(),
            ..sign(&format!("{signed}{path}"), &form)
        };
        let status = post(&app, &channels, &callback).await;
        assert_eq!(status, expected, "{given} {signed}");
    }
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
