//! Plans of one operation: one for each combination of values that the variables in its `@skip` and
//! `@include` take, and of labels of `@override` that are active.
//!
//! So no plan fetches what is not wanted, the planner need not understand conditions, and an
//! operation without conditions and labels has one plan. Clients use few combinations; a few are kept.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use apollo_compiler::Name;

use super::{
    Prepared, Refusal,
    plan::{ActiveLabels, PlanError},
    rewrite,
};
use crate::{
    error::{ErrorCode, GraphqlError},
    plan::PlanNode,
    projection::Projection,
    settings::EngineSettings,
    supergraph::{Supergraph, labels::Draw},
};

/// What decides between the plans of an operation.
pub(crate) struct Choices<'a> {
    /// Whether a variable is true.
    pub(crate) is_true: &'a dyn Fn(&str) -> bool,
    /// Which labels of `@override` are active.
    pub(crate) draw: Draw,
}

/// Plans by the values of the variables and the labels that are active; nothing where no subgraph is asked.
type Made = HashMap<Box<[bool]>, Option<Arc<PlanNode>>>;

/// Plans made so far.
pub(super) struct Plans {
    variables: Vec<Arc<str>>,
    labels: Vec<Arc<str>>,
    made: RwLock<Made>,
}

impl Plans {
    /// No plans yet, for an operation with this projection, which knows all conditions, and with these labels.
    pub(super) fn new(projection: &Projection, labels: Vec<Arc<str>>) -> Self {
        let rules = projection.conditions.iter();
        let literals =
            rules.flat_map(|rule| rule.all_of.iter().chain(rule.none_of.iter().flatten()));
        let variables: BTreeSet<_> = literals.map(|literal| &literal.variable).collect();
        Self {
            variables: variables.into_iter().map(Arc::clone).collect(),
            labels,
            made: RwLock::default(),
        }
    }

    /// Whether there is only one.
    pub(super) fn is_single(&self) -> bool {
        self.variables.is_empty() && self.labels.is_empty()
    }

    /// The plan for a request; made now if need be, and kept if there are not too many.
    pub(super) fn get(
        &self,
        choices: &Choices<'_>,
        settings: &EngineSettings,
        make: impl FnOnce() -> Result<Option<PlanNode>, Refusal>,
    ) -> Result<Option<Arc<PlanNode>>, Refusal> {
        let variables = self.variables.iter().map(|name| (choices.is_true)(name));
        let labels = self.labels.iter().map(|label| {
            let is_active = choices.draw.activates(label, &settings.override_labels);
            metrics::counter!(
                "pasar_router_override_labels_total",
                "label" => Arc::clone(label), "active" => if is_active { "true" } else { "false" }
            )
            .increment(1);
            is_active
        });
        let values: Box<[bool]> = variables.chain(labels).collect();
        let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = made.get(&values) {
            return Ok(plan.clone());
        }
        drop(made);
        let plan = make()?.map(Arc::new);
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        if made.len() < settings.limits.plan_variants {
            made.insert(values, plan.clone());
        }
        Ok(plan)
    }
}

/// Plans an operation for a request.
pub(super) fn plan(
    supergraph: &Supergraph,
    field_names: &HashSet<Name>,
    settings: &EngineSettings,
    prepared: &Prepared,
    choices: &Choices<'_>,
) -> Result<Option<PlanNode>, Refusal> {
    let operation = &prepared.operation;
    let timeout = Duration::from_millis(settings.limits.planning_timeout_ms);
    let (schema, document) = (&supergraph.api, &prepared.document);
    let active = ActiveLabels {
        labels: supergraph
            .labels
            .active(choices.draw, &settings.override_labels),
        draw: choices.draw,
    };
    let mut nodes = Vec::new();
    for text in rewrite::documents(schema, field_names, document, operation, choices.is_true) {
        let planned = supergraph.planner.plan(supergraph, &text, &active, timeout);
        let planned = planned.and_then(|node| {
            if operation.is_subscription() && node.as_subscription().is_none() {
                return Err(PlanError::new("a subscription without a source of events"));
            }
            Ok(node)
        });
        let node = planned.map_err(|error| {
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
