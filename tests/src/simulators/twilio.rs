//! Twilio's Messages API and status callbacks.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;

use super::{Answer, Callback, Fault, Received, web::Web};

const SID: &str = "AC00000000000000000000000000000001";
const AUTH_TOKEN: &str = "twilio-auth-token-of-the-tests";
const PATH: &str = "/Messages.json";

/// A running simulator.
pub struct Twilio {
    web: Web,
}

impl Twilio {
    /// Starts it.
    pub async fn start() -> Self {
        let sent = AtomicUsize::new(0);
        let handler = move |request: &Received| match refusal(request) {
            Some(refusal) => refusal,
            None => accepted(request, sent.fetch_add(1, Ordering::SeqCst) + 1),
        };
        Self {
            web: Web::start(handler).await,
        }
    }

    /// The section `[notifications.twilio]` that leads here.
    #[must_use]
    pub fn settings(&self) -> Value {
        json!({
            "url": self.web.url, "account_sid": SID, "auth_token": AUTH_TOKEN,
            "from": "+15005550006", "timeout": "2s",
        })
    }

    /// How the next request fails.
    pub fn fail(&self, fault: Fault) {
        self.web.fail(PATH, fault);
    }

    /// Refuses the next request with one of the documented codes.
    pub fn refuse(&self, status: u16, code: u32) {
        self.fail(Fault::Answer(error(status, code)));
    }

    /// What came.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.web.received(PATH)
    }

    /// The callback about the message that `request` asked for.
    #[must_use]
    pub fn callback(&self, request: &Received, sid: &str, status: &str) -> Callback {
        let mut form = vec![
            ("AccountSid", SID.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("From", request.field("From")),
            ("MessageSid", sid.to_owned()),
            ("MessageStatus", status.to_owned()),
            ("SmsSid", sid.to_owned()),
            ("SmsStatus", status.to_owned()),
            ("To", request.field("To")),
        ];
        if matches!(status, "failed" | "undelivered") {
            form.push(("ErrorCode", "30003".to_owned()));
        }
        // Behind `#` is how it connects: neither sent nor signed.
        let url = request.field("StatusCallback");
        sign(url.split('#').next().unwrap_or_default(), &form)
    }
}

/// A signed callback to `url`.
#[must_use]
pub fn sign(url: &str, form: &[(&str, String)]) -> Callback {
    let mut mac = Hmac::<Sha1>::new_from_slice(AUTH_TOKEN.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    let mut sorted = form.to_vec();
    sorted.sort();
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let host = url.find("://").unwrap() + 3;
    let path = host + url.split_at(host).1.find('/').unwrap();
    Callback {
        path: url.split_at(path).1.to_owned(),
        headers: vec![
            (
                "content-type",
                "application/x-www-form-urlencoded; charset=UTF-8".to_owned(),
            ),
            ("x-twilio-signature", signature),
        ],
        body: serde_urlencoded::to_string(form).unwrap().into(),
    }
}

fn refusal(request: &Received) -> Option<Answer> {
    let login = STANDARD.encode(format!("{SID}:{AUTH_TOKEN}"));
    if request.header("authorization") != format!("Basic {login}") {
        return Some(error(401, 20003));
    }
    if request.path != format!("/2010-04-01/Accounts/{SID}/Messages.json") {
        return Some(error(404, 20404));
    }
    if request.header("content-type") != "application/x-www-form-urlencoded" {
        return Some(error(400, 21602));
    }
    let (to, body) = (request.field("To"), request.field("Body"));
    let digits = to.strip_prefix('+').unwrap_or_default();
    let is_number = (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let sender = format!(
        "{}{}",
        request.field("From"),
        request.field("MessagingServiceSid")
    );
    let callback = request.field("StatusCallback");
    let code = match () {
        () if !is_number => 21211,
        () if sender.is_empty() => 21603,
        () if body.is_empty() => 21602,
        () if body.chars().count() > 1600 => 21617,
        () if !callback.is_empty() && !callback.starts_with("http") => 21609,
        () => return None,
    };
    Some(error(400, code))
}

fn accepted(request: &Received, number: usize) -> Answer {
    let body = json!({
        "account_sid": SID,
        "api_version": "2010-04-01",
        "body": request.field("Body"),
        "direction": "outbound-api",
        "error_code": null,
        "error_message": null,
        "from": request.field("From"),
        "num_segments": "1",
        "sid": format!("SM{number:032}"),
        "status": "queued",
        "to": request.field("To"),
    });
    Answer::json(201, &body)
}

fn error(status: u16, code: u32) -> Answer {
    let body = json!({
        "code": code,
        "message": "The 'To' number +6281234567890 is not what it should be.",
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status,
    });
    Answer::json(status, &body)
}
