//! One request to a provider's HTTP API, and what its answer means when the provider says nothing more.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Request, Response, StatusCode, Uri, header};
use kernel::{Fault, FaultKind};
use process::client::{Client, ClientError, ClientSettings};
use serde_json::Value;

use super::Outcome;

/// No answer of a provider is longer.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// Nobody waits longer than this because a provider says so.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);

/// A provider's API.
pub(super) struct Api {
    provider: &'static str,
    client: Client,
    url: String,
    timeout: Duration,
}

/// A request's body and its type.
pub(super) enum Body {
    /// JSON.
    Json(Value),
    /// The fields of a form, already encoded.
    Form(String),
}

impl Api {
    /// The API of `provider` below `url`; each request may take `timeout`.
    pub(super) fn new(provider: &'static str, url: &str, timeout: Duration) -> Result<Self, Fault> {
        let url = url.trim_end_matches('/');
        let absolute = url
            .parse::<Uri>()
            .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        if !absolute {
            return Err(wrong(provider, "`url` must begin with https://"));
        }
        Ok(Self {
            provider,
            client: Client::new(&ClientSettings::default()),
            url: url.to_owned(),
            timeout,
        })
    }

    /// Posts and gives the answer, whatever its status; without one, what that means.
    pub(super) async fn post(
        &self,
        path: &str,
        authorization: Option<&str>,
        body: Body,
    ) -> Result<Response<Bytes>, Outcome> {
        let (kind, body) = match body {
            Body::Json(json) => ("application/json", json.to_string()),
            Body::Form(form) => ("application/x-www-form-urlencoded", form),
        };
        let mut request =
            Request::post(format!("{}{path}", self.url)).header(header::CONTENT_TYPE, kind);
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let Ok(request) = request.body(Bytes::from(body).into()) else {
            // The error is not shown: it could repeat the key.
            return Err(failed(
                self.provider,
                "cannot be asked: its settings hold characters that a request must not",
            ));
        };
        let sent = self.client.send(request, self.timeout, MAX_ANSWER_BYTES);
        sent.await.map_err(|error| self.no_answer(&error))
    }

    fn no_answer(&self, error: &ClientError) -> Outcome {
        let what = match error {
            ClientError::Timeout(_) => "did not answer in time",
            ClientError::Connect(_) => "is not reached",
            ClientError::Broken(_) => "broke the connection",
            ClientError::TooLarge(_) => "answered with too much",
        };
        failed(self.provider, what)
    }

    /// What an answer means by its status alone. `code` is the provider's own, for the reason.
    pub(super) fn by_status(&self, answer: &Response<Bytes>, code: Option<&str>) -> Outcome {
        let status = answer.status();
        let mut reason = format!("{} answered {}", self.provider, status.as_u16());
        if let Some(code) = code {
            reason = format!("{reason} ({code})");
        }
        match status {
            // Not the message's fault: it goes out once the operator has mended the settings.
            StatusCode::UNAUTHORIZED | StatusCode::PAYMENT_REQUIRED | StatusCode::FORBIDDEN => {
                tracing::error!(provider = self.provider, reason, "a provider refuses us");
                Outcome::Failed {
                    reason,
                    retry_after: None,
                }
            }
            StatusCode::NOT_FOUND
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::CONFLICT
            | StatusCode::TOO_EARLY
            | StatusCode::TOO_MANY_REQUESTS => Outcome::Failed {
                reason,
                retry_after: retry_after(answer.headers()),
            },
            status if status.is_client_error() => Outcome::Refused { reason },
            _ => Outcome::Failed {
                reason,
                retry_after: retry_after(answer.headers()),
            },
        }
    }
}

/// A failure that may pass.
pub(super) fn failed(provider: &str, what: &str) -> Outcome {
    Outcome::Failed {
        reason: format!("{provider} {what}"),
        retry_after: None,
    }
}

/// A refusal of our own, before anything is sent.
pub(super) fn refused(reason: &str) -> Outcome {
    Outcome::Refused {
        reason: reason.to_owned(),
    }
}

/// A setting that makes no sense.
pub(super) fn wrong(section: &str, what: &str) -> Fault {
    let text =
        format!("the settings of notifications are wrong: [notifications.{section}]: {what}");
    Fault::told(FaultKind::Internal, &text)
}

/// How long the provider asks to wait: seconds or a date (RFC 9110), or the time at which a limit is reset
/// (`X-RateLimit-Reset` of SendGrid, seconds since 1970). Dates count from the answer's own `Date`, so that
/// clocks need not agree.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |text: &str| DateTime::parse_from_rfc2822(text).ok();
    let answered = || Some(date(text("date")?)?.timestamp());
    let seconds = match text("retry-after") {
        Some(wait) => wait
            .parse::<i64>()
            .ok()
            .or_else(|| Some(date(wait)?.timestamp() - answered()?)),
        None => text("x-ratelimit-reset")
            .and_then(|reset| Some(reset.parse::<i64>().ok()? - answered()?)),
    };
    let wait = Duration::from_secs(u64::try_from(seconds?).ok()?);
    Some(wait.min(LONGEST_WAIT))
}

/// The answer's body as JSON; `Null` when it is none.
pub(super) fn json(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or_default()
}

/// Seconds since 1970, as callbacks have them, as a time.
pub(super) fn time(seconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0)
}
