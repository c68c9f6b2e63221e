//! Calls to subgraphs in this process, as the engine wants them.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, future, future::BoxFuture};
use kernel::{Fault, GraphqlCall};
use router_engine::{EventStream, Transport, TransportError};
use service::{Execute, Running, Subscribe};

/// A subgraph in this process: a call is a function call.
pub(crate) struct InProcess {
    execute: Execute,
    subscribe: Option<Subscribe>,
}

impl InProcess {
    /// Reaches all of `running`.
    pub(crate) fn new(running: &Running) -> Self {
        Self {
            execute: Arc::clone(&running.execute),
            subscribe: running.subscribe.clone(),
        }
    }

    /// Reaches queries and mutations only.
    pub(crate) fn without_subscriptions(execute: Execute) -> Self {
        Self {
            execute,
            subscribe: None,
        }
    }
}

impl Transport for InProcess {
    fn call<'a>(&'a self, call: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>> {
        let answer = (self.execute)(call);
        async move {
            answer
                .await
                .map_err(|fault| TransportError::Unreachable(fault.chain().into()))
        }
        .boxed()
    }

    fn subscribe<'a>(
        &'a self,
        call: GraphqlCall,
    ) -> BoxFuture<'a, Result<EventStream, TransportError>> {
        let events = match &self.subscribe {
            Some(subscribe) => Ok(subscribe(call).map(Ok).boxed()),
            None => Err(TransportError::NoSubscriptions),
        };
        future::ready(events).boxed()
    }
}

/// A subgraph in another process, as the peers of this one want it.
pub(crate) fn execute_over(transport: impl Transport + 'static) -> Execute {
    let transport = Arc::new(transport);
    Arc::new(move |call| {
        let transport = Arc::clone(&transport);
        async move { transport.call(call).await.map_err(Fault::unavailable) }.boxed()
    })
}
