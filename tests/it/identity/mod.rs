//! Tests of the `identity` subgraph.
