//! The `search` subgraph: finds products.

mod access;
pub mod commands;
mod consumers;
pub mod domain;
pub mod graphql;
pub mod jobs;
mod metrics;
pub mod queries;
mod settings;
pub mod store;

pub use settings::node;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "search",
    migrations: || service::migrations::with_shared(&sqlx::migrate!("../../migrations/search")),
    sdl: graphql::sdl,
    events: Vec::new,
    start: graphql::start,
};
