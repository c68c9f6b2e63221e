//! The `search` subgraph over the wire.

mod conformance;
mod node;
mod oracle;
mod relevance;
mod shelf;
