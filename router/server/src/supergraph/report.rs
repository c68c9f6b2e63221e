//! What operators see of the supergraph.

use std::sync::{Arc, PoisonError};

use axum::{Json, extract::State};
use router_compose::Diagnostic;
use serde::Serialize;

use super::SourceState;
use crate::RouterState;

/// How composition goes.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// When the sources were looked at last, RFC 3339.
    pub looked_at: String,
    /// Since when the supergraph in use is in use.
    pub in_use_since: Option<String>,
    /// Each source, as it was when looked at last.
    pub sources: Vec<SourceState>,
    /// What composition had to say of what is in use.
    pub hints: Vec<Diagnostic>,
    /// What is wrong with the sources as they are now; the supergraph in use is an older one.
    pub failure: Option<Failure>,
}

/// Why the sources make no new supergraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// How far it came.
    pub stage: Stage,
    /// What is wrong, for people.
    pub message: String,
    /// What composition had to say, for tools; empty in other stages.
    pub diagnostics: Vec<Diagnostic>,
    /// Since when, RFC 3339.
    pub since: String,
}

/// The steps from sources to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading the file that names the rest.
    Config,
    /// Reading schemas, asking subgraphs.
    Sources,
    /// Composing.
    Composition,
    /// Making ready what was composed.
    Supergraph,
}

impl Stage {
    pub(super) const ALL: [Self; 4] = [
        Self::Config,
        Self::Sources,
        Self::Composition,
        Self::Supergraph,
    ];

    /// A label of metrics; a closed set.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Sources => "sources",
            Self::Composition => "composition",
            Self::Supergraph => "supergraph",
        }
    }
}

/// `/supergraph` on the listener of operators.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    /// What is in use, if anything is yet.
    supergraph: Option<InUse>,
    /// Where it comes from; nothing when it was built into the program.
    composition: Option<Report>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InUse {
    /// SHA-256 of the supergraph SDL.
    hash: String,
    generation: u64,
    subgraphs: Vec<Subgraph>,
}

#[derive(Serialize)]
struct Subgraph {
    name: String,
    url: String,
}

pub(crate) async fn status(State(state): State<Arc<RouterState>>) -> Json<Status> {
    let in_use = state.serving().map(|serving| {
        let supergraph = serving.engine.supergraph();
        let subgraphs = supergraph.subgraphs().into_iter();
        InUse {
            hash: supergraph.hash().to_owned(),
            generation: serving.generation,
            subgraphs: subgraphs
                .map(|(name, url)| Subgraph { name, url })
                .collect(),
        }
    });
    let report = state.composition.lock();
    Json(Status {
        supergraph: in_use,
        composition: report.unwrap_or_else(PoisonError::into_inner).clone(),
    })
}
