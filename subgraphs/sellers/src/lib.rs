//! The `sellers` subgraph: shops, the people in them, and whether a shop is verified.

mod access;
pub mod commands;
pub mod domain;
pub mod events;
pub mod graphql;
pub mod queries;
mod store;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "sellers",
    migrations: || service::migrations::with_shared(&sqlx::migrate!("../../migrations/sellers")),
    sdl: graphql::sdl,
    events: events::contracts,
    start: graphql::start,
};
