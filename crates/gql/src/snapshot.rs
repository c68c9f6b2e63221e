//! Aggregates as events tell them, in pages: how another subgraph builds what it keeps of them from
//! nothing, and checks it.

use async_graphql::{ID, Result, SimpleObject};
use kernel::{Entity, Fault, Id};
use serde::Serialize;

/// One aggregate as it is now, in the words of its events. For other subgraphs only.
#[derive(SimpleObject)]
#[graphql(inaccessible, shareable)]
pub struct Snapshot {
    /// The aggregate; pages are in the order of ids.
    id: ID,
    /// Its version: that of its last event.
    version: i32,
    /// JSON with the members that its events have.
    payload: String,
}

impl Snapshot {
    /// A page of aggregates: of each its version, and what an event would tell of it. `id` says which it is.
    ///
    /// # Errors
    /// The fault of `loaded`; an internal one when something has no JSON form.
    pub fn page<E: Entity, P: Serialize>(
        loaded: std::result::Result<Vec<(i32, P)>, Fault>,
        id: impl Fn(&P) -> Id<E>,
    ) -> Result<Vec<Self>> {
        let loaded = loaded.map_err(crate::fault)?;
        loaded
            .iter()
            .map(|(version, payload)| Self::new(id(payload), *version, payload))
            .collect()
    }

    fn new<E: Entity>(id: Id<E>, version: i32, payload: &impl Serialize) -> Result<Self> {
        let payload = serde_json::to_string(payload)
            .map_err(|error| crate::fault(Fault::internal(error.to_string())))?;
        Ok(Self {
            id: id.to_string().into(),
            version,
            payload,
        })
    }
}
