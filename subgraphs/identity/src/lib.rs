//! The identity subgraph.
