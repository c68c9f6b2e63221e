//! The sellers subgraph.
