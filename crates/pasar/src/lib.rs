//! THE binary's library: command line, list of subgraphs, wiring.
