//! The projection: what the owners said last, and the documents that follow from it.

pub(crate) mod documents;
pub(crate) mod refresh;
pub(crate) mod sources;
