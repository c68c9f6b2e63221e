//! The `notifications` subgraph: tells people what happened.

pub mod graphql;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "notifications",
    migrations: || sqlx::migrate!("../../migrations/notifications"),
    sdl: graphql::sdl,
    events: Vec::new,
    start: graphql::start,
};
