//! The contracts of events as people and consumers read them: the catalogue, and the promise to keep them.

pub(crate) mod catalogue;
pub(crate) mod lock;
pub(crate) mod shape;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use anyhow::Context as _;
use kernel::{Clock, Ids};
use process::config::Secret;
use service::{Consumer, Deps, Live, Peers};
use shape::Shape;

use crate::{Settings, launch, subgraphs};

/// The shape of every event's payload.
pub(crate) fn shapes() -> BTreeMap<String, Shape> {
    let contracts = subgraphs::ALL
        .iter()
        .flat_map(|subgraph| (subgraph.events)());
    contracts
        .map(|contract| {
            (
                contract.event_type.to_owned(),
                shape::of(&contract.payload_schema),
            )
        })
        .collect()
}

/// All consumers. Their subgraphs are started on a database that does not exist and are asked nothing.
pub(crate) fn consumers() -> anyhow::Result<Vec<Consumer>> {
    let mut settings = Settings::load(&[])?;
    let key = identity::keys::generate_pem().map_err(|fault| anyhow::anyhow!(fault.chain()))?;
    settings.identity.signing_key = Some(Secret::new(key));
    let db = sqlx::PgPool::connect_lazy("postgres://127.0.0.1/nowhere")
        .context("a pool without connections")?;
    let mut all = Vec::new();
    for subgraph in subgraphs::ALL {
        let deps = Deps {
            db: db.clone(),
            clock: Clock::System,
            ids: Ids::Random,
            peers: Peers::new(subgraph.name, Arc::new(OnceLock::new())),
            live: Live::local(),
            settings: launch::own_settings(&settings, subgraph.name),
        };
        let running = (subgraph.start)(deps).map_err(|fault| {
            anyhow::anyhow!("`{}` does not start: {}", subgraph.name, fault.chain())
        })?;
        all.extend(running.consumers);
    }
    Ok(all)
}
