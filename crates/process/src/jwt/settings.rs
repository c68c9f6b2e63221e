//! The section `[auth]`.

use serde::{Deserialize, Serialize};

use crate::config::DurationSetting;

/// The section `[auth]`: whose tokens are accepted.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// What our own tokens say in `iss`.
    pub issuer: String,
    /// What a token must say in `aud`.
    pub audience: String,
    /// Where our own keys are found, if `identity` runs in another process.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The GraphQL URL of `identity`, asked for the sessions revoked in the last minutes; needed only
    /// where it runs in another process.
    #[serde(default)]
    pub revoked_sessions_url: Option<String>,
    /// How often that list is asked for.
    pub revoked_sessions_interval: DurationSetting,
    /// How far clocks may differ.
    pub leeway: DurationSetting,
    /// Keys are asked for again at most this often when a token names an unknown one.
    pub keys_refresh_interval: DurationSetting,
    /// Keys older than this are asked for again, so that a withdrawn key stops working.
    pub keys_max_age: DurationSetting,
    /// How many verified tokens are remembered until they expire.
    pub cached_tokens: u64,
    /// Other issuers whose tokens are accepted. They may grant every role and permission.
    #[serde(default)]
    pub trusted_issuers: Vec<TrustedIssuer>,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            issuer: "https://pasar.local/identity".to_owned(),
            audience: "pasar".to_owned(),
            jwks_url: None,
            revoked_sessions_url: None,
            revoked_sessions_interval: DurationSetting::from_secs(2),
            leeway: DurationSetting::from_secs(30),
            keys_refresh_interval: DurationSetting::from_secs(10),
            keys_max_age: DurationSetting::from_secs(300),
            cached_tokens: 10_000,
            trusted_issuers: Vec::new(),
        }
    }
}

/// Another issuer: `[[auth.trusted_issuers]]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuer {
    /// What its tokens say in `iss`.
    pub issuer: String,
    /// How it signs.
    pub algorithm: Algorithm,
    /// Where its keys are found.
    pub jwks_url: String,
}

/// The accepted ways to sign a user token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Algorithm {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA PKCS#1 v1.5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
}

impl Algorithm {
    /// Reads the `alg` of a header.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "EdDSA" => Some(Self::EdDsa),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }

    pub(super) const fn signature(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
        }
    }
}
