//! What the router tells subgraphs about the caller: a short-lived, signed statement.
//!
//! It is a JWT with HS256 over the secret that the parts of Pasar share (`internal.secret`), and
//! travels in the header [`HEADER`]. A subgraph that listens on the network refuses everything else.

use jsonwebtoken::{DecodingKey, EncodingKey, crypto};
use kernel::{Clock, Principal};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    config::Secret,
    jwt::compact::{Compact, MAX_LENGTH},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The header that carries an assertion.
pub const HEADER: &str = "x-pasar-principal";

/// How long an assertion is good for, in seconds.
pub const LIFETIME: i64 = 30;

/// How far the clocks of two machines may differ, in seconds.
const LEEWAY: i64 = 5;

const TYPE: &str = "principal+jwt";
const ISSUER: &str = "pasar-router";
const AUDIENCE: &str = "pasar-subgraph";

/// The shortest accepted secret, in bytes: as long as the hash.
pub const MIN_SECRET: usize = 32;

/// The section `[internal]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InternalSettings {
    /// The secret that the parts of Pasar share, at least 32 bytes. Required when they run in
    /// several processes; in one process a random one does.
    #[serde(default)]
    pub secret: Option<Secret>,
}

/// The shared secret, checked once.
#[derive(Clone)]
pub struct AssertionKey {
    sign: EncodingKey,
    verify: DecodingKey,
}

/// Why an assertion is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// The secret is too short to sign with.
    #[error("internal.secret must have at least {MIN_SECRET} bytes")]
    WeakSecret,
    /// It is not an assertion.
    #[error("the principal assertion is malformed")]
    Malformed,
    /// Somebody else signed it.
    #[error("the principal assertion has a wrong signature")]
    Signature,
    /// It is too old or from the future.
    #[error("the principal assertion has expired")]
    Expired,
}

impl AssertionKey {
    /// # Errors
    /// When the secret is shorter than [`MIN_SECRET`].
    pub fn new(secret: &Secret) -> Result<Self, AssertionError> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < MIN_SECRET {
            return Err(AssertionError::WeakSecret);
        }
        Ok(Self {
            sign: EncodingKey::from_secret(bytes),
            verify: DecodingKey::from_secret(bytes),
        })
    }
}

/// States that the bearer of the result, for the next [`LIFETIME`] seconds, is `principal`.
///
/// # Errors
/// When the principal cannot be written as JSON or signed, which does not happen.
pub fn sign(
    key: &AssertionKey,
    principal: &Principal,
    clock: &Clock,
) -> Result<String, AssertionError> {
    let now = clock.now().timestamp();
    let header = json!({"alg": "HS256", "typ": TYPE});
    let claims = json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + LIFETIME,
        "principal": principal,
    });
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(&header), encode(&claims));
    let signature = crypto::sign(
        message.as_bytes(),
        &key.sign,
        jsonwebtoken::Algorithm::HS256,
    )
    .map_err(|_wrong_key| AssertionError::Signature)?;
    Ok(format!("{message}.{signature}"))
}

/// The principal that `token` states.
///
/// # Errors
/// When the statement is not ours, or not for this moment.
pub fn verify(key: &AssertionKey, token: &str, clock: &Clock) -> Result<Principal, AssertionError> {
    if token.len() > MAX_LENGTH {
        return Err(AssertionError::Malformed);
    }
    let token = Compact::parse(token).ok_or(AssertionError::Malformed)?;
    if text(&token.header, "alg") != Some("HS256") || text(&token.header, "typ") != Some(TYPE) {
        return Err(AssertionError::Malformed);
    }
    let fits = crypto::verify(
        token.signature,
        token.message.as_bytes(),
        &key.verify,
        jsonwebtoken::Algorithm::HS256,
    );
    if !matches!(fits, Ok(true)) {
        return Err(AssertionError::Signature);
    }
    let mut claims = token.claims;
    if text(&claims, "iss") != Some(ISSUER) || text(&claims, "aud") != Some(AUDIENCE) {
        return Err(AssertionError::Malformed);
    }
    let now = clock.now().timestamp();
    let time = |name| claims.get(name).and_then(Value::as_i64);
    let (Some(issued), Some(expires)) = (time("iat"), time("exp")) else {
        return Err(AssertionError::Malformed);
    };
    if issued > now + LEEWAY || expires + LEEWAY <= now {
        return Err(AssertionError::Expired);
    }
    let principal = claims
        .remove("principal")
        .ok_or(AssertionError::Malformed)?;
    serde_json::from_value(principal).map_err(|_other_shape| AssertionError::Malformed)
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use kernel::Ids;

    use super::*;

    fn key(text: &str) -> AssertionKey {
        AssertionKey::new(&Secret::new(text)).unwrap()
    }

    fn setup() -> (AssertionKey, Clock, Principal) {
        let ids = Ids::counted();
        let principal = Principal::user(
            ids.next(),
            ids.next(),
            vec!["buyer".to_owned()],
            vec!["write:reviews".to_owned()],
        );
        let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        (key("0123456789abcdef0123456789abcdef"), clock, principal)
    }

    #[test]
    fn what_is_stated_is_read_until_it_expires() {
        let (key, clock, principal) = setup();
        for principal in [
            principal,
            Principal::anonymous(),
            Principal::service("reviews"),
        ] {
            let token = sign(&key, &principal, &clock).unwrap();
            assert_eq!(verify(&key, &token, &clock), Ok(principal));
        }
        let token = sign(&key, &Principal::anonymous(), &clock).unwrap();
        clock.advance(Duration::seconds(LIFETIME + LEEWAY - 1));
        assert!(verify(&key, &token, &clock).is_ok());
        clock.advance(Duration::seconds(1));
        assert_eq!(verify(&key, &token, &clock), Err(AssertionError::Expired));
    }

    #[test]
    fn an_assertion_from_the_future_is_refused() {
        let (key, clock, principal) = setup();
        let later = Clock::fixed(clock.now() + Duration::seconds(LEEWAY + 1));
        let token = sign(&key, &principal, &later).unwrap();
        assert_eq!(verify(&key, &token, &clock), Err(AssertionError::Expired));
    }

    #[test]
    fn a_forged_assertion_is_refused() {
        let (key, clock, principal) = setup();
        let other = self::key("another secret of thirty-two bytes!");
        let token = sign(&other, &principal, &clock).unwrap();
        assert_eq!(verify(&key, &token, &clock), Err(AssertionError::Signature));

        let token = sign(&key, &principal, &clock).unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let admin = URL_SAFE_NO_PAD.encode(r#"{"principal":{"kind":{"type":"service","id":"x"}}}"#);
        let forged = format!("{header}.{admin}.{signature}");
        assert_eq!(
            verify(&key, &forged, &clock),
            Err(AssertionError::Signature)
        );

        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"principal+jwt"}"#);
        for token in [
            format!("{none}.{admin}."),
            format!("{none}.{admin}.x"),
            String::new(),
        ] {
            assert_eq!(verify(&key, &token, &clock), Err(AssertionError::Malformed));
        }
        let huge = "x".repeat(MAX_LENGTH + 1);
        assert_eq!(verify(&key, &huge, &clock), Err(AssertionError::Malformed));
    }

    #[test]
    fn a_short_secret_is_refused() {
        let short = AssertionKey::new(&Secret::new("x".repeat(MIN_SECRET - 1)));
        assert_eq!(short.err(), Some(AssertionError::WeakSecret));
    }
}
