//! From a document to something that can be run: parse, limit, validate, split introspection, plan,
//! and compute the shape of the response. No I/O, no HTTP; depends on the operation only, so that
//! the result can be kept.

pub(crate) mod cache;
mod limits;
pub(crate) mod plan;
mod project;
mod rewrite;
pub(crate) mod validate;
mod variants;

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
};

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    executable::{Operation, OperationType},
    introspection,
    validation::Valid,
};

pub(crate) use rewrite::{RENAMED, field_names};
pub(crate) use variants::Choices;
use variants::Plans;

use crate::{
    error::{ErrorCode, GraphqlError},
    plan::PlanNode,
    projection::Projection,
    settings::EngineSettings,
    supergraph::{Supergraph, labels::Draw},
    value::Object,
};

/// Why an operation is not prepared; never empty.
pub(crate) type Refusal = Vec<GraphqlError>;

/// The kinds of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads.
    Query,
    /// Changes; root fields run one after the other.
    Mutation,
    /// Listens.
    Subscription,
}

impl OperationKind {
    /// As it is written in GraphQL; a closed set, fit for a metric's label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// An operation, ready to run any number of times.
pub struct Prepared {
    pub(crate) document: Valid<ExecutableDocument>,
    pub(crate) operation: Node<Operation>,
    plans: Plans,
    pub(crate) projection: Projection,
    pub(crate) introspects: bool,
    /// The answer to the introspection part, when it does not depend on variables.
    pub(crate) introspection: OnceLock<Object>,
    text_bytes: usize,
}

impl Prepared {
    /// Query, mutation or subscription.
    #[must_use]
    pub fn kind(&self) -> OperationKind {
        match self.operation.operation_type {
            OperationType::Query => OperationKind::Query,
            OperationType::Mutation => OperationKind::Mutation,
            OperationType::Subscription => OperationKind::Subscription,
        }
    }

    /// The operation's name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.operation.name.as_ref().map(Name::as_str)
    }

    /// The plan for a request; nothing when no subgraph is asked.
    pub(crate) fn plan(
        &self,
        supergraph: &Supergraph,
        field_names: &HashSet<Name>,
        settings: &EngineSettings,
        choices: &Choices<'_>,
    ) -> Result<Option<Arc<PlanNode>>, Refusal> {
        self.plans.get(choices, settings, || {
            variants::plan(supergraph, field_names, settings, self, choices)
        })
    }

    /// A guess: syntax tree, plan and projection take some thirty times the text.
    pub(crate) fn estimated_bytes(&self) -> usize {
        4_096 + 30 * self.text_bytes
    }
}

/// Prepares one operation of a document.
pub(crate) fn prepare(
    supergraph: &Supergraph,
    field_names: &HashSet<Name>,
    settings: &EngineSettings,
    text: &str,
    operation_name: Option<&str>,
) -> Result<Prepared, Refusal> {
    let document = validate::validate(&supergraph.api, text, &settings.limits)?;
    let operation = validate::operation(&document, operation_name)?;
    let introspects = check_introspection(&document, &operation, settings.introspection)?;
    let projection = project::projection(supergraph, field_names, &document, &operation);
    let labels = supergraph.labels.of_operation(&operation, &document);
    let prepared = Prepared {
        plans: Plans::new(&projection, labels),
        document,
        operation,
        projection,
        introspects,
        introspection: OnceLock::new(),
        text_bytes: text.len(),
    };
    if prepared.plans.is_single() {
        // The only plan: what is wrong with it is found now.
        let choices = Choices {
            is_true: &|_| false,
            draw: Draw::new(),
        };
        prepared.plan(supergraph, field_names, settings, &choices)?;
    }
    Ok(prepared)
}

/// Whether the operation asks for the schema, and may.
fn check_introspection(
    document: &Valid<ExecutableDocument>,
    operation: &Operation,
    allowed: bool,
) -> Result<bool, Refusal> {
    let introspects = operation
        .root_fields(document)
        .any(|field| matches!(field.name.as_str(), "__schema" | "__type"));
    if !introspects {
        return Ok(false);
    }
    if !allowed {
        return Err(vec![GraphqlError::new(
            ErrorCode::IntrospectionDisabled,
            "introspection is turned off (setting introspection)",
        )]);
    }
    introspection::check_max_depth(document, operation).map_err(|error| {
        vec![validate::request_error(
            &error,
            document,
            ErrorCode::LimitExceeded,
        )]
    })?;
    Ok(true)
}
