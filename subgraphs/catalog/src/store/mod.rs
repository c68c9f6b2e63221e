//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod attributes;
pub(crate) mod categories;
pub(crate) mod product_lists;
pub(crate) mod products;
pub(crate) mod snapshots;
pub(crate) mod suspensions;
pub(crate) mod variants;
