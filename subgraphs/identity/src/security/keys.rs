//! The signing key, and the public keys with which others check what it signed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    SigningKey, VerifyingKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, spki::der::pem::LineEnding},
};
use kernel::{Fault, FaultKind};
use rand::{TryRngCore, rngs::OsRng};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What the binary hands over: from `[auth]` the issuer and the audience, from `[identity]` the keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// What tokens say in `iss`.
    pub(crate) issuer: String,
    /// What tokens say in `aud`.
    pub(crate) audience: String,
    /// The Ed25519 private key: PKCS#8, PEM.
    #[serde(default)]
    signing_key_pem: Option<String>,
    /// Public keys that signed tokens before: SPKI, PEM. Keep one here for 15 minutes after a change.
    #[serde(default)]
    previous_keys: Vec<String>,
}

impl Settings {
    /// Reads the settings as the configuration holds them.
    pub(crate) fn read(settings: &Value) -> Result<Self, Fault> {
        if settings.is_null() {
            return Err(wrong(
                "must hold `issuer`, `audience` and `signing_key_pem`",
            ));
        }
        // The message of the error is not shown: it could repeat a part of the key.
        Self::deserialize(settings).map_err(|_| {
            wrong("must be the texts `issuer`, `audience`, `signing_key_pem` and the list of texts `previous_keys`, nothing else")
        })
    }

    /// The private key.
    pub(crate) fn signing_key(&self) -> Result<SigningKey, Fault> {
        let pem = self.signing_key_pem.as_deref().ok_or_else(|| {
            wrong("lack the signing key: make one with `openssl genpkey -algorithm ed25519` and name its file as `identity.signing_key_file`")
        })?;
        SigningKey::from_pkcs8_pem(pem).map_err(|_| {
            wrong("need an Ed25519 private key in PKCS#8 PEM as `identity.signing_key`")
        })
    }

    fn public_keys(&self) -> Result<Vec<VerifyingKey>, Fault> {
        let mut keys = vec![self.signing_key()?.verifying_key()];
        for pem in &self.previous_keys {
            let key = VerifyingKey::from_public_key_pem(pem).map_err(|_| {
                wrong("need Ed25519 public keys in SPKI PEM as `identity.previous_keys`")
            })?;
            keys.push(key);
        }
        Ok(keys)
    }
}

fn wrong(what: &str) -> Fault {
    let text = format!("the settings of identity {what}");
    Fault::told(FaultKind::Internal, &text)
}

/// The JSON Web Key Set (RFC 7517) for these settings: the present key and the previous ones.
///
/// # Errors
/// [`Fault`] that names the setting that is missing or wrong.
pub fn jwks(settings: &Value) -> Result<Value, Fault> {
    let keys = Settings::read(settings)?.public_keys()?;
    let keys: Vec<Value> = keys.iter().map(jwk).collect();
    Ok(json!({ "keys": keys }))
}

/// A fresh Ed25519 private key in PKCS#8 PEM, for `signing_key_pem`.
///
/// # Errors
/// [`Fault`] when the machine gives no randomness.
pub fn generate_pem() -> Result<String, Fault> {
    let mut seed = [0_u8; 32];
    OsRng.try_fill_bytes(&mut seed)?;
    let pem = SigningKey::from_bytes(&seed).to_pkcs8_pem(LineEnding::LF)?;
    Ok(pem.as_str().to_owned())
}

fn jwk(key: &VerifyingKey) -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": URL_SAFE_NO_PAD.encode(key.as_bytes()),
        "kid": key_id(key),
        "alg": "EdDSA",
        "use": "sig",
    })
}

/// The name of a key: its JWK thumbprint (RFC 7638), so that it cannot be given wrongly.
pub(crate) fn key_id(key: &VerifyingKey) -> String {
    let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}
