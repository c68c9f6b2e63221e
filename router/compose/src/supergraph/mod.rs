//! The merged schema: its model, what is checked on it, and how it is printed.

pub(crate) mod check;
mod header;
pub(crate) mod inaccessible;
pub(crate) mod model;
pub(crate) mod print;
pub(crate) mod satisfiability;
mod text;
