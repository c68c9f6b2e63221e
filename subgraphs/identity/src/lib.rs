//! The `identity` subgraph: accounts, passwords, sessions and their tokens, roles and permissions.

pub mod commands;
pub mod domain;
pub mod events;
pub mod graphql;
pub mod queries;
pub mod security;
mod store;

pub use queries::revoked_sessions;
pub use security::keys;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "identity",
    migrations: || service::migrations::with_shared(&sqlx::migrate!("../../migrations/identity")),
    sdl: graphql::sdl,
    events: events::contracts,
    start: graphql::start,
};
