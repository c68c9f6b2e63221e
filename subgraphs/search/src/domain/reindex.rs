//! A rebuild of everything from what the owners say.

use chrono::{DateTime, Utc};
use kernel::{Named as _, ReindexId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};
use uuid::Uuid;

/// Where a rebuild stands.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReindexStatus {
    /// It goes on, if only after a restart.
    Running,
    /// Everything is as the owners say.
    Done,
    /// It gave up; another may be started.
    Failed,
}

/// The steps of a rebuild, in order. The first five take over what the owners say into the projection, in
/// place: whoever searches meanwhile finds old and new products. The others fill a fresh index of the
/// search node beside the old one, and are left out without a node.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// From catalog.
    Categories,
    /// From sellers.
    Sellers,
    /// From catalog.
    Products,
    /// From inventory.
    Stock,
    /// From reviews.
    Ratings,
    /// All documents are written to the fresh index.
    Fill,
    /// What changed meanwhile is written, the alias is swapped, and what changed around that is written again.
    Swap,
}

/// A rebuild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reindex {
    /// Its id.
    pub id: ReindexId,
    /// Where it stands.
    pub status: ReindexStatus,
    /// What it is at, or was at when it ended.
    pub phase: Phase,
    /// The last thing of the phase that is done.
    pub after: Option<Uuid>,
    /// Things that were taken over or written.
    pub done: i64,
    /// Products that were found to be gone.
    pub removed: i64,
    /// The fresh index.
    pub index_name: Option<String>,
    /// Documents of this version or later have changed since the index began to be filled.
    pub changed_since: Option<i64>,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was asked for.
    pub started_at: DateTime<Utc>,
    /// When it last did something.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Phase {
    /// The phase after this one, with a search node or without.
    #[must_use]
    pub fn next(self, has_node: bool) -> Option<Self> {
        let mut after = Self::all().skip_while(|phase| *phase != self);
        let next = after.nth(1)?;
        (has_node || next != Self::Fill).then_some(next)
    }
}
