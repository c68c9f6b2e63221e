//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod members;
pub(crate) mod sellers;
