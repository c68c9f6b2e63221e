//! SQL, and the engines that search: PostgreSQL always, a search node where one is configured.

pub(crate) mod categories;
pub(crate) mod checks;
pub(crate) mod chores;
pub mod elastic;
pub mod engine;
pub mod engines;
pub mod postgres;
pub(crate) mod projection;
pub(crate) mod reindexes;
pub(crate) mod searches;
pub(crate) mod synonyms;

pub use engine::Engine;
pub use engines::Engines;
