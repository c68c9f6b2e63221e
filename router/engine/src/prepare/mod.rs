//! From a document to something that can be run: parse, limit, validate, split introspection, plan,
//! and compute the shape of the response. No I/O, no HTTP; depends on the operation only, so that
//! the result can be kept.

pub(crate) mod cache;
mod limits;
pub(crate) mod plan;
mod project;
mod rewrite;
pub(crate) mod validate;

use std::{collections::HashSet, sync::OnceLock, time::Duration};

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    executable::{Operation, OperationType},
    introspection,
    validation::Valid,
};

pub(crate) use rewrite::{RENAMED, field_names};

use crate::{
    error::{ErrorCode, GraphqlError},
    plan::PlanNode,
    projection::Projection,
    settings::EngineSettings,
    supergraph::Supergraph,
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
    pub(crate) plan: Option<PlanNode>,
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
    let plan = plan(supergraph, field_names, settings, &document, &operation)?;
    let projection = project::projection(supergraph, field_names, &document, &operation);
    Ok(Prepared {
        document,
        operation,
        plan,
        projection,
        introspects,
        introspection: OnceLock::new(),
        text_bytes: text.len(),
    })
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

fn plan(
    supergraph: &Supergraph,
    field_names: &HashSet<Name>,
    settings: &EngineSettings,
    document: &ExecutableDocument,
    operation: &Operation,
) -> Result<Option<PlanNode>, Refusal> {
    if operation.is_subscription() {
        return Ok(None);
    }
    let timeout = Duration::from_millis(settings.limits.planning_timeout_ms);
    let mut nodes = Vec::new();
    for text in rewrite::documents(&supergraph.api, field_names, document, operation) {
        let node = supergraph
            .planner
            .plan(supergraph, &text, timeout)
            .map_err(|error| {
                tracing::error!(%error, "no plan for a valid operation");
                tracing::debug!(operation = text, "the operation without a plan");
                vec![GraphqlError::new(
                    ErrorCode::QueryPlanningFailed,
                    "the operation is valid, but no way to answer it was found",
                )]
            })?;
        nodes.push(node);
    }
    Ok(match nodes.len() {
        0 => None,
        1 => nodes.pop(),
        _ => Some(PlanNode::Sequence(nodes)),
    })
}
