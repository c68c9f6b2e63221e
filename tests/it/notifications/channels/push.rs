use chrono::Duration;
use harness::{
    Subgraph,
    simulators::{Answer, Fault, Fcm},
};
use notifications::channels::{Address, ChannelKind, Channels, Message};
use serde_json::json;

use super::{
    accepted, delivery_id, failure, failure_for, general_faults, gone, message, refusal, settings,
    sms,
};

async fn start() -> (Subgraph, Fcm, Channels) {
    let app = Subgraph::start(&notifications::SUBGRAPH).await;
    let fcm = Fcm::start(&app.clock).await;
    let channels = Channels::new(settings("fcm", fcm.settings()), &app.deps).unwrap();
    (app, fcm, channels)
}

fn push(device: &str) -> Message {
    Message {
        subject: "Harga turun".to_owned(),
        text: "Batik tulis kini Rp150.000".to_owned(),
        link: Some("https://shop.pasar.test/products/1".to_owned()),
        ..message(ChannelKind::Push, Address::Device(device.to_owned()))
    }
}

fn name(number: usize) -> String {
    format!("projects/pasar-tests/messages/{number}")
}

// T-NOT-C
#[tokio::test]
async fn a_push_message_is_the_request_that_fcm_documents() {
    let (_app, fcm, channels) = start().await;
    assert_eq!(channels.provider(ChannelKind::Push), "fcm");
    assert_eq!(channels.send(&push("device-1")).await, accepted(&name(1)));
    let [request] = &fcm.received()[..] else {
        panic!("one request");
    };
    let path = "/v1/projects/pasar-tests/messages:send";
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", path)
    );
    assert_eq!(request.header("authorization"), "Bearer ya29.1");
    assert_eq!(
        request.json(),
        json!({ "message": {
            "token": "device-1",
            "notification": { "title": "Harga turun", "body": "Batik tulis kini Rp150.000" },
            "data": {
                "deliveryId": delivery_id(1),
                "link": "https://shop.pasar.test/products/1",
            },
            "android": { "notification": { "tag": delivery_id(1) } },
            "apns": { "headers": { "apns-collapse-id": delivery_id(1) } },
            "webpush": { "fcm_options": { "link": "https://shop.pasar.test/products/1" } },
        } })
    );
}

#[tokio::test]
async fn an_access_token_is_asked_for_once_and_again_before_its_end() {
    let (app, fcm, channels) = start().await;
    let (one, two, three) = (push("device-1"), push("device-2"), push("device-3"));
    let sent = tokio::join!(
        channels.send(&one),
        channels.send(&two),
        channels.send(&three)
    );
    assert!(
        [sent.0, sent.1, sent.2]
            .iter()
            .all(|outcome| matches!(outcome, notifications::channels::Outcome::Accepted { .. }))
    );
    assert_eq!(fcm.token_requests().len(), 1, "one for all that wait");
    app.clock.advance(Duration::minutes(57));
    channels.send(&one).await;
    assert_eq!(fcm.token_requests().len(), 1, "still good");
    app.clock.advance(Duration::minutes(2));
    assert_eq!(channels.send(&one).await, accepted(&name(5)));
    assert_eq!(
        fcm.token_requests().len(),
        2,
        "fetched before the old one ended"
    );
}

#[tokio::test]
async fn a_token_that_was_revoked_is_replaced_and_the_message_sent() {
    let (_app, fcm, channels) = start().await;
    channels.send(&push("device-1")).await;
    fcm.revoke_tokens();
    assert_eq!(channels.send(&push("device-1")).await, accepted(&name(2)));
    let bearers: Vec<_> = fcm
        .received()
        .iter()
        .map(|one| one.header("authorization").to_owned())
        .collect();
    assert_eq!(bearers, ["Bearer ya29.1", "Bearer ya29.1", "Bearer ya29.2"]);
    // An account without rights is asked twice, not for ever.
    fcm.refuse(401, "UNAUTHENTICATED");
    fcm.refuse(401, "UNAUTHENTICATED");
    let expected = failure("fcm answered 401 (UNAUTHENTICATED)");
    assert_eq!(channels.send(&push("device-1")).await, expected);
    assert_eq!(fcm.received().len(), 5);
}

#[tokio::test]
async fn a_token_endpoint_that_fails_is_left_alone_for_a_while() {
    let (app, fcm, channels) = start().await;
    let busy = Answer::status(503).with("retry-after", "30");
    for (fault, expected) in [
        (
            Fault::Answer(busy),
            failure_for("fcm's token endpoint answered 503", 30),
        ),
        (Fault::Hang, failure("fcm did not answer in time")),
        (Fault::Reset, failure("fcm broke the connection")),
        (
            Fault::Answer(Answer::status(200)),
            failure("fcm gave something else than a token"),
        ),
        (
            Fault::Answer(Answer::status(400)),
            failure("fcm's token endpoint answered 400"),
        ),
    ] {
        let before = fcm.token_requests().len();
        fcm.fail_token(fault);
        assert_eq!(channels.send(&push("device-1")).await, expected);
        assert_eq!(
            channels.send(&push("device-2")).await,
            expected,
            "from memory"
        );
        assert_eq!(fcm.token_requests().len(), before + 1);
        app.clock.advance(Duration::seconds(6));
    }
    assert_eq!(channels.send(&push("device-1")).await, accepted(&name(1)));
}

#[tokio::test]
async fn every_fault_of_fcm_is_told_apart() {
    let (_app, fcm, channels) = start().await;
    for (fault, expected) in general_faults("fcm") {
        let name = format!("{fault:?}");
        fcm.fail(fault);
        assert_eq!(channels.send(&push("device-1")).await, expected, "{name}");
    }
    for (status, code, expected) in [
        (404, "UNREGISTERED", gone("fcm answered UNREGISTERED")),
        (
            403,
            "SENDER_ID_MISMATCH",
            gone("fcm answered SENDER_ID_MISMATCH"),
        ),
        (
            400,
            "INVALID_ARGUMENT",
            refusal("fcm answered 400 (INVALID_ARGUMENT)"),
        ),
        (
            429,
            "QUOTA_EXCEEDED",
            failure_for("fcm answered QUOTA_EXCEEDED", 60),
        ),
        (
            503,
            "UNAVAILABLE",
            failure("fcm answered 503 (UNAVAILABLE)"),
        ),
        (500, "INTERNAL", failure("fcm answered 500 (INTERNAL)")),
        (
            401,
            "THIRD_PARTY_AUTH_ERROR",
            failure("fcm answered 401 (THIRD_PARTY_AUTH_ERROR)"),
        ),
    ] {
        fcm.refuse(status, code);
        assert_eq!(channels.send(&push("device-1")).await, expected, "{code}");
    }
}

#[tokio::test]
async fn a_device_without_app_and_a_token_that_is_none_are_gone() {
    let (_app, fcm, channels) = start().await;
    fcm.unregister("device-1");
    assert_eq!(
        channels.send(&push("device-1")).await,
        gone("fcm answered UNREGISTERED")
    );
    for none in ["not a token", "no#token"] {
        assert_eq!(
            channels.send(&push(none)).await,
            gone("fcm answered INVALID_ARGUMENT")
        );
    }
    assert_eq!(channels.send(&push("device-2")).await, accepted(&name(1)));
    let phone = Message {
        channel: ChannelKind::Push,
        ..sms("+6281234567890")
    };
    assert_eq!(
        channels.send(&phone).await,
        refusal("a push message needs a device")
    );
}

#[tokio::test]
async fn a_long_message_is_cut_to_what_fits() {
    let (_app, fcm, channels) = start().await;
    let long = Message {
        subject: "é".repeat(500),
        text: "🛒".repeat(5000),
        link: Some("pasar://orders/1".to_owned()),
        ..push("device-1")
    };
    assert_eq!(channels.send(&long).await, accepted(&name(1)));
    let body = fcm.received()[0].json();
    let shown = &body["message"]["notification"];
    assert_eq!(shown["title"], format!("{}…", "é".repeat(98)));
    assert_eq!(shown["body"], format!("{}…", "🛒".repeat(499)));
    assert!(
        body["message"]["webpush"].is_null(),
        "no link that is not https"
    );
}
