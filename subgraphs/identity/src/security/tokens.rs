//! Access tokens (signed, short-lived) and refresh tokens (random, kept as hashes).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Fault, SessionId, UserId};
use rand::{TryRngCore, rngs::OsRng};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::keys::{Settings, key_id};

/// How long an access token is valid. What it says of roles may be that old.
pub(crate) const ACCESS_TOKEN_LIFE: Duration = Duration::minutes(15);
const SECRET_BYTES: usize = 32;

/// Signs access tokens.
pub(crate) struct TokenIssuer {
    header: Header,
    key: EncodingKey,
    issuer: String,
    audience: String,
}

/// For whom an access token speaks.
pub(crate) struct Grant {
    pub(crate) user_id: UserId,
    pub(crate) session_id: SessionId,
    pub(crate) roles: Vec<String>,
    pub(crate) permissions: Vec<String>,
}

/// A signed access token and when it ends.
pub(crate) struct AccessToken {
    pub(crate) text: String,
    pub(crate) expires_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: UserId,
    sid: SessionId,
    jti: Uuid,
    iat: i64,
    exp: i64,
    roles: &'a [String],
    permissions: &'a [String],
}

impl TokenIssuer {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Fault> {
        let key = settings.signing_key()?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key_id(&key.verifying_key()));
        Ok(Self {
            header,
            key: EncodingKey::from_ed_der(key.to_pkcs8_der()?.as_bytes()),
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
        })
    }

    /// An access token that begins `now`. `token_id` is its `jti`.
    pub(crate) fn issue(
        &self,
        grant: &Grant,
        token_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<AccessToken, Fault> {
        let expires_at = now + ACCESS_TOKEN_LIFE;
        let claims = Claims {
            iss: &self.issuer,
            aud: &self.audience,
            sub: grant.user_id,
            sid: grant.session_id,
            jti: token_id,
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
            roles: &grant.roles,
            permissions: &grant.permissions,
        };
        let text = jsonwebtoken::encode(&self.header, &claims, &self.key)?;
        Ok(AccessToken { text, expires_at })
    }
}

/// The secret of a refresh token: 256 random bits. Only its hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshSecret([u8; SECRET_BYTES]);

impl RefreshSecret {
    pub(crate) fn generate() -> Result<Self, Fault> {
        let mut secret = [0; SECRET_BYTES];
        OsRng.try_fill_bytes(&mut secret)?;
        Ok(Self(secret))
    }

    /// Reads what a caller sent; `None` when it cannot be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// What the caller gets.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored. A plain hash is enough: the secret cannot be guessed.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// Hides `successor` so that only the holder of this secret can read it. The pad is used for one
    /// text only, because a token has one successor.
    pub(crate) fn seal(&self, successor: &Self) -> [u8; SECRET_BYTES] {
        let pad = Sha256::new_with_prefix(b"pasar refresh successor")
            .chain_update(self.0)
            .finalize();
        std::array::from_fn(|index| pad[index] ^ successor.0[index])
    }

    /// Reads what [`RefreshSecret::seal`] has hidden.
    pub(crate) fn open(&self, sealed: [u8; SECRET_BYTES]) -> Self {
        Self(self.seal(&Self(sealed)))
    }
}

// Not the secret: it must not get into a log.
impl fmt::Debug for RefreshSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshSecret")
    }
}
