//! The public keys of an issuer: given once, or fetched and fetched again when that may help.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, header};
use http_body_util::Full;
use jsonwebtoken::DecodingKey;
use kernel::Clock;
use serde::Deserialize;

use super::{Algorithm, TokenError};
use crate::client::Client;

const FETCH_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_JWKS_BYTES: usize = 256 * 1024;
/// RFC 7518 3.3: a key of 2048 bits or more must be used.
const MIN_RSA_BYTES: usize = 256;

/// Why keys could not be obtained.
pub type KeyError = Box<dyn std::error::Error + Send + Sync>;

/// Obtains a JWKS document as text.
pub type FetchKeys = Arc<dyn Fn() -> BoxFuture<'static, Result<String, KeyError>> + Send + Sync>;

/// Where the keys of an issuer come from.
#[derive(Clone)]
pub enum KeySource {
    /// There are none: every token is refused.
    None,
    /// A JWKS document that does not change.
    Fixed(String),
    /// Somebody to ask, now and again.
    Fetch(FetchKeys),
}

impl KeySource {
    /// Keys that are fetched from `url`.
    #[must_use]
    pub fn url(client: Client, url: String) -> Self {
        Self::Fetch(Arc::new(move || {
            let (client, url) = (client.clone(), url.clone());
            Box::pin(async move { fetch(&client, &url).await })
        }))
    }
}

async fn fetch(client: &Client, url: &str) -> Result<String, KeyError> {
    let request = Request::get(url)
        .header(header::ACCEPT, "application/json")
        .body(Full::new(Bytes::new()))?;
    let response = client.send(request, FETCH_TIMEOUT, MAX_JWKS_BYTES).await?;
    if !response.status().is_success() {
        return Err(format!("{url} answered {}", response.status()).into());
    }
    Ok(String::from_utf8(response.into_body().to_vec())?)
}

/// One public key.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// The keys of one issuer. Times are milliseconds since 1970.
pub(super) struct Keys {
    source: KeySource,
    clock: Clock,
    refresh_interval: i64,
    max_age: i64,
    current: RwLock<KeySet>,
    /// When keys were last asked for. Held while asking, so that one request asks for all.
    last_attempt: tokio::sync::Mutex<Option<i64>>,
}

#[derive(Default)]
struct KeySet {
    keys: HashMap<String, Arc<Key>>,
    text: String,
    loaded_at: Option<i64>,
    generation: u64,
}

impl Keys {
    pub(super) fn new(
        source: KeySource,
        clock: Clock,
        refresh_interval: Duration,
        max_age: Duration,
    ) -> Self {
        let keys = Self {
            clock,
            refresh_interval: millis(refresh_interval),
            max_age: millis(max_age),
            current: RwLock::default(),
            last_attempt: tokio::sync::Mutex::default(),
            source,
        };
        if let KeySource::Fixed(text) = &keys.source {
            keys.store(text);
        }
        keys
    }

    /// The key named `kid`; asks the issuer once if it is not known.
    pub(super) async fn find(&self, kid: &str) -> Result<(Arc<Key>, u64), TokenError> {
        if let Some(found) = self.known(kid) {
            return Ok(found);
        }
        let last_attempt = self.last_attempt.lock().await;
        // Somebody else may have asked while this waited.
        if let Some(found) = self.known(kid) {
            return Ok(found);
        }
        self.ask(last_attempt).await;
        match self.known(kid) {
            Some(found) => Ok(found),
            None if self.never_loaded() => Err(TokenError::KeysUnavailable),
            None => Err(TokenError::UnknownKey),
        }
    }

    /// Asks again if the keys are old, unless somebody else is asking. Tells the generation of the
    /// keys afterwards: what was verified with another generation must be verified again.
    pub(super) async fn freshen(&self) -> u64 {
        let (loaded_at, generation) = {
            let current = self.read();
            (current.loaded_at, current.generation)
        };
        let old = loaded_at.is_some_and(|at| self.now() - at > self.max_age);
        if !old || !matches!(self.source, KeySource::Fetch(_)) {
            return generation;
        }
        if let Ok(last_attempt) = self.last_attempt.try_lock() {
            self.ask(last_attempt).await;
        }
        self.read().generation
    }

    async fn ask(&self, mut last_attempt: tokio::sync::MutexGuard<'_, Option<i64>>) {
        let KeySource::Fetch(fetch) = &self.source else {
            return;
        };
        let now = self.now();
        if last_attempt.is_some_and(|at| now - at < self.refresh_interval) {
            return;
        }
        *last_attempt = Some(now);
        match fetch().await {
            Ok(text) => self.store(&text),
            // The keys at hand stay in use: the issuer being down must not lock everybody out.
            Err(error) => tracing::warn!(error, "cannot obtain the keys of a token issuer"),
        }
    }

    fn store(&self, text: &str) {
        let keys = match parse(text) {
            Ok(keys) => keys,
            Err(error) => {
                tracing::warn!(%error, "a token issuer publishes keys that cannot be read");
                return;
            }
        };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.loaded_at = Some(self.now());
        if current.text != text {
            current.keys = keys;
            text.clone_into(&mut current.text);
            current.generation += 1;
        }
    }

    fn known(&self, kid: &str) -> Option<(Arc<Key>, u64)> {
        let current = self.read();
        let key = current.keys.get(kid)?;
        Some((Arc::clone(key), current.generation))
    }

    fn never_loaded(&self) -> bool {
        matches!(self.source, KeySource::Fetch(_)) && self.read().loaded_at.is_none()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, KeySet> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Published>,
}

#[derive(Deserialize)]
struct Published {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// Keys of other kinds and for other uses are left out: a document may hold any.
fn parse(text: &str) -> Result<HashMap<String, Arc<Key>>, serde_json::Error> {
    let document: Document = serde_json::from_str(text)?;
    Ok(document
        .keys
        .into_iter()
        .filter(|key| {
            key.r#use
                .as_deref()
                .is_none_or(|for_what| for_what == "sig")
        })
        .filter_map(|key| Some((key.kid.clone()?, Arc::new(usable(&key)?))))
        .collect())
}

fn usable(key: &Published) -> Option<Key> {
    match (key.kty.as_str(), key.crv.as_deref()) {
        ("OKP", Some("Ed25519")) => Some(Key {
            algorithm: Algorithm::EdDsa,
            key: DecodingKey::from_ed_components(key.x.as_deref()?).ok()?,
        }),
        ("RSA", _) => {
            let modulus = key.n.as_deref()?;
            let length = URL_SAFE_NO_PAD.decode(modulus).ok()?.len();
            (length >= MIN_RSA_BYTES).then_some(())?;
            Some(Key {
                algorithm: Algorithm::Rs256,
                key: DecodingKey::from_rsa_components(modulus, key.e.as_deref()?).ok()?,
            })
        }
        _ => None,
    }
}
