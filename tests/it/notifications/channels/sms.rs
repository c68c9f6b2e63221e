use harness::simulators::{Answer, Fault, Twilio};
use notifications::channels::{Address, ChannelKind, Message, e164};
use proptest::prelude::*;
use serde_json::json;

use super::{
    accepted, channels, delivery_id, failure, failure_for, general_faults, gone, message, refusal,
    sms,
};

// T-NOT-C
#[tokio::test]
async fn an_sms_is_the_request_that_twilio_documents() {
    let twilio = Twilio::start().await;
    let (_app, channels) = channels("twilio", twilio.settings()).await;
    assert_eq!(channels.provider(ChannelKind::Sms), "twilio");
    let message = Message {
        text: "Kode Anda: 123 456 — jangan bagikan & simpan 100%".to_owned(),
        ..sms("0812-3456-7890")
    };
    let outcome = channels.send(&message).await;
    assert_eq!(outcome, accepted("SM00000000000000000000000000000001"));

    let [request] = &twilio.received()[..] else {
        panic!("one request");
    };
    let path = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json";
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", path)
    );
    assert_eq!(
        request.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    let form = [
        ("To", "+6281234567890"),
        ("From", "+15005550006"),
        ("Body", "Kode Anda: 123 456 — jangan bagikan & simpan 100%"),
        (
            "StatusCallback",
            &format!(
                "https://pasar.test/notifications/callbacks/twilio?delivery={}#rc=5&rp=5xx,ct,rt",
                delivery_id(1)
            ),
        ),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(request.form(), form);
}

#[tokio::test]
async fn a_messaging_service_may_pick_the_sender() {
    let twilio = Twilio::start().await;
    let mut settings = twilio.settings();
    settings["from"] = json!(null);
    settings["messaging_service_sid"] = json!("MG1");
    let (_app, channels) = channels("twilio", settings).await;
    let outcome = channels.send(&sms("+6281234567890")).await;
    assert_eq!(outcome, accepted("SM00000000000000000000000000000001"));
    let request = &twilio.received()[0];
    assert_eq!(
        (request.field("MessagingServiceSid"), request.field("From")),
        ("MG1".to_owned(), String::new())
    );
}

#[tokio::test]
async fn every_fault_of_twilio_is_told_apart() {
    let twilio = Twilio::start().await;
    let (_app, channels) = channels("twilio", twilio.settings()).await;
    for (fault, expected) in general_faults("twilio") {
        let name = format!("{fault:?}");
        twilio.fail(fault);
        assert_eq!(
            channels.send(&sms("+6281234567890")).await,
            expected,
            "{name}"
        );
    }
    for (status, code, expected) in [
        (
            400,
            21211,
            gone("twilio answered 21211 (no number that takes SMS)"),
        ),
        (
            400,
            21614,
            gone("twilio answered 21614 (no number that takes SMS)"),
        ),
        (
            400,
            21610,
            refusal("twilio answered 21610 (the person has unsubscribed)"),
        ),
        (400, 21617, refusal("twilio answered 400 (21617)")),
        (
            429,
            21611,
            failure("twilio answered 21611 (too many messages)"),
        ),
        (
            400,
            21408,
            failure("twilio answered 21408 (the account or the sender is not set up for it)"),
        ),
        (
            401,
            20003,
            failure("twilio answered 20003 (the account or the sender is not set up for it)"),
        ),
    ] {
        twilio.refuse(status, code);
        assert_eq!(
            channels.send(&sms("+6281234567890")).await,
            expected,
            "{code}"
        );
    }
    let busy = json!({ "code": 20429, "message": "Too many requests" });
    let busy = Answer::json(429, &busy).with("retry-after", "3");
    twilio.fail(Fault::Answer(busy));
    let expected = failure_for("twilio answered 20429 (too many messages)", 3);
    assert_eq!(channels.send(&sms("+6281234567890")).await, expected);
    twilio.fail(Fault::Answer(Answer::json(
        201,
        &json!({ "sid": "SM1", "status": "failed", "error_code": 30007 }),
    )));
    assert_eq!(
        channels.send(&sms("+6281234567890")).await,
        refusal("twilio took it and failed (30007)")
    );
    twilio.fail(Fault::Answer(Answer::status(201)));
    assert_eq!(
        channels.send(&sms("+6281234567890")).await,
        failure("twilio answered without a sid")
    );
}

#[tokio::test]
async fn what_is_no_number_is_not_sent() {
    let twilio = Twilio::start().await;
    let (_app, channels) = channels("twilio", twilio.settings()).await;
    for number in ["", "siti", "+12", "0812x3456789", "+62812345678901234"] {
        assert_eq!(
            channels.send(&sms(number)).await,
            refusal("the phone number is none"),
            "{number}"
        );
    }
    let device = message(ChannelKind::Sms, Address::Device("token".to_owned()));
    assert_eq!(
        channels.send(&device).await,
        refusal("an SMS needs a phone number")
    );
    assert!(twilio.received().is_empty());
}

#[test]
fn numbers_are_written_in_one_way() {
    for (text, expected) in [
        ("+6281234567890", "+6281234567890"),
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        (" (0812) 3456.7890 ", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("006281234567890", "+6281234567890"),
        ("+44 20 7946 0958", "+442079460958"),
    ] {
        assert_eq!(e164(text, "62").as_deref(), Some(expected), "{text}");
    }
    for text in [
        "",
        "+",
        "0",
        "12345",
        "+0812345678",
        "+62812\n34567",
        "٠٨١٢٣٤٥٦٧٨٩",
        "+62+812345678",
    ] {
        assert_eq!(e164(text, "62"), None, "{text}");
    }
}

proptest! {
    #[test]
    fn a_number_is_e164_or_none_and_stays_as_it_is(text in "[+0-9 ().a-z-]{0,20}") {
        if let Some(number) = e164(&text, "62") {
            let digits = number.strip_prefix('+').unwrap();
            prop_assert!((8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
            prop_assert_eq!(e164(&number, "44"), Some(number.clone()));
        }
    }
}
