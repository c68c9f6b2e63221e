//! The `notifications` subgraph: tells people what happened, where they want to be told.

mod access;
pub mod channels;
pub mod commands;
mod consumers;
pub mod domain;
pub mod events;
pub mod graphql;
pub mod jobs;
pub mod queries;
mod store;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "notifications",
    migrations: || {
        service::migrations::with_shared(&sqlx::migrate!("../../migrations/notifications"))
    },
    sdl: graphql::sdl,
    events: events::contracts,
    start: graphql::start,
};
