//! The `search` subgraph over the wire.

mod access;
mod away;
mod conformance;
mod facets;
mod finding;
mod log;
mod node;
mod oracle;
mod projection;
mod rebuild;
mod relevance;
mod rescue;
mod shelf;
mod synonyms;
mod world;
