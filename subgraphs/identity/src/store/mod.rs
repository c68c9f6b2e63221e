//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod credentials;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod verifications;
