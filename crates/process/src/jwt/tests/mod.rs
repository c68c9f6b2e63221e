//! A verifier with a clock that stands still and an issuer that can be told what to publish.

mod keys;
mod refused;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use ed25519_dalek::{Signer as _, SigningKey};
use kernel::{Clock, Ids, SessionId, UserId};
use serde_json::{Value, json};

use super::*;
use crate::client::{Client, ClientSettings};

const NOW: i64 = 1_800_000_000;

struct World {
    clock: Clock,
    key: SigningKey,
    user: UserId,
    session: SessionId,
    asked: Arc<AtomicUsize>,
    published: Arc<std::sync::Mutex<Option<String>>>,
    verifier: TokenVerifier,
}

fn jwks(kid: &str, key: &SigningKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
    json!({"keys": [
        {"kty": "oct", "kid": "symmetric", "k": "c2VjcmV0"},
        {"kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "alg": "EdDSA", "x": x},
        {"kty": "OKP", "crv": "Ed25519", "kid": "for-encryption", "use": "enc", "x": x},
    ]})
    .to_string()
}

fn world() -> World {
    let clock = Clock::fixed(DateTime::from_timestamp(NOW, 0).unwrap());
    let key = SigningKey::from_bytes(&[7; 32]);
    let published = Arc::new(std::sync::Mutex::new(Some(jwks("key-1", &key))));
    let asked = Arc::new(AtomicUsize::new(0));
    let fetch: FetchKeys = {
        let (published, asked) = (Arc::clone(&published), Arc::clone(&asked));
        Arc::new(move || {
            asked.fetch_add(1, Ordering::SeqCst);
            let text = published.lock().unwrap().clone();
            Box::pin(async move { text.ok_or_else(|| KeyError::from("identity is down")) })
        })
    };
    let client = Client::new(&ClientSettings::default());
    let verifier = TokenVerifier::new(
        &AuthSettings::default(),
        KeySource::Fetch(fetch),
        &client,
        clock.clone(),
    );
    let ids = Ids::counted();
    let (user, session) = (ids.next(), ids.next());
    World {
        clock,
        key,
        user,
        session,
        asked,
        published,
        verifier,
    }
}

impl World {
    fn header() -> Value {
        json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "key-1"})
    }

    fn claims(&self) -> Value {
        json!({
            "iss": "https://pasar.local/identity", "aud": "pasar",
            "sub": self.user.to_string(), "sid": self.session.to_string(), "jti": "1",
            "iat": NOW, "exp": NOW + 900,
            "roles": ["buyer"], "permissions": ["write:reviews"],
        })
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        self.signed(&header.to_string(), &claims.to_string())
    }

    fn signed(&self, header: &str, claims: &str) -> String {
        let message = message(header, claims);
        let signature = self.key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    async fn refusal(&self, token: &str) -> TokenError {
        self.verifier
            .verify(token)
            .await
            .expect_err("must be refused")
    }

    async fn with_header(&self, name: &str, value: Value) -> TokenError {
        let mut header = Self::header();
        header[name] = value;
        self.refusal(&self.token(&header, &self.claims())).await
    }

    async fn with_claim(&self, name: &str, value: Value) -> TokenError {
        let mut claims = self.claims();
        claims[name] = value;
        self.refusal(&self.token(&Self::header(), &claims)).await
    }

    async fn without_claim(&self, name: &str) -> TokenError {
        let mut claims = self.claims();
        claims.as_object_mut().unwrap().remove(name);
        self.refusal(&self.token(&Self::header(), &claims)).await
    }

    fn good(&self) -> String {
        self.token(&Self::header(), &self.claims())
    }
}

fn message(header: &str, claims: &str) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    )
}
