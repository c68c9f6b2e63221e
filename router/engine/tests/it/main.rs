//! The engine against mock subgraphs: whole responses, and what the subgraphs were asked.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "tests fail by panicking; their numbers are small"
)]

mod author;
mod differential;
mod executor;
mod failures;
mod feed;
mod joins;
mod library;
mod limits;
mod model;
mod moving;
mod operations;
mod shop;
mod subscriptions;
mod supergraphs;
mod support;
