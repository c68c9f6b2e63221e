//! Twilio's status callbacks: <https://www.twilio.com/docs/usage/security#validating-requests>.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, Uri},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use service::Ctx;
use sha1::Sha1;

use super::{Callback, code, delivery, header, settle};
use crate::channels::{
    ReportedStatus, StatusReport, TwilioSettings,
    twilio::{DELIVERY, NAME},
};

/// Where they come.
pub(in crate::channels) const PATH: &str = "/notifications/callbacks/twilio";
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Understands Twilio's callbacks.
pub(in crate::channels) struct TwilioCallbacks {
    /// The signature covers the address that Twilio was given, which a proxy before us hides; with the port or
    /// without it, whatever was given, so both are tried, as its own libraries do.
    public_urls: [String; 2],
    auth_token: String,
}

impl TwilioCallbacks {
    /// `public_url` is our address from outside, without a path of ours.
    pub(in crate::channels) fn new(settings: &TwilioSettings, public_url: &str) -> Self {
        Self {
            public_urls: with_port_and_without(public_url),
            auth_token: settings.auth_token.expose().to_owned(),
        }
    }

    /// The route.
    pub(in crate::channels) fn routes(self: Arc<Self>, ctx: Ctx) -> Router {
        Router::new()
            .route(PATH, post(answer))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state((self, ctx))
    }

    fn read(&self, uri: &Uri, headers: &HeaderMap, body: &[u8], ctx: &Ctx) -> Callback {
        let Ok(form) = serde_urlencoded::from_bytes::<Vec<(String, String)>>(body) else {
            return Callback::Malformed;
        };
        if !self.is_signed(uri, headers, &form) {
            return Callback::Forged;
        }
        let field = |name: &str| {
            let found = form.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        let (Some(sid), Some(status)) = (field("MessageSid"), field("MessageStatus")) else {
            return Callback::Malformed;
        };
        let status = match status {
            "delivered" => ReportedStatus::Delivered,
            "read" => ReportedStatus::Read,
            "undelivered" | "failed" | "canceled" => {
                let error = field("ErrorCode").and_then(code).unwrap_or("no code");
                ReportedStatus::Failed {
                    reason: format!("twilio reported {status} ({error})"),
                }
            }
            // On its way.
            _ => return Callback::Reports(Vec::new()),
        };
        Callback::Reports(vec![StatusReport {
            provider: NAME,
            delivery_id: delivery(parameter(uri).as_deref()),
            provider_id: sid.to_owned(),
            status,
            at: ctx.now(),
        }])
    }

    fn is_signed(&self, uri: &Uri, headers: &HeaderMap, form: &[(String, String)]) -> bool {
        let signature = header(headers, "x-twilio-signature").map(|text| STANDARD.decode(text));
        let Some(Ok(signature)) = signature else {
            return false;
        };
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        let mut sorted: Vec<_> = form.iter().collect();
        sorted.sort();
        sorted.dedup();
        self.public_urls.iter().any(|public_url| {
            let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(self.auth_token.as_bytes()) else {
                return false;
            };
            mac.update(public_url.as_bytes());
            mac.update(path.as_bytes());
            for (name, value) in &sorted {
                mac.update(name.as_bytes());
                mac.update(value.as_bytes());
            }
            // In constant time.
            mac.verify_slice(&signature).is_ok()
        })
    }
}

/// An address with its port, be it the usual one of its scheme, and without it.
fn with_port_and_without(url: &str) -> [String; 2] {
    let Ok(uri) = url.parse::<Uri>() else {
        return [url.to_owned(), url.to_owned()];
    };
    let scheme = uri.scheme_str().unwrap_or("https");
    let usual = if scheme == "http" { 80 } else { 443 };
    let (host, path) = (
        uri.host().unwrap_or_default(),
        uri.path().trim_end_matches('/'),
    );
    let port = uri.port_u16().unwrap_or(usual);
    [
        format!("{scheme}://{host}:{port}{path}"),
        format!("{scheme}://{host}{path}"),
    ]
}

/// Our id, which we put into the address.
fn parameter(uri: &Uri) -> Option<String> {
    let query: Vec<(String, String)> = serde_urlencoded::from_str(uri.query()?).ok()?;
    let found = query.into_iter().find(|(name, _)| name == DELIVERY);
    found.map(|(_, value)| value)
}

async fn answer(
    State((callbacks, ctx)): State<(Arc<TwilioCallbacks>, Ctx)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let callback = callbacks.read(&uri, &headers, &body, &ctx);
    settle(&ctx, NAME, callback).await
}
