//! E-mail by Twilio SendGrid: <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>.

use http::StatusCode;
use kernel::Fault;
use lettre::message::Mailbox;
use serde_json::{Value, json};

use super::{
    Message, Outcome, SendgridSettings,
    api::{self, Api, Body},
    letter,
};

/// See [`super::Channels::provider`].
pub(super) const NAME: &str = "sendgrid";
/// The argument by which its callbacks repeat our id.
pub(super) const DELIVERY: &str = "delivery_id";

/// Sends e-mails.
pub(super) struct Sendgrid {
    api: Api,
    authorization: String,
    from: Mailbox,
    reply_to: Option<Mailbox>,
}

impl Sendgrid {
    pub(super) fn new(settings: &SendgridSettings) -> Result<Self, Fault> {
        let (from, reply_to) = letter::senders(NAME, &settings.from, settings.reply_to.as_deref())?;
        Ok(Self {
            api: Api::new(NAME, &settings.url, settings.timeout.get())?,
            authorization: format!("Bearer {}", settings.api_key.expose()),
            from,
            reply_to,
        })
    }

    /// Sends `message`. Taken means queued: what became of it comes by callback.
    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let to = match letter::recipient(message) {
            Ok(to) => to,
            Err(refused) => return refused,
        };
        let body = Body::Json(self.body(message, &to));
        let answer = match self
            .api
            .post("/v3/mail/send", Some(&self.authorization), body)
            .await
        {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        if answer.status() != StatusCode::ACCEPTED {
            // Its errors have no codes, only the field that is wrong.
            let json = api::json(&answer);
            let field = json["errors"][0]["field"]
                .as_str()
                .filter(|field| is_field(field));
            return self.api.by_status(&answer, field);
        }
        let id = answer.headers().get("x-message-id");
        let id = id.and_then(|id| id.to_str().ok()).map(str::to_owned);
        Outcome::Accepted {
            provider_id: id.unwrap_or_else(|| message.delivery_id.to_string()),
        }
    }

    fn body(&self, message: &Message, to: &Mailbox) -> Value {
        let mut content = vec![json!({ "type": "text/plain", "value": message.text })];
        if let Some(html) = &message.html {
            content.push(json!({ "type": "text/html", "value": html }));
        }
        let mut body = json!({
            "personalizations": [{
                "to": [person(to)],
                "custom_args": { DELIVERY: message.delivery_id },
            }],
            "from": person(&self.from),
            "subject": letter::one_line(&message.subject),
            "content": content,
            "headers": { "Auto-Submitted": "auto-generated" },
            // Rewritten links would show tokens of ours to somebody else, and be of another domain.
            "tracking_settings": {
                "click_tracking": { "enable": false, "enable_text": false },
                "open_tracking": { "enable": false },
            },
        });
        if let Some(reply_to) = &self.reply_to {
            body["reply_to"] = person(reply_to);
        }
        body
    }
}

fn person(mailbox: &Mailbox) -> Value {
    match &mailbox.name {
        Some(name) => json!({ "email": mailbox.email.to_string(), "name": name }),
        None => json!({ "email": mailbox.email.to_string() }),
    }
}

/// Whether it is the path of a field, such as `personalizations.0.to.0.email`, and no content.
fn is_field(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
    text.len() <= 80 && text.chars().all(fits)
}
