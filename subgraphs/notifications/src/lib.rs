//! The `notifications` subgraph: tells people what happened, where they want to be told.

pub mod channels;
pub mod commands;
pub mod domain;
pub mod events;
pub mod graphql;
mod store;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "notifications",
    migrations: || sqlx::migrate!("../../migrations/notifications"),
    sdl: graphql::sdl,
    events: events::contracts,
    start: graphql::start,
};
