//! Tests of the `inventory` subgraph.
