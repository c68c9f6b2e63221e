use harness::simulators::{Answer, Fault, Sendgrid, sendgrid::error};
use notifications::channels::{ChannelKind, Message};
use serde_json::json;

use super::{
    accepted, channels, delivery_id, email, failure, failure_for, general_faults, refusal,
};

// T-NOT-C, M-NOT
#[tokio::test]
async fn an_e_mail_is_the_request_that_sendgrid_documents() {
    let sendgrid = Sendgrid::start().await;
    let (_app, channels) = channels("sendgrid", sendgrid.settings()).await;
    assert_eq!(channels.provider(ChannelKind::Email), "sendgrid");
    let outcome = channels
        .send(&email("siti@example.com", "Siti Nurhaliza"))
        .await;
    assert_eq!(outcome, accepted("sendgrid1"));

    let [request] = &sendgrid.received()[..] else {
        panic!("one request");
    };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/v3/mail/send")
    );
    assert_eq!(
        request.header("authorization"),
        "Bearer SG.key-of-the-tests"
    );
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(
        request.json(),
        json!({
            "personalizations": [{
                "to": [{ "email": "siti@example.com", "name": "Siti Nurhaliza" }],
                "custom_args": { "delivery_id": delivery_id(1) },
            }],
            "from": { "email": "no-reply@pasar.test", "name": "Pasar" },
            "reply_to": { "email": "help@pasar.test" },
            "subject": "Pesanan dikirim",
            "content": [
                { "type": "text/plain", "value": "Pesanan Anda dikirim." },
                { "type": "text/html", "value": "<p>Pesanan Anda <b>dikirim</b>.</p>" },
            ],
            "headers": { "Auto-Submitted": "auto-generated" },
            "tracking_settings": {
                "click_tracking": { "enable": false, "enable_text": false },
                "open_tracking": { "enable": false },
            },
        })
    );
    let plain = Message {
        html: None,
        ..email("siti@example.com", "")
    };
    assert_eq!(channels.send(&plain).await, accepted("sendgrid2"));
}

#[tokio::test]
async fn every_fault_of_sendgrid_is_told_apart() {
    let sendgrid = Sendgrid::start().await;
    let (_app, channels) = channels("sendgrid", sendgrid.settings()).await;
    let message = email("siti@example.com", "Siti");
    for (fault, expected) in general_faults("sendgrid") {
        let name = format!("{fault:?}");
        sendgrid.fail(fault);
        assert_eq!(channels.send(&message).await, expected, "{name}");
    }
    let field = "personalizations.0.to.0.email";
    sendgrid.fail(Fault::Answer(error(400, Some(field))));
    let expected = refusal("sendgrid answered 400 (personalizations.0.to.0.email)");
    assert_eq!(channels.send(&message).await, expected);
    // A field that is none is not repeated: it might be content.
    sendgrid.fail(Fault::Answer(error(400, Some("siti@example.com"))));
    assert_eq!(
        channels.send(&message).await,
        refusal("sendgrid answered 400")
    );
    let limited = Answer::status(429)
        .with("date", "Wed, 21 Oct 2026 07:28:00 GMT")
        .with("x-ratelimit-reset", "1792567740");
    sendgrid.fail(Fault::Answer(limited));
    assert_eq!(
        channels.send(&message).await,
        failure_for("sendgrid answered 429", 60)
    );
    let mut wrong = sendgrid.settings();
    wrong["api_key"] = json!("SG.another");
    let (_app, channels) = super::channels("sendgrid", wrong).await;
    assert_eq!(
        channels.send(&message).await,
        failure("sendgrid answered 401")
    );
}
