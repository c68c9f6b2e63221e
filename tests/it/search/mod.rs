//! The `search` subgraph over the wire.
