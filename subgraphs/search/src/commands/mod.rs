//! What changes what can be found.

mod click;
pub(crate) mod project;
pub mod reindex;
pub(crate) mod start_reindex;
mod synonyms;

pub use click::{Click, click};
pub use start_reindex::start_reindex;
pub use synonyms::{SetSynonym, delete_synonym, set_synonym};
