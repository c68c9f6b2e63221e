//! The `catalog` subgraph: products with their variants, the category tree, and typed attributes.

mod access;
pub mod commands;
mod consumers;
pub mod domain;
pub mod events;
pub mod graphql;
pub mod queries;
mod store;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "catalog",
    migrations: || service::migrations::with_shared(&sqlx::migrate!("../../migrations/catalog")),
    sdl: graphql::sdl,
    events: events::contracts,
    start: graphql::start,
};
