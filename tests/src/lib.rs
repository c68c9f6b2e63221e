//! The harness: real PostgreSQL, a fixed clock, counted ids, and clients for each role.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "test code"
)]

pub mod access;
#[cfg(feature = "supergraph")]
pub mod child;
pub mod database;
#[cfg(feature = "supergraph")]
pub mod deployment;
pub mod event_stream;
pub mod golden;
pub mod http;
pub mod parts;
pub mod peers;
pub mod roles;
pub mod server;
pub mod simulators;
pub mod skip;
pub mod statements;
pub mod subgraph;
pub mod things;
pub mod wait;

pub use golden::assert_golden_event;
pub use peers::StubPeers;
pub use roles::{Role, user_id};
pub use skip::{skip, tell};
pub use statements::count_statements;
pub use subgraph::{Client, Subgraph, entities};
