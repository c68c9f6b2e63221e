//! The `reviews` subgraph: what buyers say of products, what others think of that, and the ratings that
//! follow from it.

pub mod access;
pub mod commands;
pub mod domain;
pub mod events;
pub mod graphql;
pub mod queries;
mod store;

/// Everything the process needs to run this subgraph.
pub const SUBGRAPH: service::Subgraph = service::Subgraph {
    name: "reviews",
    migrations: || service::migrations::with_shared(&sqlx::migrate!("../../migrations/reviews")),
    sdl: graphql::sdl,
    events: events::contracts,
    start: graphql::start,
};
