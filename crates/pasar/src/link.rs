//! Calls to subgraphs in this process, as the engine wants them.

use bytes::Bytes;
use futures_util::{FutureExt as _, future::BoxFuture};
use kernel::{Fault, GraphqlCall};
use router_engine::{Transport, TransportError};
use service::Execute;

/// A subgraph in this process: a call is a function call.
pub(crate) struct InProcess(pub(crate) Execute);

impl Transport for InProcess {
    fn call<'a>(&'a self, call: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>> {
        let answer = (self.0)(call);
        async move {
            answer
                .await
                .map_err(|fault| TransportError::Unreachable(fault.chain().into()))
        }
        .boxed()
    }
}

/// A subgraph in another process, as the peers of this one want it.
pub(crate) fn execute_over(transport: impl Transport + 'static) -> Execute {
    let transport = std::sync::Arc::new(transport);
    std::sync::Arc::new(move |call| {
        let transport = std::sync::Arc::clone(&transport);
        async move { transport.call(call).await.map_err(Fault::unavailable) }.boxed()
    })
}
