//! The compact form of a JWT, read strictly: exactly three parts, no padding, no member twice.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use serde_json::{Map, Value};

/// Longer tokens are refused before anything is decoded.
pub const MAX_LENGTH: usize = 8 * 1024;

/// The parts of a token. Nothing in it may be believed before the signature is checked.
#[derive(Debug)]
pub struct Compact<'a> {
    /// The decoded first part.
    pub header: Map<String, Value>,
    /// The decoded second part.
    pub claims: Map<String, Value>,
    /// What was signed: the first two parts with the dot between them.
    pub message: &'a str,
    /// The third part, still encoded.
    pub signature: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits and decodes `token`.
    #[must_use]
    pub fn parse(token: &'a str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        if claims.contains('.') || signature.is_empty() {
            return None;
        }
        Some(Self {
            header: decode(header)?,
            claims: decode(claims)?,
            message,
            signature,
        })
    }
}

fn decode(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    let Members(members) = serde_json::from_slice(&json).ok()?;
    Some(members)
}

/// An object whose members have different names. Parsers disagree about which of two equal names
/// counts, and an attacker may choose between them.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unique;

        impl<'de> Visitor<'de> for Unique {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(de::Error::custom("a member occurs twice"));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Unique)
    }
}
