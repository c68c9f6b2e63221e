//! The reviews subgraph.
