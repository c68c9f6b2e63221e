//! The merged schema: its model, what is checked on it, and how it is printed.

pub(crate) mod access;
pub(crate) mod check;
pub(crate) mod contract;
pub(crate) mod features;
mod header;
pub(crate) mod inaccessible;
mod joins;
pub(crate) mod model;
mod notes;
pub(crate) mod print;
pub(crate) mod satisfiability;
pub(crate) mod sound;
mod text;
