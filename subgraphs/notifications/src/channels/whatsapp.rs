//! WhatsApp by Meta's Cloud API: <https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages>.
//! Who begins a conversation may only send templates that Meta has approved.

use bytes::Bytes;
use http::{Response, StatusCode};
use kernel::Fault;
use serde_json::{Value, json};

use super::{
    Address, Locale, Message, Outcome, WhatsappSettings,
    api::{self, Api, Body, wrong},
    phone,
};

/// See [`super::Channels::provider`].
pub(super) const NAME: &str = "whatsapp";
/// The field by which its callbacks repeat our id.
pub(super) const DELIVERY: &str = "biz_opaque_callback_data";
/// The longest value of a variable.
const MAX_VARIABLE_CHARS: usize = 1_024;

/// Sends WhatsApp messages.
pub(super) struct Whatsapp {
    api: Api,
    path: String,
    authorization: String,
    prefix: String,
    country_code: String,
}

impl Whatsapp {
    pub(super) fn new(settings: &WhatsappSettings, country_code: &str) -> Result<Self, Fault> {
        let number = &settings.phone_number_id;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            let what = "`phone_number_id` must be digits: the id, not the number";
            return Err(wrong(NAME, what));
        }
        let version = &settings.version;
        if !version.starts_with('v') || version.contains('/') {
            return Err(wrong(NAME, "`version` must be like `v23.0`"));
        }
        Ok(Self {
            api: Api::new(NAME, &settings.url, settings.timeout.get())?,
            path: format!("/{version}/{number}/messages"),
            authorization: format!("Bearer {}", settings.access_token.expose()),
            prefix: settings.template_prefix.clone(),
            country_code: country_code.to_owned(),
        })
    }

    /// Sends `message` by its template. Taken means queued: what became of it comes by callback.
    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let Address::Phone(number) = &message.to else {
            return api::refused("a WhatsApp message needs a phone number");
        };
        let Some(to) = phone::e164(number, &self.country_code) else {
            return api::refused("the phone number is none");
        };
        let body = Body::Json(self.body(message, &to));
        let sent = self.api.post(&self.path, Some(&self.authorization), body);
        let answer = match sent.await {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let json = api::json(&answer);
        if answer.status() != StatusCode::OK {
            return self.refusal(&answer, json["error"]["code"].as_i64());
        }
        match json["messages"][0]["id"].as_str() {
            Some(id) => Outcome::Accepted {
                provider_id: id.to_owned(),
            },
            None => api::failed(NAME, "answered without an id"),
        }
    }

    fn body(&self, message: &Message, to: &str) -> Value {
        let variables = &message.template.variables;
        let parameters: Vec<Value> = variables
            .iter()
            .map(|value| json!({ "type": "text", "text": variable(value) }))
            .collect();
        let mut components = Vec::new();
        if !parameters.is_empty() {
            components.push(json!({ "type": "body", "parameters": parameters }));
        }
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": to,
            "type": "template",
            "template": {
                "name": format!("{}{}", self.prefix, message.template.name),
                "language": { "code": language(message.locale) },
                "components": components,
            },
            DELIVERY: message.delivery_id,
        })
    }

    /// <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes>.
    fn refusal(&self, answer: &Response<Bytes>, code: Option<i64>) -> Outcome {
        let reason =
            |what: &str| format!("whatsapp answered {} ({what})", code.unwrap_or_default());
        match code {
            Some(131_026 | 131_021 | 131_030) => Outcome::Gone {
                reason: reason("no number that takes WhatsApp messages"),
            },
            Some(131_049 | 131_050 | 130_472) => Outcome::Refused {
                reason: reason("the person does not want it"),
            },
            // 131048 and 368 are about the sender's standing; they pass, or the operator sees to it.
            Some(
                1 | 2 | 4 | 368 | 80_007 | 130_429 | 131_000 | 131_016 | 131_048 | 131_056
                | 131_057 | 133_004,
            ) => Outcome::Failed {
                reason: reason("not now"),
                retry_after: api::retry_after(answer.headers()),
            },
            // Token, rights, number, funds: the operator can mend them.
            Some(
                0 | 3 | 10 | 190 | 200..=299 | 131_005 | 131_031 | 131_042 | 131_045 | 133_010,
            ) => {
                tracing::error!(provider = NAME, code, "a provider refuses us");
                Outcome::Failed {
                    reason: reason("the account is not set up for it"),
                    retry_after: None,
                }
            }
            // A template that is missing, paused or has other variables.
            Some(132_000..=132_069) => {
                tracing::error!(provider = NAME, code, "a provider does not take a template");
                Outcome::Refused {
                    reason: reason("the template is not approved as we use it"),
                }
            }
            _ => {
                let code = code.map(|code| code.to_string());
                self.api.by_status(answer, code.as_deref())
            }
        }
    }
}

const fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::Id => "id",
        Locale::En => "en",
    }
}

/// `value` as a template takes it: no line break, no tab, no more than four blanks in a row.
fn variable(value: &str) -> String {
    let words: Vec<&str> = value.split_whitespace().collect();
    words.join(" ").chars().take(MAX_VARIABLE_CHARS).collect()
}
