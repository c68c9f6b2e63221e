//! Can the subgraphs answer every query that the composed schema allows?
//!
//! A walk over all positions a query can be at: an object type and the subgraphs that may have
//! delivered it. At each, every field must be resolvable by a subgraph that is there or that keys
//! lead to. It errs on the side of acceptance: what it refuses cannot be answered; `@requires` is
//! checked field by field, not path by path.

mod explain;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::model::{GraphIndex, MergedField, MergedType, Supergraph};
use crate::diagnostic::Report;
use crate::subgraph::fieldset::Selection;
use crate::subgraph::model::{Kind, Subgraph};

/// Keys that need entities that need keys … are followed this deep.
const MAX_NESTING: usize = 4;
/// Bounds time and memory on hostile input; real graphs have a few thousand positions.
const MAX_POSITIONS: usize = 50_000;
/// Likewise for the field sets that are looked at; past it, the rest counts as satisfied.
const MAX_STEPS: usize = 5_000_000;

/// A subgraph an object was delivered by, with the field sets that were provided along with it.
#[derive(Clone, Copy)]
struct Delivered<'a> {
    graph: GraphIndex,
    provided: Option<&'a [Selection]>,
}

impl Delivered<'_> {
    /// Identity for comparing positions: where the field set lies, not what it says.
    fn key(&self) -> (GraphIndex, usize) {
        (
            self.graph,
            self.provided
                .map_or(0, |selections| selections.as_ptr() as usize),
        )
    }
}

struct Position<'a> {
    ty: &'a str,
    delivered: Vec<Delivered<'a>>,
    /// How a query gets here: the position before and what is written there.
    from: Option<(usize, String)>,
}

struct Walk<'a> {
    /// Work done so far.
    steps: Cell<usize>,
    supergraph: &'a Supergraph,
    subgraphs: &'a [Subgraph],
    positions: Vec<Position<'a>>,
    /// What each type was delivered by at the positions so far.
    seen: BTreeMap<&'a str, Vec<BTreeSet<(GraphIndex, usize)>>>,
    queue: VecDeque<usize>,
    /// Field coordinates that were reported as out of reach.
    failed: BTreeSet<(&'a str, &'a str)>,
    /// Field coordinates whose possible types were compared.
    compared: BTreeSet<(&'a str, &'a str)>,
}

/// Reports every field that some query can ask for and no subgraph can give, with that query.
pub(crate) fn check(supergraph: &Supergraph, subgraphs: &[Subgraph], report: &mut Report) {
    let mut walk = Walk {
        steps: Cell::new(0),
        supergraph,
        subgraphs,
        positions: Vec::new(),
        seen: BTreeMap::new(),
        queue: VecDeque::new(),
        failed: BTreeSet::new(),
        compared: BTreeSet::new(),
    };
    for root in ["Query", "Mutation", "Subscription"] {
        if let Some((name, _)) = supergraph.types.get_key_value(root) {
            let all = (0..subgraphs.len()).map(|graph| Delivered {
                graph,
                provided: None,
            });
            walk.enter(name, all.collect(), None);
        }
    }
    while let Some(index) = walk.queue.pop_front() {
        walk.expand(index, report);
    }
}

impl<'a> Walk<'a> {
    fn enter(&mut self, ty: &'a str, delivered: Vec<Delivered<'a>>, from: Option<(usize, String)>) {
        let identity: BTreeSet<_> = delivered.iter().map(Delivered::key).collect();
        let seen = self.seen.entry(ty).or_default();
        // What fewer subgraphs can do, more can do too.
        let is_known = seen.iter().any(|before| before.is_subset(&identity));
        if is_known || self.positions.len() >= MAX_POSITIONS {
            return;
        }
        seen.push(identity);
        self.queue.push_back(self.positions.len());
        self.positions.push(Position {
            ty,
            delivered,
            from,
        });
    }

    fn expand(&mut self, index: usize, report: &mut Report) {
        let Some(position) = self.positions.get(index) else {
            return;
        };
        let ty = position.ty;
        let supergraph = self.supergraph;
        let Some(fields) = supergraph.types.get(ty).and_then(MergedType::fields) else {
            return;
        };
        let reached = self.reach(ty, &position.delivered, 0);
        for (name, field) in fields.iter().filter(|(_, field)| !field.notes.inaccessible) {
            let next = self.follow(ty, name, field, &reached, 0);
            if next.is_empty() {
                if self.failed.insert((ty, name)) {
                    self.fail(index, (name, field), &reached, report);
                }
                continue;
            }
            self.check_runtime_types(ty, name, &next, report);
            self.enter_targets(index, ty, name, &next);
        }
    }

    fn enter_targets(&mut self, index: usize, ty: &'a str, name: &str, next: &[Delivered<'a>]) {
        let mut targets: BTreeMap<&'a str, Vec<Delivered<'a>>> = BTreeMap::new();
        let mut is_abstract = false;
        for delivered in next {
            let Some(subgraph) = self.subgraphs.get(delivered.graph) else {
                continue;
            };
            let Some(field) = subgraph.ty(ty).and_then(|ty| ty.field(name)) else {
                continue;
            };
            let target = field.ty.inner_named_type();
            is_abstract |= subgraph
                .ty(target)
                .is_some_and(|ty| ty.kind() != Kind::Object);
            for possible in subgraph.possible_types(target) {
                targets.entry(possible).or_default().push(*delivered);
            }
        }
        for (target, delivered) in targets {
            if self
                .supergraph
                .types
                .get(target)
                .is_none_or(|ty| ty.notes.inaccessible)
            {
                continue;
            }
            let step = if is_abstract {
                format!("{name} {{ ... on {target}")
            } else {
                name.to_owned()
            };
            self.enter(target, delivered, Some((index, step)));
        }
    }

    /// The subgraphs that can be asked about an object: those that delivered it and those that
    /// keys lead to from there.
    fn reach(&self, ty: &str, delivered: &[Delivered<'a>], nesting: usize) -> Vec<Delivered<'a>> {
        let mut reached = delivered.to_vec();
        if Subgraph::is_root(ty) {
            let all = (0..self.subgraphs.len()).map(|graph| Delivered {
                graph,
                provided: None,
            });
            return all.collect();
        }
        loop {
            let before = reached.len();
            for (graph, subgraph) in self.subgraphs.iter().enumerate() {
                let plain = Delivered {
                    graph,
                    provided: None,
                };
                let here = reached
                    .iter()
                    .any(|one| one.graph == graph && one.provided.is_none());
                let Some(local) = subgraph.ty(ty).filter(|_| !here) else {
                    continue;
                };
                let mut keys = local.keys.iter().filter(|key| key.resolvable);
                if keys.any(|key| self.satisfied(ty, &key.fields.selections, &reached, nesting)) {
                    reached.push(plain);
                }
            }
            if reached.len() == before {
                return reached;
            }
        }
    }

    /// Whether all of a field set can be read from these subgraphs.
    fn satisfied(
        &self,
        ty: &str,
        selections: &[Selection],
        reached: &[Delivered<'a>],
        nesting: usize,
    ) -> bool {
        self.steps.set(self.steps.get() + 1);
        if nesting > MAX_NESTING || self.steps.get() > MAX_STEPS {
            return true;
        }
        selections.iter().all(|selection| match selection {
            Selection::Field { name, .. } if name == "__typename" => true,
            // A condition that does not hold asks for nothing; which holds is not known here.
            Selection::On { .. } => true,
            Selection::Field {
                name, selections, ..
            } => {
                let merged = self.supergraph.types.get(ty).and_then(MergedType::fields);
                let Some(field) = merged.and_then(|fields| fields.get(name)) else {
                    return false;
                };
                let next = self.follow(ty, name, field, reached, nesting + 1);
                let target = field.ty.inner_named_type().as_str();
                let is_object = self
                    .supergraph
                    .types
                    .get(target)
                    .is_some_and(|ty| ty.kind() == Kind::Object);
                !next.is_empty()
                    && (selections.is_empty() || !is_object || {
                        let reached = self.reach(target, &next, nesting + 1);
                        self.satisfied(target, selections, &reached, nesting + 1)
                    })
            }
        })
    }

    /// Where the value of a field can come from, given the subgraphs that can be asked.
    fn follow(
        &self,
        ty: &str,
        name: &str,
        field: &MergedField,
        reached: &[Delivered<'a>],
        nesting: usize,
    ) -> Vec<Delivered<'a>> {
        let mut next: Vec<Delivered<'a>> = Vec::new();
        for delivered in reached {
            let Some(subgraph) = self.subgraphs.get(delivered.graph) else {
                continue;
            };
            let Some(local) = subgraph.ty(ty).and_then(|ty| ty.field(name)) else {
                continue;
            };
            let along = delivered
                .provided
                .and_then(|selections| self.provided(subgraph, ty, selections, name));
            let resolves = field.resolvers.contains(&delivered.graph)
                && local.requires.as_ref().is_none_or(|requires| {
                    // What is required is asked for from here, by the keys that lead on from here.
                    let around = self.reach(ty, &[*delivered], nesting + 1);
                    self.satisfied(ty, &requires.selections, &around, nesting + 1)
                });
            if !resolves && along.is_none() {
                continue;
            }
            let graph = delivered.graph;
            let mut add = |provided: Option<&'a [Selection]>| {
                let provided = provided.filter(|selections| !selections.is_empty());
                let one = Delivered { graph, provided };
                if !next.iter().any(|known| known.key() == one.key()) {
                    next.push(one);
                }
            };
            add(None);
            add(along);
            add(local.provides.as_ref().map(|set| set.selections.as_slice()));
        }
        next
    }

    /// What a provided field set says about a field: its own selections, if it has the field.
    fn provided(
        &self,
        subgraph: &Subgraph,
        ty: &str,
        selections: &'a [Selection],
        wanted: &str,
    ) -> Option<&'a [Selection]> {
        selections.iter().find_map(|selection| match selection {
            Selection::Field {
                name, selections, ..
            } => (name == wanted).then_some(selections.as_slice()),
            Selection::On {
                condition,
                selections,
            } => {
                let holds = condition.as_ref().is_none_or(|condition| {
                    condition == ty || subgraph.possible_types(condition).contains(ty)
                });
                if holds {
                    self.provided(subgraph, ty, selections, wanted)
                } else {
                    None
                }
            }
        })
    }
}
