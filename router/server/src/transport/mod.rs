//! Ways to a subgraph that is not in this process. They know HTTP and no GraphQL.

mod assertions;
mod events;
mod http;
mod lanes;

pub use assertions::Assertions;
pub use http::{HttpTransport, TargetError};
