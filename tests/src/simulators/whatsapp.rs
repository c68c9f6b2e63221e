//! Meta's Cloud API for WhatsApp and its webhook.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Answer, Callback, Fault, Received, web::Web};

const NUMBER_ID: &str = "106540352242922";
const ACCESS_TOKEN: &str = "EAA-token-of-the-tests";
const APP_SECRET: &str = "app-secret-of-the-tests";
/// What the handshake must repeat.
pub const VERIFY_TOKEN: &str = "verify-token-of-the-tests";
const CALLBACK: &str = "/notifications/callbacks/whatsapp";
const PATH: &str = "/messages";

/// Approved templates: how many variables each has.
type Templates = Arc<Mutex<HashMap<String, usize>>>;

/// A running simulator.
pub struct Whatsapp {
    web: Web,
    templates: Templates,
}

impl Whatsapp {
    /// Starts it.
    pub async fn start() -> Self {
        let templates = Templates::default();
        let (sent, approved) = (AtomicUsize::new(0), Arc::clone(&templates));
        let handler = move |request: &Received| match refusal(request, &approved) {
            Some(refusal) => refusal,
            None => accepted(request, sent.fetch_add(1, Ordering::SeqCst) + 1),
        };
        Self {
            web: Web::start(handler).await,
            templates,
        }
    }

    /// The section `[notifications.whatsapp]` that leads here.
    #[must_use]
    pub fn settings(&self) -> Value {
        json!({
            "url": self.web.url, "phone_number_id": NUMBER_ID, "access_token": ACCESS_TOKEN,
            "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN, "template_prefix": "pasar_", "timeout": "2s",
        })
    }

    /// Approves a template with so many variables, in both languages.
    pub fn approve(&self, name: &str, variables: usize) {
        self.templates
            .lock()
            .unwrap()
            .insert(name.to_owned(), variables);
    }

    /// How the next request fails.
    pub fn fail(&self, fault: Fault) {
        self.web.fail(PATH, fault);
    }

    /// Refuses the next request with one of the documented codes.
    pub fn refuse(&self, status: u16, code: i64) {
        self.fail(Fault::Answer(error(status, code)));
    }

    /// What came.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.web.received(PATH)
    }

    /// One status of the message that `request` asked for.
    #[must_use]
    pub fn status(&self, request: &Received, status: &str, at: DateTime<Utc>) -> Value {
        let message = request.json();
        let mut json = json!({
            "id": "wamid.1",
            "status": status,
            "timestamp": at.timestamp().to_string(),
            "recipient_id": "6281234567890",
            "biz_opaque_callback_data": message["biz_opaque_callback_data"],
        });
        if status == "failed" {
            json["errors"] = json!([{
                "code": 131_026, "title": "Message undeliverable",
                "error_data": { "details": "6281234567890 is nobody" },
            }]);
        }
        json
    }

    /// A signed callback with these statuses.
    #[must_use]
    pub fn callback(&self, statuses: &[Value]) -> Callback {
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{ "id": "102290129340398", "changes": [{
                "field": "messages",
                "value": {
                    "messaging_product": "whatsapp",
                    "metadata": { "display_phone_number": "15550783881", "phone_number_id": NUMBER_ID },
                    "statuses": statuses,
                },
            }] }],
        });
        sign(&body.to_string())
    }
}

/// A signed callback with this body.
#[must_use]
pub fn sign(body: &str) -> Callback {
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    Callback {
        path: CALLBACK.to_owned(),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            ("x-hub-signature-256", format!("sha256={signature}")),
        ],
        body: body.to_owned().into(),
    }
}

/// The path of the handshake.
#[must_use]
pub fn handshake(mode: &str, token: &str, challenge: &str) -> String {
    format!("{CALLBACK}?hub.mode={mode}&hub.verify_token={token}&hub.challenge={challenge}")
}

fn refusal(request: &Received, approved: &Templates) -> Option<Answer> {
    if request.header("authorization") != format!("Bearer {ACCESS_TOKEN}") {
        return Some(error(401, 190));
    }
    if request.path != format!("/v23.0/{NUMBER_ID}/messages") {
        return Some(error(400, 100));
    }
    let body = request.json();
    let to = body["to"].as_str().unwrap_or_default();
    let digits = to.strip_prefix('+').unwrap_or(to);
    let template = &body["template"];
    let name = template["name"].as_str().unwrap_or_default();
    let language = template["language"]["code"].as_str().unwrap_or_default();
    let parameters = template["components"][0]["parameters"].as_array();
    let parameters = parameters.cloned().unwrap_or_default();
    let texts: Vec<_> = parameters
        .iter()
        .map(|one| one["text"].as_str().unwrap_or_default())
        .collect();
    let wanted = approved.lock().unwrap().get(name).copied();
    let code = match () {
        () if body["messaging_product"] != "whatsapp" || body["type"] != "template" => 131_008,
        () if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) => 131_009,
        () if !["id", "en"].contains(&language) => 132_001,
        () if wanted.is_none() => 132_001,
        () if wanted != Some(texts.len()) => 132_000,
        () if texts
            .iter()
            .any(|text| text.is_empty() || text.contains(['\n', '\t'])) =>
        {
            132_018
        }
        () => return None,
    };
    Some(error(400, code))
}

fn accepted(request: &Received, number: usize) -> Answer {
    let to = request.json()["to"].clone();
    let body = json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": to, "wa_id": "6281234567890" }],
        "messages": [{ "id": format!("wamid.{number}"), "message_status": "accepted" }],
    });
    Answer::json(200, &body)
}

fn error(status: u16, code: i64) -> Answer {
    let body = json!({ "error": {
        "message": format!("(#{code}) +6281234567890 is not what it should be"),
        "type": "OAuthException",
        "code": code,
        "error_data": { "messaging_product": "whatsapp", "details": "…" },
        "fbtrace_id": "A1",
    } });
    Answer::json(status, &body)
}
