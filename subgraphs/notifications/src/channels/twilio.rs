//! SMS by Twilio: <https://www.twilio.com/docs/messaging/api/message-resource>.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::StatusCode;
use kernel::Fault;

use super::{
    Address, Message, Outcome, TwilioSettings,
    api::{self, Api, Body, wrong},
    phone,
};

/// See [`super::Channels::provider`].
pub(super) const NAME: &str = "twilio";
/// The parameter by which its callbacks repeat our id; the signature covers it.
pub(super) const DELIVERY: &str = "delivery";
/// What makes it report again when we answer 5xx, not at all or too late: five times, within 15 s in all. By itself it
/// does so only when it cannot connect. It is neither sent nor signed:
/// <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>.
const RETRIES: &str = "#rc=5&rp=5xx,ct,rt";

/// Sends SMS.
pub(super) struct Twilio {
    api: Api,
    path: String,
    authorization: String,
    sender: (&'static str, String),
    callback: Option<String>,
    country_code: String,
}

impl Twilio {
    /// `callback` is where Twilio reports.
    pub(super) fn new(
        settings: &TwilioSettings,
        callback: Option<String>,
        country_code: &str,
    ) -> Result<Self, Fault> {
        let sender = match (&settings.from, &settings.messaging_service_sid) {
            (Some(from), None) => ("From", from.clone()),
            (None, Some(service)) => ("MessagingServiceSid", service.clone()),
            _ => {
                let what = "needs either `from` or `messaging_service_sid`";
                return Err(wrong(NAME, what));
            }
        };
        let sid = &settings.account_sid;
        if sid.is_empty() || !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong(NAME, "`account_sid` must be like `AC` and 32 digits"));
        }
        let login = STANDARD.encode(format!("{sid}:{}", settings.auth_token.expose()));
        Ok(Self {
            api: Api::new(NAME, &settings.url, settings.timeout.get())?,
            path: format!("/2010-04-01/Accounts/{sid}/Messages.json"),
            authorization: format!("Basic {login}"),
            sender,
            callback,
            country_code: country_code.to_owned(),
        })
    }

    /// Sends `message`. Taken means queued: what became of it comes by callback.
    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let Address::Phone(number) = &message.to else {
            return api::refused("an SMS needs a phone number");
        };
        let Some(to) = phone::e164(number, &self.country_code) else {
            return api::refused("the phone number is none");
        };
        let mut form = vec![
            ("To", to),
            (self.sender.0, self.sender.1.clone()),
            ("Body", message.text.clone()),
        ];
        if let Some(callback) = &self.callback {
            let url = format!("{callback}?{DELIVERY}={}{RETRIES}", message.delivery_id);
            form.push(("StatusCallback", url));
        }
        let Ok(form) = serde_urlencoded::to_string(&form) else {
            return api::refused("the message makes no form");
        };
        let sent = self
            .api
            .post(&self.path, Some(&self.authorization), Body::Form(form));
        let answer = match sent.await {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let json = api::json(&answer);
        if answer.status() != StatusCode::CREATED {
            return self.refusal(&answer, json["code"].as_u64());
        }
        match (json["sid"].as_str(), json["status"].as_str()) {
            (_, Some("failed" | "undelivered" | "canceled")) => {
                let code = json["error_code"].as_u64().unwrap_or_default();
                Outcome::Refused {
                    reason: format!("twilio took it and failed ({code})"),
                }
            }
            (Some(sid), _) => Outcome::Accepted {
                provider_id: sid.to_owned(),
            },
            (None, _) => api::failed(NAME, "answered without a sid"),
        }
    }

    /// <https://www.twilio.com/docs/api/errors>; its texts are not kept, they repeat the number.
    fn refusal(&self, answer: &http::Response<bytes::Bytes>, code: Option<u64>) -> Outcome {
        let reason = |what: &str| format!("twilio answered {} ({what})", code.unwrap_or_default());
        match code {
            Some(21211 | 21217 | 21614) => Outcome::Gone {
                reason: reason("no number that takes SMS"),
            },
            Some(21610) => Outcome::Refused {
                reason: reason("the person has unsubscribed"),
            },
            // The sender's queue is full; it drains.
            Some(21611 | 20429 | 14107) => Outcome::Failed {
                reason: reason("too many messages"),
                retry_after: api::retry_after(answer.headers()),
            },
            // Settings: sender, country or funds. The operator can mend them.
            Some(21212 | 21408 | 21603 | 21606 | 21701 | 21703 | 20003 | 30002) => {
                tracing::error!(provider = NAME, code, "a provider refuses us");
                Outcome::Failed {
                    reason: reason("the account or the sender is not set up for it"),
                    retry_after: None,
                }
            }
            _ => {
                let code = code.map(|code| code.to_string());
                self.api.by_status(answer, code.as_deref())
            }
        }
    }
}
