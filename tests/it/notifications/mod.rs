//! The `notifications` subgraph over the wire.
