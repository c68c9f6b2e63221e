//! Meta's webhooks: <https://developers.facebook.com/docs/graph-api/webhooks/getting-started> and
//! <https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components>.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::get,
};
use hmac::{Hmac, Mac as _};
use serde::Deserialize;
use serde_json::Value;
use service::Ctx;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::{Callback, delivery, header, settle};
use crate::channels::{
    ReportedStatus, StatusReport, WhatsappSettings, api,
    whatsapp::{DELIVERY, NAME},
};

const PATH: &str = "/notifications/callbacks/whatsapp";
/// Meta's own limit.
const MAX_BODY_BYTES: usize = 3 * 1024 * 1024;
const MAX_CHALLENGE_BYTES: usize = 256;

/// Understands Meta's callbacks.
pub(in crate::channels) struct WhatsappCallbacks {
    app_secret: String,
    verify_token: Option<String>,
}

/// The question whether this address is ours.
#[derive(Deserialize)]
struct Handshake {
    #[serde(rename = "hub.mode", default)]
    mode: String,
    #[serde(rename = "hub.verify_token", default)]
    verify_token: String,
    #[serde(rename = "hub.challenge", default)]
    challenge: String,
}

impl WhatsappCallbacks {
    /// Nothing without the secret that signs them.
    pub(in crate::channels) fn new(settings: &WhatsappSettings) -> Option<Self> {
        let token = settings.verify_token.as_ref();
        Some(Self {
            app_secret: settings.app_secret.as_ref()?.expose().to_owned(),
            verify_token: token.map(|token| token.expose().to_owned()),
        })
    }

    /// The route.
    pub(in crate::channels) fn routes(self: Arc<Self>, ctx: Ctx) -> Router {
        Router::new()
            .route(PATH, get(shake_hands).post(answer))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state((self, ctx))
    }

    fn is_ours(&self, handshake: &Handshake) -> bool {
        let Some(token) = &self.verify_token else {
            return false;
        };
        let same = token.as_bytes().ct_eq(handshake.verify_token.as_bytes());
        handshake.mode == "subscribe"
            && handshake.challenge.len() <= MAX_CHALLENGE_BYTES
            && bool::from(same)
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Callback {
        if !self.is_signed(headers, body) {
            return Callback::Forged;
        }
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            return Callback::Malformed;
        };
        Callback::Reports(statuses(&json).filter_map(report).collect())
    }

    fn is_signed(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let signature = header(headers, "x-hub-signature-256")
            .and_then(|text| text.strip_prefix("sha256="))
            .and_then(|text| hex::decode(text).ok());
        let mac = Hmac::<Sha256>::new_from_slice(self.app_secret.as_bytes());
        let (Some(signature), Ok(mac)) = (signature, mac) else {
            return false;
        };
        // In constant time.
        mac.chain_update(body).verify_slice(&signature).is_ok()
    }
}

/// All statuses of a callback, which may speak of several accounts. What people write to us is not read.
fn statuses(json: &Value) -> impl Iterator<Item = &Value> {
    json["entry"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|entry| entry["changes"].as_array().into_iter().flatten())
        .flat_map(|change| change["value"]["statuses"].as_array().into_iter().flatten())
}

/// What one status says; nothing when the message is on its way.
fn report(status: &Value) -> Option<StatusReport> {
    let said = match status["status"].as_str()? {
        "delivered" => ReportedStatus::Delivered,
        "read" | "played" => ReportedStatus::Read,
        "failed" => {
            let code = status["errors"][0]["code"].as_i64().unwrap_or_default();
            ReportedStatus::Failed {
                reason: format!("whatsapp reported failed ({code})"),
            }
        }
        _ => return None,
    };
    Some(StatusReport {
        provider: NAME,
        delivery_id: delivery(status[DELIVERY].as_str()),
        provider_id: status["id"].as_str()?.to_owned(),
        status: said,
        at: api::time(status["timestamp"].as_str()?.parse().ok()?)?,
    })
}

async fn shake_hands(
    State((callbacks, _)): State<(Arc<WhatsappCallbacks>, Ctx)>,
    Query(handshake): Query<Handshake>,
) -> Response {
    if !callbacks.is_ours(&handshake) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let headers = [
        (CONTENT_TYPE.as_str(), "text/plain"),
        ("x-content-type-options", "nosniff"),
    ];
    (headers, handshake.challenge).into_response()
}

async fn answer(
    State((callbacks, ctx)): State<(Arc<WhatsappCallbacks>, Ctx)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let callback = callbacks.read(&headers, &body);
    settle(&ctx, NAME, callback).await
}
