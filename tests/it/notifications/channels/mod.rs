//! The ways out of the marketplace, against simulators of the real providers.

mod callbacks;
mod email;
mod end_to_end;
mod letters;
mod push;
mod sendgrid;
mod sms;
mod whatsapp;

use std::{sync::Arc, time::Duration};

use harness::{
    Subgraph,
    simulators::{Answer, Fault},
    user_id,
};
use kernel::{Clock, DeliveryId, Ids};
use notifications::channels::{
    Address, ChannelKind, Channels, Locale, Message, NamedTemplate, Outcome, Settings,
};
use serde_json::{Value, json};
use service::{Deps, Live, Peers};
use uuid::Uuid;

/// Where providers reach us.
const PUBLIC: &str = "https://pasar.test";

/// The subgraph and its channels with one provider: `section` of `[notifications]` is `provider`.
async fn channels(section: &str, provider: Value) -> (Subgraph, Channels) {
    let app = Subgraph::start(&notifications::SUBGRAPH).await;
    let channels = Channels::new(settings(section, provider), &app.deps).unwrap();
    (app, channels)
}

fn settings(section: &str, provider: Value) -> Settings {
    let mut settings = json!({
        "site_url": "https://shop.pasar.test", "callback_url": PUBLIC, "mailbox": false,
    });
    settings[section] = provider;
    serde_json::from_value(settings).unwrap()
}

/// The text of the fault with which these settings are refused.
async fn refused(section: &str, provider: Value) -> String {
    let app = Subgraph::start(&notifications::SUBGRAPH).await;
    match Channels::new(settings(section, provider), &app.deps) {
        Ok(_) => panic!("accepted"),
        Err(fault) => fault.public().to_owned(),
    }
}

/// Dependencies without a database, for what needs none.
fn offline_deps() -> Deps {
    Deps {
        db: sqlx::PgPool::connect_lazy("postgres://127.0.0.1:1/none").unwrap(),
        clock: Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap()),
        ids: Ids::counted(),
        peers: Peers::new("notifications", Arc::default()),
        live: Live::local(),
        settings: Value::Null,
    }
}

fn delivery_id(number: u128) -> DeliveryId {
    DeliveryId::from_uuid(Uuid::from_u128(number))
}

/// A message by `channel`; what another channel needs is empty.
fn message(channel: ChannelKind, to: Address) -> Message {
    Message {
        delivery_id: delivery_id(1),
        user_id: user_id(harness::Role::Buyer),
        channel,
        to,
        subject: String::new(),
        text: "Pesanan Anda dikirim.".to_owned(),
        html: None,
        locale: Locale::Id,
        template: NamedTemplate {
            name: "order_shipped".to_owned(),
            variables: vec!["Siti".to_owned(), "ORD-1".to_owned()],
        },
        link: None,
    }
}

fn email(address: &str, name: &str) -> Message {
    let to = Address::Email {
        address: address.to_owned(),
        name: name.to_owned(),
    };
    Message {
        subject: "Pesanan dikirim".to_owned(),
        html: Some("<p>Pesanan Anda <b>dikirim</b>.</p>".to_owned()),
        ..message(ChannelKind::Email, to)
    }
}

fn sms(number: &str) -> Message {
    message(ChannelKind::Sms, Address::Phone(number.to_owned()))
}

fn accepted(provider_id: &str) -> Outcome {
    Outcome::Accepted {
        provider_id: provider_id.to_owned(),
    }
}

fn refusal(reason: &str) -> Outcome {
    Outcome::Refused {
        reason: reason.to_owned(),
    }
}

fn gone(reason: &str) -> Outcome {
    Outcome::Gone {
        reason: reason.to_owned(),
    }
}

fn failure(reason: &str) -> Outcome {
    Outcome::Failed {
        reason: reason.to_owned(),
        retry_after: None,
    }
}

fn failure_for(reason: &str, seconds: u64) -> Outcome {
    Outcome::Failed {
        reason: reason.to_owned(),
        retry_after: Some(Duration::from_secs(seconds)),
    }
}

/// Faults that every HTTP provider may have, and what each comes to for `provider`.
fn general_faults(provider: &str) -> Vec<(Fault, Outcome)> {
    let is = |what: &str| failure(&format!("{provider} {what}"));
    let wait = |what: &str, seconds| failure_for(&format!("{provider} {what}"), seconds);
    let answer = |status| Fault::Answer(Answer::status(status));
    let slow_down = |value: &str| {
        let answer = Answer::status(429).with("retry-after", value);
        Fault::Answer(answer.with("date", "Wed, 21 Oct 2026 07:28:00 GMT"))
    };
    vec![
        (answer(500), is("answered 500")),
        (answer(502), is("answered 502")),
        (answer(401), is("answered 401")),
        (answer(403), is("answered 403")),
        (answer(302), is("answered 302")),
        (answer(413), refusal(&format!("{provider} answered 413"))),
        (slow_down("17"), wait("answered 429", 17)),
        (
            slow_down("Wed, 21 Oct 2026 07:29:30 GMT"),
            wait("answered 429", 90),
        ),
        (slow_down("99999999"), wait("answered 429", 6 * 3600)),
        (slow_down("soon"), is("answered 429")),
        (slow_down("-5"), is("answered 429")),
        (Fault::Hang, is("did not answer in time")),
        (Fault::Reset, is("broke the connection")),
        (Fault::Lost, is("broke the connection")),
    ]
}

// T-NOT-C: without a provider
#[tokio::test]
async fn a_channel_without_provider_goes_to_the_mailbox_or_is_refused() {
    let app = Subgraph::start(&notifications::SUBGRAPH).await;
    let message = email("siti@example.com", "Siti");
    let off: Settings = settings("smtp", Value::Null);
    let channels = Channels::new(off, &app.deps).unwrap();
    assert_eq!(channels.provider(ChannelKind::Email), "mailbox");
    assert_eq!(
        channels.send(&message).await,
        refusal("the channel has no provider")
    );

    let channels = Channels::new(Settings::default(), &app.deps).unwrap();
    let kept = accepted(&message.delivery_id.to_string());
    assert_eq!(channels.send(&message).await, kept);
    assert_eq!(channels.send(&message).await, kept, "once more");
    let rows: Vec<(String, String)> = sqlx::query_as("select address, subject from mailbox")
        .fetch_all(&app.db)
        .await
        .unwrap();
    assert_eq!(
        rows,
        [("siti@example.com".to_owned(), "Pesanan dikirim".to_owned())]
    );
}

#[tokio::test]
async fn a_provider_that_is_not_reached_is_asked_again_later() {
    let nowhere = json!({
        "url": "http://127.0.0.1:1", "account_sid": "AC1", "auth_token": "x", "from": "+15005550006",
    });
    let (_app, channels) = channels("twilio", nowhere).await;
    let outcome = channels.send(&sms("+6281234567890")).await;
    assert_eq!(outcome, failure("twilio is not reached"));
}

#[tokio::test]
async fn settings_that_make_no_sense_stop_the_start_with_a_sentence_and_show_no_secret() {
    let smtp = json!({ "host": "mail.test", "from": "no-reply@pasar.test" });
    let with = |key: &str, value: Value| {
        let mut section = smtp.clone();
        section[key] = value;
        section
    };
    for (section, provider, word) in [
        ("smtp", with("from", json!("Pasar")), "`from` must be like"),
        (
            "smtp",
            with("username", json!("pasar")),
            "`username` and `password` go together",
        ),
        (
            "smtp",
            with("ca_certificate", json!("hidden")),
            "certificate in PEM",
        ),
        (
            "twilio",
            json!({ "account_sid": "AC1", "auth_token": "hidden" }),
            "either `from` or `messaging_service_sid`",
        ),
        (
            "twilio",
            json!({ "account_sid": "AC1/../x", "auth_token": "hidden", "from": "Pasar" }),
            "`account_sid`",
        ),
        (
            "sendgrid",
            json!({ "api_key": "hidden", "from": "a@pasar.test", "webhook_key": "hidden" }),
            "`webhook_key`",
        ),
        (
            "sendgrid",
            json!({ "api_key": "hidden", "from": "a@pasar.test", "url": "sendgrid.com" }),
            "`url` must begin with https://",
        ),
        (
            "fcm",
            json!({ "service_account": "{\"private_key\":\"hidden\"}" }),
            "`service_account`",
        ),
        (
            "whatsapp",
            json!({ "phone_number_id": "+62 hidden", "access_token": "hidden" }),
            "`phone_number_id`",
        ),
    ] {
        let text = refused(section, provider).await;
        assert!(text.contains(word) && text.contains(section), "{text}");
        assert!(!text.contains("hidden"), "{text}");
    }
}

// With an empty one anybody could sign callbacks.
#[tokio::test]
async fn a_secret_that_is_empty_stops_the_start() {
    for (section, provider, sentence) in [
        (
            "twilio",
            json!({ "account_sid": "AC1", "auth_token": "", "from": "Pasar" }),
            "`auth_token` must not be empty",
        ),
        (
            "whatsapp",
            json!({ "phone_number_id": "1", "access_token": "hidden", "app_secret": "" }),
            "`app_secret` must not be empty",
        ),
        (
            "whatsapp",
            json!({ "phone_number_id": "1", "access_token": "hidden", "verify_token": " " }),
            "`verify_token` must not be empty",
        ),
        (
            "smtp",
            json!({ "host": "mail.test", "from": "a@pasar.test", "username": "x", "password": "" }),
            "`password` must not be empty",
        ),
    ] {
        let text = refused(section, provider).await;
        assert!(text.contains(sentence) && text.contains(section), "{text}");
    }
}

#[tokio::test]
async fn settings_that_contradict_each_other_or_are_no_addresses_stop_the_start() {
    let app = Subgraph::start(&notifications::SUBGRAPH).await;
    let smtp = json!({ "host": "localhost", "from": "a@pasar.test" });
    let mut both = settings("smtp", smtp);
    both.sendgrid = serde_json::from_value(json!({ "api_key": "x", "from": "a@pasar.test" })).ok();
    let mut slash = settings("smtp", Value::Null);
    slash.callback_url = Some("https://pasar.test/".to_owned());
    let mut country = settings("smtp", Value::Null);
    country.country_code = "+62".to_owned();
    let mut page = settings("smtp", Value::Null);
    page.site_url = "https://pasar.test/".to_owned();
    let mut nowhere = settings("smtp", Value::Null);
    nowhere.site_url = "pasar.test".to_owned();
    for (settings, word) in [
        (both, "leave one out"),
        (slash, "callback_url"),
        (page, "site_url"),
        (nowhere, "site_url"),
        (country, "country_code"),
    ] {
        let Err(fault) = Channels::new(settings, &app.deps) else {
            panic!("accepted: {word}");
        };
        assert!(fault.public().contains(word), "{fault:?}");
    }
}

#[test]
fn secrets_are_handed_over_and_not_printed() {
    let whatsapp = json!({
        "phone_number_id": "1", "access_token": "hidden-1", "app_secret": "hidden-2", "verify_token": "hidden-3",
    });
    let settings = settings("whatsapp", whatsapp);
    let printed = format!("{}{settings:?}", json!(settings));
    assert!(!printed.contains("hidden"), "{printed}");
    let handed: Settings = serde_json::from_value(settings.exposed()).unwrap();
    let section = handed.whatsapp.unwrap();
    assert_eq!(section.access_token.expose(), "hidden-1");
    assert_eq!(section.app_secret.unwrap().expose(), "hidden-2");
    assert_eq!(section.verify_token.unwrap().expose(), "hidden-3");
    assert!(handed.twilio.is_none());
}
