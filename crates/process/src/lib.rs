//! What every role of Pasar needs, whatever it serves.
//!
//! Never in this crate: `PostgreSQL`, Kafka, Redis, GraphQL, or a word of the marketplace.

pub mod assertion;
pub mod client;
pub mod config;
pub mod health;
pub mod http;
pub mod jwt;
pub mod metrics;
pub mod shutdown;
pub mod telemetry;
