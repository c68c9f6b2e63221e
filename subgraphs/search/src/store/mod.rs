//! SQL, and the engines that search: PostgreSQL always, a search node where one is configured.

pub mod elastic;
pub mod engine;
pub mod postgres;

pub use engine::Engine;
