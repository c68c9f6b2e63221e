//! SendGrid's event webhook:
//! <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features>.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use kernel::Fault;
use p256::{
    ecdsa::{Signature, VerifyingKey, signature::Verifier as _},
    pkcs8::DecodePublicKey as _,
};
use serde_json::Value;
use service::Ctx;

use super::{Callback, code, delivery, header, settle};
use crate::channels::{
    ReportedStatus, StatusReport, api,
    sendgrid::{DELIVERY, NAME},
};

const PATH: &str = "/notifications/callbacks/sendgrid";
/// A batch is at most 768 KiB.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// How far the signature's time may be from ours; older ones may be recordings.
const MAX_AGE_SECONDS: u64 = 600;

/// Understands SendGrid's callbacks.
pub(in crate::channels) struct SendgridCallbacks {
    key: VerifyingKey,
}

impl SendgridCallbacks {
    /// `key` is the verification key as its pages show it: base64 of a public key (SPKI).
    pub(in crate::channels) fn new(key: &str) -> Result<Self, Fault> {
        let wrong = || {
            let what = "`webhook_key` must be the verification key of the signed event webhook";
            api::wrong(NAME, what)
        };
        let der = STANDARD.decode(key.trim()).map_err(|_| wrong())?;
        let key = VerifyingKey::from_public_key_der(&der).map_err(|_| wrong())?;
        Ok(Self { key })
    }

    /// The route.
    pub(in crate::channels) fn routes(self: Arc<Self>, ctx: Ctx) -> Router {
        Router::new()
            .route(PATH, post(answer))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state((self, ctx))
    }

    fn read(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Callback {
        if !self.is_signed(headers, body, now) {
            return Callback::Forged;
        }
        let Ok(events) = serde_json::from_slice::<Vec<Value>>(body) else {
            return Callback::Malformed;
        };
        Callback::Reports(events.iter().filter_map(report).collect())
    }

    fn is_signed(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> bool {
        let signed = || {
            let timestamp = header(headers, "x-twilio-email-event-webhook-timestamp")?;
            let at: i64 = timestamp.parse().ok()?;
            if at.abs_diff(now.timestamp()) > MAX_AGE_SECONDS {
                return None;
            }
            let signature = header(headers, "x-twilio-email-event-webhook-signature")?;
            let signature = Signature::from_der(&STANDARD.decode(signature).ok()?).ok()?;
            let message = [timestamp.as_bytes(), body].concat();
            self.key.verify(&message, &signature).ok()
        };
        signed().is_some()
    }
}

/// What one event of a batch says; nothing when it says nothing final.
fn report(event: &Value) -> Option<StatusReport> {
    let status = match event["event"].as_str()? {
        "delivered" => ReportedStatus::Delivered,
        "open" | "click" => ReportedStatus::Read,
        kind @ ("bounce" | "dropped") => {
            // `reason` and `response` repeat the address; `status` is the code of RFC 3463.
            let code = event["status"].as_str().and_then(code).unwrap_or("no code");
            ReportedStatus::Failed {
                reason: format!("sendgrid reported {kind} ({code})"),
            }
        }
        _ => return None,
    };
    // `14c5d75ce93.dfd.64b469.filter0001…`: its beginning is what the answer to the sending said.
    let message_id = event["sg_message_id"].as_str().unwrap_or_default();
    let provider_id = message_id.split('.').next().unwrap_or_default();
    let delivery_id = delivery(event[DELIVERY].as_str());
    if delivery_id.is_none() && provider_id.is_empty() {
        return None;
    }
    Some(StatusReport {
        provider: NAME,
        delivery_id,
        provider_id: provider_id.to_owned(),
        status,
        at: api::time(event["timestamp"].as_i64()?)?,
    })
}

async fn answer(
    State((callbacks, ctx)): State<(Arc<SendgridCallbacks>, Ctx)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let callback = callbacks.read(&headers, &body, ctx.now());
    settle(&ctx, NAME, callback).await
}
