//! Subgraphs in other processes: how they are reached, and how their schemas are read.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use kernel::Clock;
use process::{assertion::AssertionKey, client::Client, config};
use router_engine::{Engine, Supergraph, Transport};
use router_server::{
    RouterSettings,
    supergraph::{Build, Introspector, Reader},
    transport::{Assertions, HttpTransport, TargetError},
};

use crate::Settings;

/// How this process reaches subgraphs over HTTP. With `internal.secret` its calls say who asks.
#[derive(Clone)]
pub(crate) struct Remote {
    client: Client,
    assertions: Option<Arc<Assertions>>,
    settings: Arc<RouterSettings>,
}

impl Remote {
    /// As the settings say.
    pub(crate) fn new(settings: &Settings) -> anyhow::Result<Self> {
        let key = settings.internal.secret.as_ref().map(AssertionKey::new);
        let assertions = key
            .transpose()?
            .map(|key| Assertions::new(key, Clock::System));
        Ok(Self {
            client: HttpTransport::client(&settings.router),
            assertions: assertions.map(Arc::new),
            settings: Arc::new(settings.router.clone()),
        })
    }

    /// The connections that all calls share.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// A way to one subgraph. It is told nothing of who asks unless there is a secret.
    pub(crate) fn transport(&self, url: &str) -> Result<HttpTransport, TargetError> {
        HttpTransport::new(url, &self.client, self.assertions.clone(), &self.settings)
    }

    /// Whether calls say who asks.
    pub(crate) fn signs(&self) -> bool {
        self.assertions.is_some()
    }

    /// Reads the sources of the supergraph that `path` names.
    pub(crate) fn reader(&self, path: PathBuf) -> Reader {
        let (client, assertions) = (self.client.clone(), self.assertions.clone());
        let introspector = Introspector::new(client, assertions, &self.settings);
        let max_bytes = self.settings.supergraph.max_schema_size.get();
        Reader::new(path, config::environment(), introspector, max_bytes)
    }

    /// Makes engines whose subgraphs are where the supergraph says.
    pub(crate) fn build(self) -> Build {
        Arc::new(move |supergraph: Supergraph| {
            let mut transports: HashMap<String, Arc<dyn Transport>> = HashMap::new();
            for (name, url) in supergraph.subgraphs() {
                let transport = self
                    .transport(&url)
                    .map_err(|error| format!("subgraph `{name}`, routing_url: {error}"))?;
                transports.insert(name, Arc::new(transport));
            }
            let settings = self.settings.engine.clone();
            Ok(Engine::new(supergraph, transports, settings)?)
        })
    }
}
