//! Glue between the subgraphs and `async-graphql`: scalars, lists, user errors, batches, the schema's
//! limits and its SDL. What is the same in every subgraph of the graph is defined here once.
//!
//! Never in this crate: SQL, Kafka, business rules, entity types.

pub mod batch;
pub mod error;
pub mod id;
pub mod list;
pub mod money;
pub mod scalar;
pub mod schema;
pub mod snapshot;

pub use batch::Batch;
pub use error::{
    ErrorCode, Refusal, UserError, VersionConflict, fault, or_null, settle, shared_fault, soft,
};
pub use id::GlobalId;
pub use list::{Connection, connection, page_request};
pub use money::{MoneyInput, MoneyValue};
pub use scalar::{Date, Decimal, Int64};
pub use snapshot::Snapshot;
