//! The only file that knows the planner library. It turns the library's plan into ours.
//!
//! `hive-router-query-planner` 2.10.11 panics on some inputs, so every entry is guarded.

use std::{
    collections::{BTreeSet, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use hive_router_query_planner::{
    ast::{
        document::Document, normalization::normalize_operation, operation::SubgraphFetchOperation,
        selection_item::SelectionItem, selection_set::SelectionSet,
    },
    graph::PlannerOverrideContext,
    planner::{
        self, QueryPlannerOptions,
        plan_nodes::{
            BatchFetchNode, EntityBatchAlias, FetchNode, FetchNodePathSegment, FetchRewrite,
            FlattenNodePath, FlattenNodePathSegment,
        },
    },
    utils::{
        cancellation::CancellationToken,
        parsing::{safe_parse_operation, safe_parse_schema},
    },
};

use crate::{
    plan::{
        EntityFetch, EntityGroup, Fetch, PlanNode, Request, Require, RequiredField, Rewrite,
        RewriteAction, RewriteStep, Step, TypeSet,
    },
    supergraph::{Supergraph, SupergraphError, labels::Draw},
};

/// The planner of one supergraph.
pub(crate) struct Planner(planner::Planner);

/// Labels of `@override`: those that are active, and what has decided it.
pub(crate) struct ActiveLabels {
    pub(super) labels: HashSet<String>,
    pub(super) draw: Draw,
}

/// Why there is no plan. The text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct PlanError(String);

impl PlanError {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Planner {
    pub(crate) fn new(sdl: &str) -> Result<Self, SupergraphError> {
        guarded(|| {
            let document = safe_parse_schema(sdl).map_err(|error| error.to_string())?;
            planner::Planner::new_from_supergraph(&document, QueryPlannerOptions::default())
                .map_err(|error| error.to_string())
        })
        .map(Self)
        .map_err(SupergraphError::Planner)
    }

    /// Plans an operation that is valid, whose fragments are defined in `document`, and that has at
    /// least one field of a subgraph.
    pub(crate) fn plan(
        &self,
        supergraph: &Supergraph,
        document: &str,
        active: &ActiveLabels,
        timeout: Duration,
    ) -> Result<PlanNode, PlanError> {
        let overrides = PlannerOverrideContext::new(active.labels.clone(), active.draw.parts());
        let plan = guarded(|| {
            let document = safe_parse_operation(document).map_err(|error| error.to_string())?;
            let normalized = normalize_operation(&self.0.supergraph, &document, None)
                .map_err(|error| error.to_string())?;
            self.0
                .plan_from_normalized_operation(
                    &normalized.operation,
                    overrides,
                    &CancellationToken::with_timeout(timeout),
                )
                .map_err(|error| error.to_string())
        })
        .map_err(PlanError)?;
        let convert = Convert { supergraph };
        match plan.node {
            Some(node) => convert.node(node, &[]),
            None => Ok(PlanNode::Sequence(Vec::new())),
        }
    }
}

/// Turns a panic of the library into an error.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    // Nothing the closures touch is used again after a panic in a way that could see it half done:
    // the planner is only read.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(format!("the planner panicked: {text}"))
    })
}

struct Convert<'a> {
    supergraph: &'a Supergraph,
}

impl Convert<'_> {
    fn node(
        &self,
        node: planner::plan_nodes::PlanNode,
        path: &[Step],
    ) -> Result<PlanNode, PlanError> {
        use planner::plan_nodes::PlanNode as Theirs;
        Ok(match node {
            Theirs::Fetch(node) => self.fetch(node, path)?,
            Theirs::BatchFetch(node) => PlanNode::Entities(self.batch(node)?),
            Theirs::Sequence(node) => PlanNode::Sequence(self.nodes(node.nodes, path)?),
            Theirs::Parallel(node) => PlanNode::Parallel(self.nodes(node.nodes, path)?),
            Theirs::Flatten(node) => {
                let mut inner = path.to_vec();
                inner.extend(self.path(&node.path));
                self.node(*node.node, &inner)?
            }
            Theirs::Subscription(node) => self.fetch(node.primary, path)?,
            // Conditions are decided before planning, and `@defer` is refused.
            Theirs::Condition(_) | Theirs::Defer(_) => {
                return Err(PlanError(
                    "the plan has a node that nobody asked for".to_owned(),
                ));
            }
        })
    }

    fn nodes(
        &self,
        nodes: Vec<planner::plan_nodes::PlanNode>,
        path: &[Step],
    ) -> Result<Vec<PlanNode>, PlanError> {
        nodes
            .into_iter()
            .map(|node| self.node(node, path))
            .collect()
    }

    fn fetch(&self, node: FetchNode, path: &[Step]) -> Result<PlanNode, PlanError> {
        let request = self.request(
            &node.service_name,
            &node.operation,
            node.variable_usages.as_ref(),
        )?;
        let output_rewrites = self.rewrites(node.output_rewrites);
        let document = &node.operation.document;
        let Some(requires) = node.requires else {
            let root = &document.operation.selection_set;
            return Ok(PlanNode::Fetch(Fetch {
                request,
                path: path.to_vec(),
                keys: keys(document, root, &output_rewrites),
                output_rewrites,
            }));
        };
        Ok(PlanNode::Entities(EntityFetch {
            request,
            groups: vec![EntityGroup {
                response_key: "_entities".into(),
                variable: "representations".into(),
                paths: vec![path.to_vec()],
                requires: self.requires(&requires, None),
                keys: entity_keys(document, "_entities", &output_rewrites),
                input_rewrites: self.rewrites(node.input_rewrites),
                output_rewrites,
            }],
        }))
    }

    fn batch(&self, node: BatchFetchNode) -> Result<EntityFetch, PlanError> {
        let request = self.request(
            &node.service_name,
            &node.operation,
            node.variable_usages.as_ref(),
        )?;
        let document = &node.operation.document;
        let group = |alias: EntityBatchAlias| {
            let output_rewrites = self.rewrites(alias.output_rewrites);
            let paths = alias.merge_paths.iter().map(|path| self.path(path));
            EntityGroup {
                keys: entity_keys(document, &alias.alias, &output_rewrites),
                response_key: alias.alias.into(),
                variable: alias.representations_variable_name.into(),
                paths: paths.collect(),
                requires: self.requires(&alias.requires, None),
                input_rewrites: self.rewrites(alias.input_rewrites),
                output_rewrites,
            }
        };
        Ok(EntityFetch {
            request,
            groups: node.entity_batch.aliases.into_iter().map(group).collect(),
        })
    }

    fn request(
        &self,
        service: &str,
        operation: &SubgraphFetchOperation,
        variables: Option<&BTreeSet<String>>,
    ) -> Result<Request, PlanError> {
        let subgraph = self
            .supergraph
            .subgraph_id(service)
            .ok_or_else(|| PlanError(format!("the plan names an unknown subgraph {service}")))?;
        Ok(Request {
            subgraph,
            query: operation.document_str.as_str().into(),
            variables: variables
                .into_iter()
                .flatten()
                .map(|name| name.as_str().into())
                .collect(),
        })
    }

    fn path(&self, path: &FlattenNodePath) -> Vec<Step> {
        path.as_slice()
            .iter()
            .map(|segment| match segment {
                FlattenNodePathSegment::Field(name) => Step::Field(name.as_str().into()),
                FlattenNodePathSegment::List => Step::List,
                FlattenNodePathSegment::TypeCondition(names) => Step::Types(self.types(names)),
            })
            .collect()
    }

    fn types(&self, names: &BTreeSet<String>) -> TypeSet {
        TypeSet(Arc::new(
            names
                .iter()
                .flat_map(|name| self.supergraph.type_and_members(name))
                .collect(),
        ))
    }

    fn requires(&self, selections: &SelectionSet, parent: Option<&str>) -> Vec<Require> {
        let mut requires = Vec::new();
        for item in &selections.items {
            match item {
                SelectionItem::Field(field) => {
                    let key = field.alias.as_deref().unwrap_or(&field.name);
                    // An aliased field is known to the schema by the name the subgraph gives it.
                    let definition = parent.and_then(|parent| {
                        let find = |name| self.supergraph.schema.type_field(parent, name).ok();
                        find(&field.name).or_else(|| find(key))
                    });
                    let inner = definition.map(|field| field.ty.inner_named_type().as_str());
                    requires.push(Require::Field(RequiredField {
                        key: key.into(),
                        source: field.name.as_str().into(),
                        nullable: definition.is_some_and(|field| !field.ty.is_non_null()),
                        children: self.requires(&field.selections, inner),
                    }));
                }
                SelectionItem::InlineFragment(fragment) => {
                    let condition = fragment.type_condition.as_str();
                    requires.push(Require::Fragment {
                        types: self.types(&BTreeSet::from([condition.to_owned()])),
                        children: self.requires(&fragment.selections, Some(condition)),
                    });
                }
                // The planner expands fragments before it plans.
                SelectionItem::FragmentSpread(_) => {}
            }
        }
        requires
    }

    fn rewrites(&self, rewrites: Option<Vec<FetchRewrite>>) -> Vec<Rewrite> {
        let rewrite = |rewrite| match rewrite {
            FetchRewrite::ValueSetter(setter) => Rewrite {
                path: self.rewrite_path(&setter.path),
                action: RewriteAction::SetTo(setter.set_value_to.into()),
            },
            FetchRewrite::KeyRenamer(renamer) => Rewrite {
                path: self.rewrite_path(&renamer.path),
                action: RewriteAction::RenameTo(renamer.rename_key_to.into()),
            },
        };
        rewrites.into_iter().flatten().map(rewrite).collect()
    }

    fn rewrite_path(&self, path: &[FetchNodePathSegment]) -> Vec<RewriteStep> {
        path.iter()
            .map(|segment| match segment {
                FetchNodePathSegment::Key(key) => RewriteStep::Key(key.as_str().into()),
                FetchNodePathSegment::TypenameEquals(names) => {
                    RewriteStep::Types(self.types(names))
                }
            })
            .collect()
    }
}

/// The keys that a selection brings.
fn keys(document: &Document, selections: &SelectionSet, rewrites: &[Rewrite]) -> Arc<[Arc<str>]> {
    let mut keys = Vec::new();
    collect_keys(document, selections, &mut keys);
    keys.extend(rewrites.iter().filter_map(|rewrite| match &rewrite.action {
        RewriteAction::RenameTo(name) => Some(Arc::clone(name)),
        RewriteAction::SetTo(_) => None,
    }));
    keys.into()
}

/// The keys that an `_entities` field brings.
fn entity_keys(document: &Document, field_key: &str, rewrites: &[Rewrite]) -> Arc<[Arc<str>]> {
    let root = document.operation.selection_set.items.iter();
    let mut fields = root.filter_map(|item| match item {
        SelectionItem::Field(field) => Some(field),
        _ => None,
    });
    match fields.find(|field| field.selection_identifier() == field_key) {
        Some(field) => keys(document, &field.selections, rewrites),
        None => Arc::new([]),
    }
}

fn collect_keys(document: &Document, selections: &SelectionSet, keys: &mut Vec<Arc<str>>) {
    for item in &selections.items {
        match item {
            SelectionItem::Field(field) => keys.push(field.selection_identifier().into()),
            SelectionItem::InlineFragment(fragment) => {
                collect_keys(document, &fragment.selections, keys);
            }
            SelectionItem::FragmentSpread(name) => {
                let mut fragments = document.fragments.iter();
                if let Some(fragment) = fragments.find(|fragment| fragment.name == *name) {
                    collect_keys(document, &fragment.selection_set, keys);
                }
            }
        }
    }
}
