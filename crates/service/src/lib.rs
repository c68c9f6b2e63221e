//! What a data-owning subgraph needs around its own rules: a database, the request's context, the
//! outbox, idempotency, calls to other subgraphs, and the shape in which the binary runs it.
//!
//! Never in this crate: GraphQL types, words of one domain, or a branch on a subgraph's name.

pub mod bus;
pub mod cluster;
pub mod consumer;
pub mod ctx;
pub mod db;
pub mod dead_letters;
pub mod event;
pub mod http;
pub mod idempotency;
pub mod live;
pub mod migrations;
pub mod outbox;
pub mod peers;
pub mod relay;
pub mod subgraph;
pub mod worker;

pub use bus::Bus;
pub use consumer::{Consumer, Delivery};
pub use ctx::{Ctx, Transaction};
pub use db::OnConstraint;
pub use event::Event;
pub use idempotency::Claim;
pub use live::Live;
pub use outbox::{EventContract, EventPayload};
pub use peers::Peers;
pub use relay::Relay;
pub use subgraph::{Deps, Execute, Running, Subgraph, Subscribe, Task};
pub use worker::Worker;
