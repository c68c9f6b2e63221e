//! Google's access tokens for a service account: a signed claim is exchanged for one (RFC 7523,
//! <https://developers.google.com/identity/protocols/oauth2/service-account#httprest>), which is kept until shortly before its end.

use std::time::Duration;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{DateTime, Utc};
use http::{StatusCode, Uri};
use kernel::{Clock, Fault};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::channels::{
    Outcome,
    api::{self, Api, Body},
};

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// A claim is good for at most an hour.
const CLAIM_LIFE: chrono::Duration = chrono::Duration::hours(1);
/// A token is replaced this long before its end, so that none ends on its way.
const EARLY: chrono::Duration = chrono::Duration::minutes(2);
/// After a failure nobody asks again for this long: all waiting messages would, one after the other.
const REST: chrono::Duration = chrono::Duration::seconds(5);

/// What is read of the key file that the console gives.
#[derive(Deserialize)]
pub(super) struct ServiceAccount {
    pub(super) project_id: String,
    private_key_id: String,
    private_key: String,
    client_email: String,
    token_uri: String,
}

impl ServiceAccount {
    pub(super) fn read(json: &str) -> Result<Self, Fault> {
        // The error is not shown: it could repeat a part of the key.
        let account: Self = serde_json::from_str(json).map_err(|_| wrong())?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.');
        if account.project_id.is_empty() || !account.project_id.chars().all(plain) {
            return Err(wrong());
        }
        Ok(account)
    }
}

fn wrong() -> Fault {
    let what = "`service_account` must be the JSON key file of a service account";
    api::wrong(super::NAME, what)
}

/// Access tokens, one at a time.
pub(super) struct AccessTokens {
    api: Api,
    path: String,
    account: ServiceAccount,
    key: RsaKeyPair,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Unknown,
    Good {
        token: String,
        until: DateTime<Utc>,
    },
    Failing {
        outcome: Outcome,
        until: DateTime<Utc>,
    },
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: i64,
}

impl AccessTokens {
    pub(super) fn new(
        account: ServiceAccount,
        timeout: Duration,
        clock: Clock,
    ) -> Result<Self, Fault> {
        let uri: Uri = account.token_uri.parse().map_err(|_| wrong())?;
        let path = uri.path().to_owned();
        let url = account.token_uri.strip_suffix(&path);
        let url = url.ok_or_else(wrong)?.to_owned();
        Ok(Self {
            api: Api::new(super::NAME, &url, timeout)?,
            path,
            key: key_pair(&account.private_key).ok_or_else(wrong)?,
            account,
            clock,
            state: Mutex::default(),
        })
    }

    /// A token that is good for a while. Of several callers one asks for it and the others wait.
    pub(super) async fn get(&self) -> Result<String, Outcome> {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        match &*state {
            State::Good { token, until } if now < *until => return Ok(token.clone()),
            State::Failing { outcome, until } if now < *until => return Err(outcome.clone()),
            _ => {}
        }
        match self.ask(now).await {
            Ok(answer) => {
                let life = chrono::Duration::seconds(answer.expires_in.clamp(0, 86_400));
                *state = State::Good {
                    token: answer.access_token.clone(),
                    until: now + life - EARLY,
                };
                Ok(answer.access_token)
            }
            Err(outcome) => {
                *state = State::Failing {
                    outcome: outcome.clone(),
                    until: now + REST,
                };
                Err(outcome)
            }
        }
    }

    /// Makes the next caller ask for another one than `stale`.
    pub(super) async fn forget(&self, stale: &str) {
        let mut state = self.state.lock().await;
        if matches!(&*state, State::Good { token, .. } if token == stale) {
            *state = State::Unknown;
        }
    }

    async fn ask(&self, now: DateTime<Utc>) -> Result<Answer, Outcome> {
        let failed = |what: &str| api::failed(super::NAME, what);
        let assertion = self
            .assertion(now)
            .ok_or_else(|| failed("cannot be asked for a token: signing failed"))?;
        let form = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        let form =
            serde_urlencoded::to_string(form).map_err(|_| failed("cannot be asked for a token"))?;
        let answer = self.api.post(&self.path, None, Body::Form(form)).await?;
        if answer.status() != StatusCode::OK {
            // 400 `invalid_grant` is a key that was deleted or a clock that is wrong: never the message's fault.
            let status = answer.status().as_u16();
            if answer.status().is_client_error() {
                tracing::error!(provider = super::NAME, status, "a provider refuses us");
            }
            return Err(Outcome::Failed {
                reason: format!("fcm's token endpoint answered {status}"),
                retry_after: api::retry_after(answer.headers()),
            });
        }
        serde_json::from_slice(answer.body())
            .map_err(|_| failed("gave something else than a token"))
    }

    /// The signed claim, a JWT.
    fn assertion(&self, now: DateTime<Utc>) -> Option<String> {
        let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let account = &self.account;
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": account.private_key_id });
        let claims = json!({
            "iss": account.client_email,
            "scope": SCOPE,
            "aud": account.token_uri,
            "iat": now.timestamp(),
            "exp": (now + CLAIM_LIFE).timestamp(),
        });
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &random,
                signed.as_bytes(),
                &mut signature,
            )
            .ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The key of a PEM text (PKCS#8).
fn key_pair(pem: &str) -> Option<RsaKeyPair> {
    let inner: String = pem
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(inner).ok()?).ok()
}
