//! The `inventory` subgraph: warehouses, the stock in them, and the ledger of every change.

mod access;
pub mod commands;
pub mod domain;
pub mod events;
pub mod graphql;
pub mod queries;
mod store;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "inventory",
    migrations: || service::migrations::with_shared(&sqlx::migrate!("../../migrations/inventory")),
    sdl: graphql::sdl,
    events: events::contracts,
    start: graphql::start,
};
