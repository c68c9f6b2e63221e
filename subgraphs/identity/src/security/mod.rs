//! Secrets at work: password hashes, the signing key and tokens. No SQL and no rules of accounts.

pub mod keys;
mod letters;
mod passwords;
mod tokens;

pub(crate) use letters::LetterTokens;
pub(crate) use passwords::{Passwords, Verdict};
pub(crate) use tokens::{AccessToken, Grant, RefreshSecret, TokenIssuer};

use kernel::Fault;
use serde_json::Value;

/// What commands need to handle secrets.
pub struct Security {
    pub(crate) passwords: Passwords,
    pub(crate) tokens: TokenIssuer,
    pub(crate) letters: LetterTokens,
}

impl Security {
    /// Reads the subgraph's settings.
    ///
    /// # Errors
    /// [`Fault`] that names the setting that is missing or wrong.
    pub fn from_settings(settings: &Value) -> Result<Self, Fault> {
        let settings = keys::Settings::read(settings)?;
        Ok(Self {
            passwords: Passwords::new(),
            tokens: TokenIssuer::new(&settings)?,
            letters: LetterTokens::new(settings.signing_key()?.as_bytes()),
        })
    }
}
