//! From a bearer token to a principal.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use kernel::{Clock, Principal, PrincipalKind, SessionId, UserId};
use moka::sync::Cache;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{
    Algorithm, AuthSettings, KeySource, TokenError,
    compact::{Compact, MAX_LENGTH},
    keys::Keys,
};
use crate::client::Client;

/// Headers by which a token would bring its own key or demand something of the reader.
const REFUSED_HEADERS: [&str; 6] = ["jku", "jwk", "x5u", "x5c", "crit", "b64"];

/// Decides whether a token is accepted, and for whom it speaks.
pub struct TokenVerifier {
    issuers: HashMap<String, Issuer>,
    audience: String,
    leeway: i64,
    clock: Clock,
    /// By SHA-256, so that no usable token lies around in memory.
    verified: Cache<[u8; 32], Arc<Verified>>,
    revoked: RwLock<Arc<HashSet<SessionId>>>,
}

struct Issuer {
    name: String,
    algorithms: Vec<Algorithm>,
    keys: Keys,
}

/// For whom a token speaks, and until when: what a connection keeps that outlives its first request.
/// The token itself is not in it.
#[derive(Debug, Clone)]
pub struct Pass {
    principal: Arc<Principal>,
    expires: i64,
}

impl Pass {
    /// For whom the token speaks.
    #[must_use]
    pub const fn principal(&self) -> &Arc<Principal> {
        &self.principal
    }
}

struct Verified {
    principal: Arc<Principal>,
    expires: i64,
    issuer: String,
    generation: u64,
}

impl TokenVerifier {
    /// A verifier that finds our own keys at `own_keys`, and those of trusted issuers by `client`.
    #[must_use]
    pub fn new(
        settings: &AuthSettings,
        own_keys: KeySource,
        client: &Client,
        clock: Clock,
    ) -> Self {
        let keys = |source| {
            Keys::new(
                source,
                clock.clone(),
                settings.keys_refresh_interval.get(),
                settings.keys_max_age.get(),
            )
        };
        let own = Issuer {
            name: settings.issuer.clone(),
            algorithms: vec![Algorithm::EdDsa],
            keys: keys(own_keys),
        };
        let trusted = settings.trusted_issuers.iter().map(|trusted| Issuer {
            name: trusted.issuer.clone(),
            algorithms: vec![trusted.algorithm],
            keys: keys(KeySource::url(client.clone(), trusted.jwks_url.clone())),
        });
        Self {
            issuers: trusted
                .chain([own])
                .map(|issuer| (issuer.name.clone(), issuer))
                .collect(),
            audience: settings.audience.clone(),
            leeway: i64::try_from(settings.leeway.get().as_secs()).unwrap_or(i64::MAX),
            verified: Cache::new(settings.cached_tokens),
            revoked: RwLock::default(),
            clock,
        }
    }

    /// The principal for whom `token` speaks.
    ///
    /// # Errors
    /// When the token is not accepted, for whatever reason.
    pub async fn verify(&self, token: &str) -> Result<Arc<Principal>, TokenError> {
        Ok(self.pass(token).await?.principal)
    }

    /// The same, with what it takes to ask later whether the token is still accepted.
    ///
    /// # Errors
    /// When the token is not accepted, for whatever reason.
    pub async fn pass(&self, token: &str) -> Result<Pass, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::TooLong);
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        let verified = match self.remembered(&digest).await {
            Some(verified) => verified,
            None => {
                let verified = Arc::new(self.check(token).await?);
                self.verified.insert(digest, Arc::clone(&verified));
                verified
            }
        };
        let pass = Pass {
            principal: Arc::clone(&verified.principal),
            expires: verified.expires,
        };
        let checked = self.recheck(&pass);
        if checked == Err(TokenError::Expired) {
            self.verified.invalidate(&digest);
        }
        checked.map(|()| pass)
    }

    /// Whether the token behind `pass` is still accepted: neither expired nor of a revoked session.
    /// Costs a look at the clock and at a list; a withdrawn key ends with the token, within minutes.
    ///
    /// # Errors
    /// When it is not.
    pub fn recheck(&self, pass: &Pass) -> Result<(), TokenError> {
        if pass.expires + self.leeway <= self.now() {
            return Err(TokenError::Expired);
        }
        let session = pass.principal.session_id;
        if session.is_some_and(|session| self.revoked_sessions().contains(&session)) {
            return Err(TokenError::Revoked);
        }
        Ok(())
    }

    /// Replaces the list of sessions whose tokens are no longer accepted.
    pub fn set_revoked_sessions(&self, sessions: HashSet<SessionId>) {
        *self.revoked.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(sessions);
    }

    /// The sessions whose tokens are no longer accepted.
    #[must_use]
    pub fn revoked_sessions(&self) -> Arc<HashSet<SessionId>> {
        Arc::clone(&self.revoked.read().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(test)]
    pub(super) fn accept_only(&mut self, issuer: &str, algorithm: Algorithm) {
        if let Some(issuer) = self.issuers.get_mut(issuer) {
            issuer.algorithms = vec![algorithm];
        }
    }

    async fn remembered(&self, digest: &[u8; 32]) -> Option<Arc<Verified>> {
        let verified = self.verified.get(digest)?;
        let generation = self.issuers.get(&verified.issuer)?.keys.freshen().await;
        (verified.generation == generation).then_some(verified)
    }

    async fn check(&self, token: &str) -> Result<Verified, TokenError> {
        let token = Compact::parse(token).ok_or(TokenError::Malformed)?;
        let algorithm = check_header(&token.header)?;
        let kid = text(&token.header, "kid").ok_or(TokenError::UnknownKey)?;
        let issuer = text(&token.claims, "iss")
            .and_then(|name| self.issuers.get(name))
            .ok_or(TokenError::Issuer)?;
        if !issuer.algorithms.contains(&algorithm) {
            return Err(TokenError::Algorithm);
        }
        issuer.keys.freshen().await;
        let (key, generation) = issuer.keys.find(kid).await?;
        // A key is for one algorithm, whatever the token says.
        if key.algorithm != algorithm {
            return Err(TokenError::Algorithm);
        }
        let fits = jsonwebtoken::crypto::verify(
            token.signature,
            token.message.as_bytes(),
            &key.key,
            algorithm.signature(),
        );
        if !matches!(fits, Ok(true)) {
            return Err(TokenError::Signature);
        }
        let expires = self.check_claims(&token.claims)?;
        Ok(Verified {
            principal: Arc::new(principal(&token.claims)?),
            expires,
            issuer: issuer.name.clone(),
            generation,
        })
    }

    fn check_claims(&self, claims: &Map<String, Value>) -> Result<i64, TokenError> {
        let for_us = match claims.get("aud") {
            Some(Value::String(audience)) => *audience == self.audience,
            Some(Value::Array(list)) => list
                .iter()
                .any(|audience| audience.as_str() == Some(&self.audience)),
            _ => false,
        };
        if !for_us {
            return Err(TokenError::Audience);
        }
        let now = self.now();
        for claim in ["nbf", "iat"] {
            if time(claims, claim)?.is_some_and(|from| from > now + self.leeway) {
                return Err(TokenError::NotYetValid);
            }
        }
        let expires = time(claims, "exp")?.ok_or(TokenError::Malformed)?;
        if expires + self.leeway <= now {
            return Err(TokenError::Expired);
        }
        Ok(expires)
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }
}

fn check_header(header: &Map<String, Value>) -> Result<Algorithm, TokenError> {
    let algorithm = text(header, "alg")
        .and_then(Algorithm::from_name)
        .ok_or(TokenError::Algorithm)?;
    if REFUSED_HEADERS
        .iter()
        .any(|name| header.contains_key(*name))
    {
        return Err(TokenError::Header);
    }
    let kind = text(header, "typ").unwrap_or_default();
    let kind = kind.strip_prefix("application/").unwrap_or(kind);
    if kind.eq_ignore_ascii_case("at+jwt") {
        Ok(algorithm)
    } else {
        Err(TokenError::Type)
    }
}

fn principal(claims: &Map<String, Value>) -> Result<Principal, TokenError> {
    let user: UserId = text(claims, "sub")
        .and_then(|subject| subject.parse().ok())
        .ok_or(TokenError::Subject)?;
    let session_id = match claims.get("sid") {
        None => None,
        Some(Value::String(session)) => {
            Some(session.parse().map_err(|_wrong| TokenError::Malformed)?)
        }
        Some(_) => return Err(TokenError::Malformed),
    };
    Ok(Principal {
        kind: PrincipalKind::User(user),
        session_id,
        roles: texts(claims, "roles")?,
        permissions: texts(claims, "permissions")?,
    })
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}

fn texts(claims: &Map<String, Value>, name: &str) -> Result<Vec<String>, TokenError> {
    let Some(value) = claims.get(name) else {
        return Ok(Vec::new());
    };
    value
        .as_array()
        .and_then(|list| {
            list.iter()
                .map(|item| item.as_str().map(ToOwned::to_owned))
                .collect()
        })
        .ok_or(TokenError::Malformed)
}

/// A `NumericDate`, in whole seconds. Times far outside of any calendar are malformed.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, TokenError> {
    const LATEST: i64 = 1 << 40;
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_i64().or_else(|| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float out of range saturates and is refused below"
        )]
        value.as_f64().map(|seconds| seconds as i64)
    });
    seconds
        .filter(|seconds| (0..LATEST).contains(seconds))
        .map(Some)
        .ok_or(TokenError::Malformed)
}
