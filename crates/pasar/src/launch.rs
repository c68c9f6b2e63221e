//! Starting subgraphs in this process and making them known to each other.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use kernel::{Clock, Ids};
use process::{assertion::AssertionKey, config::Secret};
use router_server::transport::{Assertions, HttpTransport};
use serde_json::{Value, json};
use service::{Deps, Execute, Peers, Running, Subgraph};

use crate::{Settings, databases::Databases, link};

/// Subgraphs that answer in this process.
pub(crate) struct Launched {
    /// In the order asked for.
    pub(crate) running: Vec<Member>,
    peers: HashMap<String, Execute>,
}

/// One of them.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    /// What it was started with.
    pub(crate) deps: Deps,
    pub(crate) running: Running,
}

impl Launched {
    /// Runs requests of the subgraph `name`, here or in another process.
    pub(crate) fn execute(&self, name: &str) -> Option<Execute> {
        self.peers.get(name).cloned()
    }

    /// What they serve besides GraphQL, such as key sets and the callbacks of providers.
    pub(crate) fn routes(&self) -> axum::Router {
        let routes = self
            .running
            .iter()
            .map(|member| member.running.routes.clone());
        routes.fold(axum::Router::new(), axum::Router::merge)
    }
}

/// Starts `subgraphs` on migrated databases. The ones that are not among them are reached over HTTP
/// when a key to sign with is given.
pub(crate) async fn launch(
    settings: &Settings,
    databases: &Databases,
    subgraphs: &[&'static Subgraph],
    key: Option<&AssertionKey>,
) -> anyhow::Result<Launched> {
    let wiring = Arc::new(OnceLock::new());
    let live = settings.redis.live()?;
    let mut running = Vec::new();
    let mut peers = key
        .map(|key| remote_peers(settings, key))
        .transpose()?
        .unwrap_or_default();
    for &subgraph in subgraphs {
        let deps = Deps {
            db: databases.connect(settings, subgraph).await?,
            clock: Clock::System,
            ids: Ids::Random,
            peers: Peers::new(subgraph.name, Arc::clone(&wiring)),
            live: live.clone(),
            settings: own_settings(settings, subgraph.name),
        };
        let started = (subgraph.start)(deps.clone()).map_err(|fault| {
            anyhow::anyhow!("`{}` does not start: {}", subgraph.name, fault.chain())
        })?;
        peers.insert(subgraph.name.to_owned(), Arc::clone(&started.execute));
        running.push(Member {
            name: subgraph.name,
            deps,
            running: started,
        });
    }
    // Nobody else holds the cell before this.
    drop(wiring.set(peers.clone()));
    Ok(Launched { running, peers })
}

fn remote_peers(
    settings: &Settings,
    key: &AssertionKey,
) -> anyhow::Result<HashMap<String, Execute>> {
    let client = HttpTransport::client(&settings.router);
    let assertions = Arc::new(Assertions::new(key.clone(), Clock::System));
    let mut peers = HashMap::new();
    for (name, subgraph) in &settings.subgraphs {
        if let Some(url) = &subgraph.url {
            let assertions = Some(Arc::clone(&assertions));
            let transport = HttpTransport::new(url, &client, assertions, &settings.router)?;
            peers.insert(name.clone(), link::execute_over(transport));
        }
    }
    Ok(peers)
}

/// What a subgraph reads at its start besides its database.
pub(crate) fn own_settings(settings: &Settings, name: &str) -> Value {
    if name == identity::SUBGRAPH.name {
        identity_settings(settings)
    } else if name == notifications::SUBGRAPH.name {
        settings.notifications.exposed()
    } else if name == search::SUBGRAPH.name {
        search_settings(settings)
    } else {
        Value::Null
    }
}

/// The settings of search as it reads them.
fn search_settings(settings: &Settings) -> Value {
    let search = &settings.search;
    let mut own = json!({
        "elasticsearch_url": search.elasticsearch_url.as_ref().map(Secret::expose),
    });
    if let Some(index) = &search.index {
        own["index"] = index.as_str().into();
    }
    own
}

/// The settings of identity as it reads them.
pub(crate) fn identity_settings(settings: &Settings) -> Value {
    json!({
        "issuer": settings.auth.issuer,
        "audience": settings.auth.audience,
        "signing_key_pem": settings.identity.signing_key.as_ref().map(Secret::expose),
        "previous_keys": settings.identity.previous_keys,
    })
}
