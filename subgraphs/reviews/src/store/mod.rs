//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod lists;
pub(crate) mod ratings;
pub(crate) mod reports;
pub(crate) mod reviews;
pub(crate) mod votes;
