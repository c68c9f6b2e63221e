//! Verification of user tokens at the edge.
//!
//! A token is a signed JWT access token (RFC 9068): `typ: at+jwt`, `EdDSA` or RS256, from a configured
//! issuer, for our audience. [`compact`] reads its three parts strictly, [`keys`] holds and refreshes
//! the issuers' keys, [`TokenVerifier`] decides.

pub mod compact;
mod keys;
mod settings;
mod verify;

pub use keys::{FetchKeys, KeyError, KeySource};
pub use settings::{Algorithm, AuthSettings, TrustedIssuer};
pub use verify::{Pass, TokenVerifier};

/// Why a token is not accepted. The texts are meant for the caller and give nothing away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not a JWT, or says something twice or in the wrong form.
    #[error("the access token is malformed")]
    Malformed,
    /// It is longer than any token of ours.
    #[error("the access token is too long")]
    TooLong,
    /// It is signed in a way that is not accepted, or not at all.
    #[error("the access token is signed with an algorithm that is not accepted")]
    Algorithm,
    /// Its header names a key of its own choice or demands an extension.
    #[error("the access token has a header that is not accepted")]
    Header,
    /// It is another kind of token.
    #[error("this is not an access token")]
    Type,
    /// It comes from somebody else.
    #[error("the access token comes from an unknown issuer")]
    Issuer,
    /// Nobody we trust has such a key.
    #[error("the access token is signed with an unknown key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature of the access token is wrong")]
    Signature,
    /// It is meant for somebody else.
    #[error("the access token is meant for another audience")]
    Audience,
    /// It is too old.
    #[error("the access token has expired")]
    Expired,
    /// It is from the future.
    #[error("the access token is not valid yet")]
    NotYetValid,
    /// It does not name a user of ours.
    #[error("the access token does not name a user")]
    Subject,
    /// Its session has been ended.
    #[error("the session of the access token has been revoked")]
    Revoked,
    /// The issuer's keys have not been obtained yet: not the caller's doing.
    #[error("the keys to check access tokens are not available; try again later")]
    KeysUnavailable,
}

#[cfg(test)]
mod tests;
