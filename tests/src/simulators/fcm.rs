//! Firebase Cloud Messaging, HTTP v1, with Google's token endpoint.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use kernel::Clock;
use rsa::{BigUint, RsaPrivateKey, pkcs8::EncodePrivateKey as _, traits::PublicKeyParts as _};
use serde_json::{Value, json};

use super::{Answer, Fault, Received, web::Web};

const PROJECT: &str = "pasar-tests";
const ACCOUNT: &str = "pasar@pasar-tests.iam.gserviceaccount.com";
const KEY_ID: &str = "key-1";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const SEND: &str = "messages:send";
const TOKEN: &str = "/token";

// RFC 7515 appendix A.2.
const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const RSA_D: &str = "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ";

#[derive(Default)]
struct State {
    /// Access tokens and when each ends.
    tokens: Mutex<HashMap<String, DateTime<Utc>>>,
    issued: Mutex<usize>,
    sent: Mutex<usize>,
    unregistered: Mutex<HashSet<String>>,
    /// What claims must name as their audience.
    token_uri: OnceLock<String>,
}

/// A running simulator.
pub struct Fcm {
    web: Web,
    state: Arc<State>,
}

impl Fcm {
    /// Starts it with the test's clock.
    pub async fn start(clock: &Clock) -> Self {
        let state = Arc::new(State::default());
        let (inner, clock) = (Arc::clone(&state), clock.clone());
        let web = Web::start(move |request| {
            if request.path == TOKEN {
                inner.exchange(request, clock.now())
            } else {
                inner.send(request, clock.now())
            }
        })
        .await;
        state.token_uri.set(format!("{}{TOKEN}", web.url)).unwrap();
        Self { web, state }
    }

    /// The section `[notifications.fcm]` that leads here.
    #[must_use]
    pub fn settings(&self) -> Value {
        let key = private_key().to_pkcs8_pem(rsa::pkcs8::LineEnding::LF);
        let account = json!({
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": KEY_ID,
            "private_key": key.unwrap().as_str(),
            "client_email": ACCOUNT,
            "client_id": "1",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": format!("{}{TOKEN}", self.web.url),
        });
        json!({ "url": self.web.url, "service_account": account.to_string(), "timeout": "2s" })
    }

    /// How the next message fails.
    pub fn fail(&self, fault: Fault) {
        self.web.fail(SEND, fault);
    }

    /// How the next request for an access token fails.
    pub fn fail_token(&self, fault: Fault) {
        self.web.fail(TOKEN, fault);
    }

    /// Refuses the next message with one of the documented codes.
    pub fn refuse(&self, status: u16, code: &str) {
        self.fail(Fault::Answer(error(status, code)));
    }

    /// From now on this device has no app any more.
    pub fn unregister(&self, device: &str) {
        self.state
            .unregistered
            .lock()
            .unwrap()
            .insert(device.to_owned());
    }

    /// Ends all access tokens before their time.
    pub fn revoke_tokens(&self) {
        self.state.tokens.lock().unwrap().clear();
    }

    /// The messages that came.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.web.received(SEND)
    }

    /// The requests for access tokens that came.
    #[must_use]
    pub fn token_requests(&self) -> Vec<Received> {
        self.web.received(TOKEN)
    }
}

impl State {
    fn exchange(&self, request: &Received, now: DateTime<Utc>) -> Answer {
        let refused = |why: &str| {
            let body = json!({ "error": "invalid_grant", "error_description": why });
            Answer::json(400, &body)
        };
        if request.field("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
            return refused("grant_type");
        }
        let key = private_key();
        let (n, e) = (key.n().to_bytes_be(), key.e().to_bytes_be());
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.set_audience(&[self.token_uri.get().unwrap()]);
        validation.set_issuer(&[ACCOUNT]);
        let key = DecodingKey::from_rsa_raw_components(&n, &e);
        let assertion = request.field("assertion");
        let claims = match jsonwebtoken::decode::<Value>(&assertion, &key, &validation) {
            Ok(decoded) if decoded.header.kid.as_deref() == Some(KEY_ID) => decoded.claims,
            Ok(_) => return refused("kid"),
            Err(_) => return refused("signature, issuer or audience"),
        };
        let (from, until) = (claims["iat"].as_i64(), claims["exp"].as_i64());
        let life = until.unwrap_or_default() - from.unwrap_or_default();
        if from != Some(now.timestamp()) || !(1..=3600).contains(&life) {
            return refused("iat and exp");
        }
        if claims["scope"] != SCOPE {
            return refused("scope");
        }
        let mut issued = self.issued.lock().unwrap();
        *issued += 1;
        let token = format!("ya29.{issued}");
        let mut tokens = self.tokens.lock().unwrap();
        tokens.insert(token.clone(), now + Duration::seconds(3599));
        let body = json!({ "access_token": token, "expires_in": 3599, "token_type": "Bearer" });
        Answer::json(200, &body)
    }

    fn send(&self, request: &Received, now: DateTime<Utc>) -> Answer {
        let token = request.header("authorization").strip_prefix("Bearer ");
        let until = self
            .tokens
            .lock()
            .unwrap()
            .get(token.unwrap_or_default())
            .copied();
        if until.is_none_or(|until| now >= until) {
            return general_error(401, "UNAUTHENTICATED");
        }
        if request.path != format!("/v1/projects/{PROJECT}/{SEND}") {
            return general_error(404, "NOT_FOUND");
        }
        let body = request.json();
        let message = &body["message"];
        let device = message["token"].as_str().unwrap_or_default();
        let data = message["data"].as_object();
        if data.is_some_and(|data| !data.values().all(Value::is_string)) {
            return error(400, "INVALID_ARGUMENT");
        }
        if device.is_empty() || device.contains(' ') {
            return invalid_token();
        }
        if device.contains('#') {
            return nameless_invalid_token();
        }
        if request.body.len() > 4096 {
            return error(400, "INVALID_ARGUMENT");
        }
        if self.unregistered.lock().unwrap().contains(device) {
            return error(404, "UNREGISTERED");
        }
        let mut sent = self.sent.lock().unwrap();
        *sent += 1;
        Answer::json(
            200,
            &json!({ "name": format!("projects/{PROJECT}/messages/{sent}") }),
        )
    }
}

fn private_key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| {
        let number = |text: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text).unwrap());
        RsaPrivateKey::from_components(number(RSA_N), 65_537_u32.into(), number(RSA_D), vec![])
            .unwrap()
    })
}

fn general_error(status: u16, name: &str) -> Answer {
    let body = json!({ "error": {
        "code": status, "message": "Requested entity was not found.", "status": name,
    } });
    Answer::json(status, &body)
}

fn error(status: u16, code: &str) -> Answer {
    let body = json!({ "error": {
        "code": status,
        "message": "Something about the message.",
        "status": match code { "UNREGISTERED" => "NOT_FOUND", other => other },
        "details": [{
            "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code,
        }],
    } });
    Answer::json(status, &body)
}

/// The other form in which it refuses tokens: only the sentence says which field is meant.
fn nameless_invalid_token() -> Answer {
    let body = json!({ "error": {
        "code": 400,
        "message": "The registration token is not a valid FCM registration token",
        "status": "INVALID_ARGUMENT",
        "details": [
            { "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "INVALID_ARGUMENT" },
        ],
    } });
    Answer::json(400, &body)
}

fn invalid_token() -> Answer {
    let body = json!({ "error": {
        "code": 400,
        "message": "Request contains an invalid argument.",
        "status": "INVALID_ARGUMENT",
        "details": [
            { "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "INVALID_ARGUMENT" },
            { "@type": "type.googleapis.com/google.rpc.BadRequest",
              "fieldViolations": [{ "field": "message.token", "description": "Invalid registration token" }] },
        ],
    } });
    Answer::json(400, &body)
}
