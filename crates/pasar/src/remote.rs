//! Subgraphs in other processes, as the engine wants them.

use std::{collections::HashMap, sync::Arc};

use kernel::Clock;
use process::assertion::AssertionKey;
use router_engine::{Supergraph, Transport};
use router_server::transport::{Assertions, HttpTransport};

use crate::Settings;

/// An HTTP transport to every subgraph of `supergraph`. With a key the calls say who asks.
pub(crate) fn transports(
    settings: &Settings,
    supergraph: &Supergraph,
    key: Option<&AssertionKey>,
) -> anyhow::Result<HashMap<String, Arc<dyn Transport>>> {
    let client = HttpTransport::client(&settings.router);
    let assertions = key.map(|key| Arc::new(Assertions::new(key.clone(), Clock::System)));
    let mut transports: HashMap<String, Arc<dyn Transport>> = HashMap::new();
    for (name, url) in supergraph.subgraphs() {
        let transport = HttpTransport::new(&url, &client, assertions.clone(), &settings.router)?;
        transports.insert(name, Arc::new(transport));
    }
    Ok(transports)
}
