//! A GraphQL request on its way to a subgraph, whatever carries it.

use std::{sync::Arc, time::Instant};

use serde_json::{Map, Value};

use crate::Principal;

/// One GraphQL request to a subgraph, independent of how it travels.
#[derive(Debug, Clone)]
pub struct GraphqlCall {
    /// The document.
    pub query: Arc<str>,
    /// Which operation of the document to run.
    pub operation_name: Option<Arc<str>>,
    /// Values of the operation's variables.
    pub variables: Map<String, Value>,
    /// On whose behalf, and for how long.
    pub context: CallContext,
}

/// What travels with every call of one client request.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// Who asks.
    pub principal: Arc<Principal>,
    /// Ties together the log lines of one client request.
    pub request_id: Arc<str>,
    /// W3C trace context of the caller, if it is traced.
    pub traceparent: Option<Arc<str>>,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
}
