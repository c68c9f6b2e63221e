//! The supergraph of this binary's own subgraphs.

use router_compose::{Composition, SubgraphInput, compose};
use router_server::supergraph::explain;

use crate::{Settings, subgraphs};

/// Composes all subgraphs of this binary.
pub(crate) fn of_this_binary(settings: &Settings) -> anyhow::Result<Composition> {
    let url = |name: &str| settings.subgraphs.get(name).and_then(|s| s.url.clone());
    let inputs: Vec<SubgraphInput> = subgraphs::ALL
        .iter()
        .map(|subgraph| {
            let url = url(subgraph.name).unwrap_or_default();
            SubgraphInput::new(subgraph.name, url, (subgraph.sdl)())
        })
        .collect();
    compose(&inputs).map_err(|errors| anyhow::Error::msg(explain(&errors)))
}
