//! Our query plan: what to fetch from whom, in which order. Made by `prepare::plan`, run by
//! `execute::run`; neither needs to know the planner library.

use std::{collections::BTreeSet, sync::Arc};

/// Which subgraph; an index into [`crate::Supergraph::subgraphs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SubgraphId(pub(crate) usize);

/// A step of a plan. There are no conditions: a plan is made for certain values of the variables in
/// `@skip` and `@include`, see `prepare::variants`.
#[derive(Debug)]
pub(crate) enum PlanNode {
    /// Ask for root fields.
    Fetch(Fetch),
    /// Ask for fields of entities that earlier steps have found. The planner's `Flatten` and
    /// `BatchFetch` both become this.
    Entities(EntityFetch),
    /// One after the other.
    Sequence(Vec<PlanNode>),
    /// At the same time.
    Parallel(Vec<PlanNode>),
}

impl PlanNode {
    /// The plan of a subscription: the fetch that is its source of events, and what is done after each
    /// of them.
    pub(crate) fn as_subscription(&self) -> Option<(&Fetch, &[Self])> {
        let (source, rest) = match self {
            Self::Sequence(nodes) => nodes.split_first()?,
            node => (node, &[][..]),
        };
        match source {
            Self::Fetch(fetch) if fetch.path.is_empty() => Some((fetch, rest)),
            _ => None,
        }
    }
}

/// What is sent to a subgraph, as far as it depends on the operation only.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) subgraph: SubgraphId,
    pub(crate) query: Arc<str>,
    /// The client's variables that the query uses.
    pub(crate) variables: Vec<Arc<str>>,
}

/// A request for root fields; the answer is merged where `path` leads, normally at the root.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) request: Request,
    pub(crate) path: Vec<Step>,
    pub(crate) output_rewrites: Vec<Rewrite>,
    /// The fields it brings, by their keys; for errors.
    pub(crate) keys: Arc<[Arc<str>]>,
}

/// A request for fields of entities: one `_entities` field per group.
#[derive(Debug)]
pub(crate) struct EntityFetch {
    pub(crate) request: Request,
    pub(crate) groups: Vec<EntityGroup>,
}

/// Entities of one shape.
#[derive(Debug)]
pub(crate) struct EntityGroup {
    /// The key of the list in the answer: `_entities` or an alias of it.
    pub(crate) response_key: Arc<str>,
    /// The variable that carries the representations.
    pub(crate) variable: Arc<str>,
    /// Where the entities are in the data so far.
    pub(crate) paths: Vec<Vec<Step>>,
    /// What of them the subgraph needs to know.
    pub(crate) requires: Vec<Require>,
    /// The fields it brings, by their keys; for errors.
    pub(crate) keys: Arc<[Arc<str>]>,
    pub(crate) input_rewrites: Vec<Rewrite>,
    pub(crate) output_rewrites: Vec<Rewrite>,
}

/// A step from the root of the data towards entities.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Field(Arc<str>),
    List,
    /// Only objects of these types.
    Types(TypeSet),
}

/// Names of types: those named and, for abstract ones, all that belong to them.
#[derive(Debug, Clone)]
pub(crate) struct TypeSet(pub(crate) Arc<BTreeSet<String>>);

impl TypeSet {
    /// Whether an object of this type belongs. One whose type is not known is let through: only
    /// fields of a single object type come without `__typename`.
    pub(crate) fn admits(&self, typename: Option<&str>) -> bool {
        typename.is_none_or(|name| self.0.contains(name))
    }
}

/// A part of a representation.
#[derive(Debug)]
pub(crate) enum Require {
    Field(RequiredField),
    Fragment {
        types: TypeSet,
        children: Vec<Require>,
    },
}

/// A field of a representation.
#[derive(Debug)]
pub(crate) struct RequiredField {
    /// What the subgraph calls it.
    pub(crate) key: Arc<str>,
    /// What it is called in the data so far.
    pub(crate) source: Arc<str>,
    /// Whether `null` may be sent.
    pub(crate) nullable: bool,
    pub(crate) children: Vec<Require>,
}

/// A change to a representation before it is sent, or to an answer before it is merged.
#[derive(Debug)]
pub(crate) struct Rewrite {
    pub(crate) path: Vec<RewriteStep>,
    pub(crate) action: RewriteAction,
}

/// A step towards the value to be changed.
#[derive(Debug)]
pub(crate) enum RewriteStep {
    Key(Arc<str>),
    Types(TypeSet),
}

/// What is done to the value under the last key.
#[derive(Debug)]
pub(crate) enum RewriteAction {
    SetTo(Arc<str>),
    RenameTo(Arc<str>),
}
