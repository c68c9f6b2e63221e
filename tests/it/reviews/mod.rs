//! Tests of the `reviews` subgraph.
