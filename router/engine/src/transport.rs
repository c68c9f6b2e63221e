//! How the engine reaches a subgraph: one trait. Implementations know HTTP or a function in this
//! process; they know no GraphQL.

use bytes::Bytes;
use futures_util::{FutureExt as _, future, future::BoxFuture, stream::BoxStream};
use kernel::GraphqlCall;

use crate::error::ErrorCode;

/// Carries a call to one subgraph and brings back the text of its answer.
pub trait Transport: Send + Sync {
    /// Sends `call`. The engine bounds the time; dropping the future must give up the call.
    fn call<'a>(&'a self, call: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>>;

    /// Begins the subscription `call`. The engine bounds the time until this is ready; from then on the
    /// call has no deadline. Events must be read from the subgraph only as fast as the stream is asked
    /// for them, and dropping the stream (or the future) must give up the call.
    fn subscribe<'a>(
        &'a self,
        _call: GraphqlCall,
    ) -> BoxFuture<'a, Result<EventStream, TransportError>> {
        future::ready(Err(TransportError::NoSubscriptions)).boxed()
    }
}

/// What a subscription brings: the text of one GraphQL response per event, in order. It ends when the
/// subgraph says that nothing more will come; a failure is the last item.
pub type EventStream = BoxStream<'static, Result<Bytes, TransportError>>;

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
    /// Not what the protocol of the transport says.
    #[error("the answer is malformed: {0}")]
    Malformed(&'static str),
    /// This way to the subgraph carries no subscriptions.
    #[error("subscriptions are not supported on this way to the subgraph")]
    NoSubscriptions,
}

impl TransportError {
    /// The fixed text a client may read. Never names a host, an address or a cause.
    #[must_use]
    pub const fn public_text(&self) -> &'static str {
        match self {
            Self::Timeout => "a part of the answer was not ready in time",
            Self::Unreachable(_) => "a part of the answer is not available: its service is down",
            Self::Status(_) | Self::BodyTooLarge | Self::Malformed(_) | Self::NoSubscriptions => {
                "a part of the answer is not available: its service failed"
            }
        }
    }

    /// The code a client sees.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Timeout => ErrorCode::GatewayTimeout,
            Self::Unreachable(_)
            | Self::Status(_)
            | Self::BodyTooLarge
            | Self::Malformed(_)
            | Self::NoSubscriptions => ErrorCode::DownstreamServiceError,
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
            Self::Malformed(_) => "malformed",
            Self::NoSubscriptions => "unsupported",
        }
    }
}
