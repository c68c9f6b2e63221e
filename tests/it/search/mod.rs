//! The `search` subgraph over the wire.

mod access;
mod away;
mod conformance;
mod consumed;
mod facets;
mod faults;
mod finding;
mod indexes;
mod killed;
mod log;
mod many;
mod node;
mod oracle;
mod owners;
mod projection;
mod rebuild;
mod relevance;
mod rescue;
mod shelf;
mod synonyms;
mod world;
