//! The HTTP behaviour of the router, rule by rule: status, headers, body.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

mod auth;
mod browser;
mod events;
mod limits;
mod operator;
mod protocol;
mod shop;
mod socket;
mod supergraph;
mod transport;
mod transport_events;
