//! The supergraph: what the engine knows about the schema and who answers which part of it.

mod api;
pub(crate) mod labels;
mod load;

use std::collections::{BTreeSet, HashSet};

use apollo_compiler::{
    Name, Schema,
    collections::{HashMap, IndexMap},
    schema::{ExtendedType, Implementers},
    validation::Valid,
};

use crate::{plan::SubgraphId, prepare::plan::Planner};
use labels::Labels;

/// Why a supergraph cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SupergraphError {
    /// It is not a schema document.
    #[error("the supergraph is not valid GraphQL: {0}")]
    Syntax(String),
    /// It is a schema, but nothing says which subgraph answers what.
    #[error("the schema has no enum join__Graph: it is not a composed supergraph")]
    NotComposed,
    /// What is left for clients is not a valid schema.
    #[error("the supergraph leaves no valid schema for clients: {0}")]
    ApiSchema(String),
    /// Planned as if it were not there, it would give wrong answers.
    #[error("the supergraph uses {0}, which this engine does not support yet. Compose it without")]
    Unsupported(&'static str),
    /// The planner does not accept it.
    #[error("the query planner does not accept the supergraph: {0}")]
    Planner(String),
    /// Nobody said how to reach a subgraph.
    #[error("no transport is configured for subgraph {0}")]
    NoTransport(String),
}

/// A supergraph, read and ready to plan against.
pub struct Supergraph {
    pub(crate) schema: Schema,
    pub(crate) api: Valid<Schema>,
    pub(crate) implementers: HashMap<Name, Implementers>,
    pub(crate) planner: Planner,
    pub(crate) labels: Labels,
    api_sdl: String,
    hash: String,
    subgraphs: IndexMap<String, String>,
}

impl Supergraph {
    /// Reads a supergraph SDL as composers write it (join spec v0.1 to v0.5).
    pub fn parse(sdl: &str) -> Result<Self, SupergraphError> {
        load::load(sdl)
    }

    /// The schema that clients see, as SDL.
    #[must_use]
    pub fn api_sdl(&self) -> &str {
        &self.api_sdl
    }

    /// SHA-256 of the supergraph SDL, in hexadecimal digits: which one it is.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Name and routing URL of every subgraph.
    #[must_use]
    pub fn subgraphs(&self) -> Vec<(String, String)> {
        self.subgraphs
            .iter()
            .map(|(name, url)| (name.clone(), url.clone()))
            .collect()
    }

    pub(crate) fn subgraph_id(&self, name: &str) -> Option<SubgraphId> {
        self.subgraphs.get_index_of(name).map(SubgraphId)
    }

    /// The type itself and every type that belongs to it.
    pub(crate) fn type_and_members(&self, name: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::from([name.to_owned()]);
        if let Some(ExtendedType::Union(union)) = self.schema.types.get(name) {
            names.extend(union.members.iter().map(ToString::to_string));
        }
        if let Some(found) = self.implementers.get(name) {
            names.extend(found.objects.iter().map(ToString::to_string));
            names.extend(found.interfaces.iter().map(ToString::to_string));
        }
        names
    }

    /// Names of interfaces: what an interface object calls itself until its real type is known.
    pub(crate) fn interfaces(&self) -> HashSet<String> {
        self.schema
            .types
            .iter()
            .filter(|(_, definition)| definition.is_interface())
            .map(|(name, _)| name.to_string())
            .collect()
    }
}
