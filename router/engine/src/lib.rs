//! The federation engine: validate, plan and execute operations over a [`Transport`].
//!
//! Not in this crate: an HTTP server or client, composition, authentication. `README.md` lists the
//! layers and the limits.

mod engine;
mod error;
mod execute;
mod plan;
mod prepare;
mod projection;
mod response;
mod settings;
mod supergraph;
mod transport;
mod value;

pub use engine::Engine;
pub use error::{ErrorCode, GraphqlError, Location, PathSegment};
pub use prepare::{OperationKind, Prepared};
pub use response::GraphqlResponse;
pub use serde_json_bytes;
pub use settings::{EngineSettings, Limits};
pub use supergraph::{Supergraph, SupergraphError, labels::own_share};
pub use transport::{EventStream, Transport, TransportError};

/// Values of an operation's variables, as they come with a request.
pub type Variables = value::Object;
