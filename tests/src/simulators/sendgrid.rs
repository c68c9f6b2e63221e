//! SendGrid's `mail/send` and its signed event webhook.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    pkcs8::EncodePublicKey as _,
};
use serde_json::{Value, json};

use super::{Answer, Callback, Fault, Received, web::Web};

const API_KEY: &str = "SG.key-of-the-tests";
const PATH: &str = "/mail/send";

/// A running simulator.
pub struct Sendgrid {
    web: Web,
    key: SigningKey,
}

impl Sendgrid {
    /// Starts it.
    pub async fn start() -> Self {
        let sent = AtomicUsize::new(0);
        let handler = move |request: &Received| match refusal(request) {
            Some(refusal) => refusal,
            None => {
                let number = sent.fetch_add(1, Ordering::SeqCst) + 1;
                Answer::status(202).with("x-message-id", &format!("sendgrid{number}"))
            }
        };
        Self {
            web: Web::start(handler).await,
            key: SigningKey::from_slice(&[7; 32]).unwrap(),
        }
    }

    /// The section `[notifications.sendgrid]` that leads here.
    #[must_use]
    pub fn settings(&self) -> Value {
        let key = self.key.verifying_key().to_public_key_der().unwrap();
        json!({
            "url": self.web.url, "api_key": API_KEY, "from": "Pasar <no-reply@pasar.test>",
            "reply_to": "help@pasar.test", "webhook_key": STANDARD.encode(key.as_bytes()), "timeout": "2s",
        })
    }

    /// How the next request fails.
    pub fn fail(&self, fault: Fault) {
        self.web.fail(PATH, fault);
    }

    /// What came.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.web.received(PATH)
    }

    /// One event about the message that `request` asked for.
    #[must_use]
    pub fn event(&self, request: &Received, event: &str, at: DateTime<Utc>) -> Value {
        let message = request.json();
        let message = &message["personalizations"][0];
        let mut json = json!({
            "email": message["to"][0]["email"],
            "timestamp": at.timestamp(),
            "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
            "event": event,
            "sg_event_id": format!("{event}-1"),
            "sg_message_id": "sendgrid1.recvd-5f9-1.64b469.0",
        });
        if let Some(arguments) = message["custom_args"].as_object() {
            for (name, value) in arguments {
                json[name] = value.clone();
            }
        }
        if event == "bounce" {
            json["status"] = json!("5.1.1");
            json["type"] = json!("bounce");
            json["reason"] = json!("550 5.1.1 <siti@example.com> no such user");
        }
        json
    }

    /// A signed callback with these events.
    #[must_use]
    pub fn callback(&self, events: &[Value], at: DateTime<Utc>) -> Callback {
        let body = json!(events).to_string();
        let timestamp = at.timestamp().to_string();
        let signature: Signature = self.key.sign(format!("{timestamp}{body}").as_bytes());
        Callback {
            path: "/notifications/callbacks/sendgrid".to_owned(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                (
                    "x-twilio-email-event-webhook-signature",
                    STANDARD.encode(signature.to_der()),
                ),
                ("x-twilio-email-event-webhook-timestamp", timestamp),
            ],
            body: body.into(),
        }
    }
}

fn refusal(request: &Received) -> Option<Answer> {
    if request.header("authorization") != format!("Bearer {API_KEY}") {
        return Some(error(401, None));
    }
    if request.path != "/v3/mail/send" {
        return Some(error(404, None));
    }
    let body = request.json();
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let is_address = |value: &Value| value.as_str().is_some_and(|text| text.contains('@'));
    let contents = body["content"].as_array().cloned().unwrap_or_default();
    let kinds: Vec<_> = contents.iter().map(|content| &content["type"]).collect();
    let arguments = body["personalizations"][0]["custom_args"].as_object();
    let field = match () {
        () if !is_address(&body["personalizations"][0]["to"][0]["email"]) => {
            "personalizations.0.to.0.email"
        }
        () if arguments.is_some_and(|all| !all.values().all(Value::is_string)) => {
            "personalizations.0.custom_args"
        }
        () if !is_address(&body["from"]["email"]) => "from.email",
        () if !is_text(&body["subject"]) => "subject",
        // Plain text first, as the documentation demands.
        () if kinds != ["text/plain"] && kinds != ["text/plain", "text/html"] => "content",
        () if !contents.iter().all(|content| is_text(&content["value"])) => "content.0.value",
        () => return None,
    };
    Some(error(400, Some(field)))
}

/// A refusal as SendGrid words them.
#[must_use]
pub fn error(status: u16, field: Option<&str>) -> Answer {
    let message = "siti@example.com is not what it should be";
    let errors = json!({ "errors": [{ "message": message, "field": field, "help": null }] });
    Answer::json(status, &errors)
}
