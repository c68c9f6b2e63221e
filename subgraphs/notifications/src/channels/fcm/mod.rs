//! Push messages by Firebase Cloud Messaging, HTTP v1:
//! <https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send>.

mod token;

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use kernel::{Clock, Fault};
use serde_json::{Value, json};

use super::{
    Address, FcmSettings, Message, Outcome,
    api::{self, Api, Body},
};
use token::{AccessTokens, ServiceAccount};

/// See [`super::Channels::provider`].
pub(super) const NAME: &str = "fcm";
/// A push message has room for 4 KiB altogether.
const MAX_TEXT_BYTES: usize = 2_000;
const MAX_TITLE_BYTES: usize = 200;
/// How long to wait when the quota is used up and the answer does not say.
const QUOTA_WAIT: Duration = Duration::from_secs(60);

/// Sends push messages.
pub(super) struct Fcm {
    api: Api,
    path: String,
    tokens: AccessTokens,
}

impl Fcm {
    pub(super) fn new(settings: &FcmSettings, clock: &Clock) -> Result<Self, Fault> {
        let account = ServiceAccount::read(settings.service_account.expose())?;
        let timeout = settings.timeout.get();
        Ok(Self {
            api: Api::new(NAME, &settings.url, timeout)?,
            path: format!("/v1/projects/{}/messages:send", account.project_id),
            tokens: AccessTokens::new(account, timeout, clock.clone())?,
        })
    }

    /// Sends `message` to one device. Taken is the last that is heard of it.
    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let Address::Device(device) = &message.to else {
            return api::refused("a push message needs a device");
        };
        let body = body(message, device);
        match self.attempt(body.clone()).await {
            // The access token may have been revoked before its time: once more with a fresh one.
            Err((Some(stale), _)) => {
                self.tokens.forget(&stale).await;
                let again = self.attempt(body).await;
                again.unwrap_or_else(|(_, outcome)| outcome)
            }
            Err((None, outcome)) | Ok(outcome) => outcome,
        }
    }

    /// One attempt; an access token that was refused comes back.
    async fn attempt(&self, body: Value) -> Result<Outcome, (Option<String>, Outcome)> {
        let token = self.tokens.get().await.map_err(|outcome| (None, outcome))?;
        let authorization = format!("Bearer {token}");
        let sent = self
            .api
            .post(&self.path, Some(&authorization), Body::Json(body));
        let answer = sent.await.map_err(|outcome| (None, outcome))?;
        let json = api::json(&answer);
        if answer.status() == StatusCode::OK {
            return Ok(match json["name"].as_str() {
                Some(name) => Outcome::Accepted {
                    provider_id: name.to_owned(),
                },
                None => api::failed(NAME, "answered without a name"),
            });
        }
        let outcome = self.refusal(&answer, &json);
        if answer.status() == StatusCode::UNAUTHORIZED
            && error_code(&json) == Some("UNAUTHENTICATED")
        {
            return Err((Some(token), outcome));
        }
        Ok(outcome)
    }

    /// <https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode>.
    fn refusal(&self, answer: &Response<Bytes>, json: &Value) -> Outcome {
        let code = error_code(json).filter(|code| is_code(code));
        let reason = || format!("fcm answered {}", code.unwrap_or_default());
        match code {
            // The app was removed, or the token belongs to another project or is none at all.
            Some("UNREGISTERED" | "SENDER_ID_MISMATCH") => Outcome::Gone { reason: reason() },
            Some("INVALID_ARGUMENT") if is_about_the_token(json) => {
                Outcome::Gone { reason: reason() }
            }
            // The quota is filled up again within a minute.
            Some("QUOTA_EXCEEDED") => Outcome::Failed {
                reason: reason(),
                retry_after: api::retry_after(answer.headers()).or(Some(QUOTA_WAIT)),
            },
            _ => self.api.by_status(answer, code),
        }
    }
}

fn body(message: &Message, device: &str) -> Value {
    let id = message.delivery_id.to_string();
    let mut data = json!({ "deliveryId": id });
    if let Some(link) = &message.link {
        data["link"] = json!(link);
    }
    let mut body = json!({ "message": {
        "token": device,
        "notification": {
            "title": cut(&message.subject, MAX_TITLE_BYTES),
            "body": cut(&message.text, MAX_TEXT_BYTES),
        },
        "data": data,
        // A message that is sent again takes the place of the first one on the screen.
        "android": { "notification": { "tag": id } },
        "apns": { "headers": { "apns-collapse-id": id } },
    } });
    // Other links are refused for the web.
    if let Some(link) = message
        .link
        .as_ref()
        .filter(|link| link.starts_with("https://"))
    {
        body["message"]["webpush"] = json!({ "fcm_options": { "link": link } });
    }
    body
}

/// `text`, shortened to so many bytes.
fn cut(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let room = max_bytes.saturating_sub('…'.len_utf8());
    let mut short = String::with_capacity(max_bytes);
    for c in text.chars() {
        if short.len() + c.len_utf8() > room {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

/// Its own code when it gives one, else the general one.
fn error_code(json: &Value) -> Option<&str> {
    let details = json["error"]["details"].as_array();
    details
        .into_iter()
        .flatten()
        .find_map(|detail| detail["errorCode"].as_str())
        .or_else(|| json["error"]["status"].as_str())
}

/// It names the field, or says it in this sentence and gives no detail but the code.
fn is_about_the_token(json: &Value) -> bool {
    let message = json["error"]["message"].as_str();
    if message.is_some_and(|text| text.ends_with("is not a valid FCM registration token")) {
        return true;
    }
    let details = json["error"]["details"].as_array();
    let violations = details
        .into_iter()
        .flatten()
        .filter_map(|detail| detail["fieldViolations"].as_array())
        .flatten();
    violations
        .filter_map(|violation| violation["field"].as_str())
        .any(|field| field == "message.token")
}

fn is_code(text: &str) -> bool {
    text.len() <= 40
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
