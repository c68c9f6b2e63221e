//! How the engine reaches a subgraph: one trait. Implementations know HTTP or a function in this
//! process; they know no GraphQL.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use kernel::GraphqlCall;

use crate::error::ErrorCode;

/// Carries a call to one subgraph and brings back the text of its answer.
pub trait Transport: Send + Sync {
    /// Sends `call`. The engine bounds the time; dropping the future must give up the call.
    fn call<'a>(&'a self, call: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>>;
}

/// Why no answer came back.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("not reachable")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An answer that is no GraphQL response.
    #[error("answered with HTTP status {0}")]
    Status(u16),
    /// The answer is larger than the router reads.
    #[error("the answer is larger than allowed")]
    BodyTooLarge,
}

impl TransportError {
    /// The fixed text a client may read. Never names a host, an address or a cause.
    #[must_use]
    pub const fn public_text(&self) -> &'static str {
        match self {
            Self::Timeout => "a part of the answer was not ready in time",
            Self::Unreachable(_) => "a part of the answer is not available: its service is down",
            Self::Status(_) | Self::BodyTooLarge => {
                "a part of the answer is not available: its service failed"
            }
        }
    }

    /// The code a client sees.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Timeout => ErrorCode::GatewayTimeout,
            Self::Unreachable(_) | Self::Status(_) | Self::BodyTooLarge => {
                ErrorCode::DownstreamServiceError
            }
        }
    }

    /// The label of this outcome in metrics; a closed set.
    #[must_use]
    pub const fn outcome(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable(_) => "unreachable",
            Self::Status(_) => "status",
            Self::BodyTooLarge => "too_large",
        }
    }
}
