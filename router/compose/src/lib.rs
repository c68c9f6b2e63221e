//! Composition: subgraph SDL in, supergraph SDL and diagnostics out. Pure: no I/O, no async.
