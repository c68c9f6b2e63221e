//! The `search` subgraph: finds products.

pub mod domain;
pub mod graphql;
pub mod store;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "search",
    migrations: || sqlx::migrate!("../../migrations/search"),
    sdl: graphql::sdl,
    events: Vec::new,
    start: graphql::start,
};
