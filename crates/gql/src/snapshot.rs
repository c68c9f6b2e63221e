//! Aggregates as events tell them, in pages: how another subgraph builds what it keeps of them from
//! nothing, and checks it.

use async_graphql::{ID, Result, SimpleObject};
use kernel::{Entity, Id};
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
    /// The snapshot of the aggregate `id`, with what an event would tell of it.
    ///
    /// # Errors
    /// An internal fault when `payload` has no JSON form.
    pub fn new<E: Entity>(id: Id<E>, version: i32, payload: &impl Serialize) -> Result<Self> {
        let payload = serde_json::to_string(payload)
            .map_err(|error| crate::fault(kernel::Fault::internal(error.to_string())))?;
        Ok(Self {
            id: id.to_string().into(),
            version,
            payload,
        })
    }
}
