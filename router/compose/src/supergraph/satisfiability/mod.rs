//! Can the subgraphs answer every query that the composed schema allows?
//!
//! A walk, breadth first, over all positions a query can be at: an object type, the subgraphs that
//! may have delivered the object, the outcomes of `@override` labels that led there and the
//! contexts that were set on the way. At each, every field must be resolvable by a subgraph that
//! has the object or that keys lead to (`reach`), whatever the outcome of every label.
//! Work is bounded; a graph that meets the bound is refused.

mod contexts;
mod explain;
mod fields;
mod keys;
mod labels;
mod reach;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};

use apollo_compiler::collections::{HashMap, HashSet};

use super::model::{GraphIndex, MergedField, MergedType, Supergraph};
use crate::code;
use crate::diagnostic::{Place, Report};
use crate::subgraph::model::{Kind, Subgraph};
use contexts::{Contexts, UseIndex};
use labels::LabelUses;
use reach::{Given, Held, HeldKey, Labels, Reach, Scope};

/// Bounds on time and memory.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Real graphs have a few for each of their types.
    positions: usize,
    /// Field sets and fields looked at.
    steps: usize,
}

const LIMITS: Limits = Limits {
    positions: 200_000,
    steps: 20_000_000,
};

struct Position<'a> {
    /// Its type in the supergraph: an object type.
    ty: &'a str,
    held: Vec<Held<'a>>,
    labels: Labels<'a>,
    contexts: BTreeSet<UseIndex>,
    /// How a query gets here: the position before and what is written there.
    from: Option<(usize, String)>,
}

/// What makes positions of one type differ.
struct Seen<'a> {
    /// Sorted.
    held: Vec<HeldKey<'a>>,
    labels: Labels<'a>,
    contexts: BTreeSet<UseIndex>,
}

impl Seen<'_> {
    /// Whether all that can be asked there can be asked here too: more subgraphs and contexts only
    /// help, and every outcome of the labels not named there was looked at.
    fn is_harder_than(&self, other: &Self) -> bool {
        self.held
            .iter()
            .all(|one| other.held.binary_search(one).is_ok())
            && self.contexts.is_subset(&other.contexts)
            && self
                .labels
                .iter()
                .all(|(label, outcome)| other.labels.get(label) == Some(outcome))
    }
}

/// What can be had at a position: every form of the object, and the contextual arguments that have
/// a value below it.
struct View<'a> {
    around: Vec<Held<'a>>,
    below: BTreeSet<UseIndex>,
}

/// What decides where the fields of a type lead: the forms of the object, and whether each was asked
/// for by a key where that matters; labels; contexts at the object and below it.
type Expanded<'a> = (
    &'a str,
    Vec<(HeldKey<'a>, bool)>,
    Vec<(&'a str, bool)>,
    [Vec<UseIndex>; 2],
);

struct Walk<'a> {
    reach: Reach<'a>,
    contexts: Contexts<'a>,
    label_uses: LabelUses<'a>,
    limits: Limits,
    positions: Vec<Position<'a>>,
    seen: HashMap<&'a str, Vec<Seen<'a>>>,
    queue: VecDeque<usize>,
    expanded: HashSet<Expanded<'a>>,
    /// A position was left out.
    is_incomplete: bool,
    /// Field coordinates that were reported as out of reach.
    failed: BTreeSet<(&'a str, &'a str)>,
    /// Field coordinates whose possible types were compared.
    compared: BTreeSet<(&'a str, &'a str)>,
}

/// Reports every field that some query can ask for and no subgraph can give, with that query.
pub(crate) fn check(supergraph: &Supergraph, subgraphs: &[Subgraph], report: &mut Report) {
    check_within(LIMITS, supergraph, subgraphs, report);
}

fn check_within(
    limits: Limits,
    supergraph: &Supergraph,
    subgraphs: &[Subgraph],
    report: &mut Report,
) {
    let mut reach = Reach::new(supergraph, subgraphs, limits.steps);
    let contexts = Contexts::new(supergraph, subgraphs, &mut reach);
    let label_uses = LabelUses::new(&reach);
    let mut walk = Walk {
        reach,
        label_uses,
        contexts,
        limits,
        positions: Vec::new(),
        seen: HashMap::default(),
        queue: VecDeque::new(),
        expanded: HashSet::default(),
        is_incomplete: false,
        failed: BTreeSet::new(),
        compared: BTreeSet::new(),
    };
    for root in ["Query", "Mutation", "Subscription"] {
        if let Some((name, _)) = supergraph.types.get_key_value(root) {
            let everywhere = (0..subgraphs.len()).map(|graph| Held {
                graph,
                ty: name,
                provided: None,
                entered: true,
                by: None,
            });
            let nothing = (Labels::new(), BTreeSet::new());
            walk.enter(name, everywhere.collect(), nothing, || None);
        }
    }
    while let Some(index) = walk.queue.pop_front() {
        walk.expand(index, report);
        if walk.reach.is_exhausted() {
            break;
        }
    }
    if walk.is_incomplete || walk.reach.is_exhausted() {
        given_up(limits, subgraphs, report);
    }
}

fn given_up(limits: Limits, subgraphs: &[Subgraph], report: &mut Report) {
    let message = format!(
        "Whether every query can be answered was not found out within {} positions and {} steps, so \
         the schemas are refused. Use fewer keys that need fields of several subgraphs, fewer \
         labels of `@override` at a time, or fewer subgraphs.",
        limits.positions, limits.steps
    );
    let at = subgraphs
        .iter()
        .map(|subgraph| subgraph.at(Place::default()));
    report.error(
        code::MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED,
        message,
        at.collect(),
    );
}

impl<'a> Walk<'a> {
    /// Goes on at a type, unless it was at least as hard to go on at before.
    fn enter(
        &mut self,
        ty: &'a str,
        held: Vec<Held<'a>>,
        (labels, contexts): (Labels<'a>, BTreeSet<UseIndex>),
        from: impl FnOnce() -> Option<(usize, String)>,
    ) {
        let mut forms: Vec<HeldKey<'a>> = held.iter().map(Held::key).collect();
        forms.sort_unstable();
        let identity = Seen {
            held: forms,
            labels,
            contexts,
        };
        let seen = self.seen.entry(ty).or_default();
        if seen.iter().any(|before| before.is_harder_than(&identity)) {
            return;
        }
        if self.positions.len() >= self.limits.positions {
            self.is_incomplete = true;
            return;
        }
        self.queue.push_back(self.positions.len());
        self.positions.push(Position {
            ty,
            held,
            labels: identity.labels.clone(),
            contexts: identity.contexts.clone(),
            from: from(),
        });
        seen.push(identity);
    }

    fn expand(&mut self, index: usize, report: &mut Report) {
        let Some(position) = self.positions.get(index) else {
            return;
        };
        let ty = position.ty;
        let labels = position.labels.clone();
        let fields = self.reach.ty(ty);
        let Some(fields) = fields.and_then(MergedType::fields) else {
            return;
        };
        let around = self.around(index, &labels);
        if self.reach.is_exhausted() {
            return;
        }
        // Interface objects do not know the type of what they hold.
        if !around.iter().any(|held| held.ty == ty) {
            self.fail_type_name(index, report);
            return;
        }
        let view = self.view(index, &labels, around);
        if !self.is_new(index, &view) {
            return;
        }
        for (name, field) in fields.iter().filter(|(_, field)| !field.notes.inaccessible) {
            if !self.is_plain_leaf(ty, field, &view) {
                self.expand_field(index, (name, field), (&labels, &view), report);
            }
        }
    }

    /// Every form in which the object of a position can be had.
    fn around(&self, index: usize, labels: &Labels<'a>) -> Vec<Held<'a>> {
        self.positions.get(index).map_or_else(Vec::new, |position| {
            let scope = Scope::new(labels, &position.contexts);
            self.reach.all(position.ty, &position.held, &scope)
        })
    }

    fn view(&self, index: usize, labels: &Labels<'a>, around: Vec<Held<'a>>) -> View<'a> {
        let below = self.positions.get(index).map(|position| {
            let scope = Scope::new(labels, &position.contexts);
            let (ty, held) = (position.ty, &position.held);
            self.contexts.below(&self.reach, ty, held, &scope)
        });
        View {
            around,
            below: below.unwrap_or_default(),
        }
    }

    /// Whether a field ends the query and a subgraph that can be asked gives it, whatever led there.
    fn is_plain_leaf(&self, ty: &str, field: &MergedField, view: &View<'a>) -> bool {
        let is_given_by = |graph: &GraphIndex| {
            let mut around = view.around.iter();
            let held = around.find(|held| held.graph == *graph && held.ty == ty);
            held.is_some_and(|held| !self.reach.requires(held))
        };
        field.labels.is_empty()
            && self.reach.uses.is_empty()
            && self.reach.is_leaf(field.ty.inner_named_type())
            && field.resolvers.iter().any(is_given_by)
    }

    /// Whether nothing that was looked at before had all of the same: then its fields lead to the
    /// same, by a way that is no longer.
    fn is_new(&mut self, index: usize, view: &View<'a>) -> bool {
        let Some(position) = self.positions.get(index) else {
            return false;
        };
        let forms = view.around.iter().map(|held| {
            let is_entered = held.entered || !self.reach.requires(held);
            (held.key(), is_entered)
        });
        let mut forms: Vec<_> = forms.collect();
        forms.sort_unstable();
        let contexts = [&position.contexts, &view.below];
        let contexts = contexts.map(|uses| uses.iter().copied().collect());
        let labels = position.labels.iter().map(|(label, on)| (*label, *on));
        self.expanded
            .insert((position.ty, forms, labels.collect(), contexts))
    }

    fn expand_field(
        &mut self,
        index: usize,
        (name, field): (&'a str, &'a MergedField),
        (labels, view): (&Labels<'a>, &View<'a>),
        report: &mut Report,
    ) {
        let Some(position) = self.positions.get(index) else {
            return;
        };
        let ty = position.ty;
        let scope = Scope::new(labels, &position.contexts);
        let given = self
            .reach
            .follow(ty, (name, Some(field)), &view.around, &scope);
        if self.reach.is_exhausted() {
            return;
        }
        if let Some(label) = self.reach.take_undecided() {
            for outcome in [false, true] {
                let mut labels = labels.clone();
                labels.insert(label, outcome);
                self.expand_field(index, (name, field), (&labels, view), report);
            }
            return;
        }
        if given.is_empty() {
            if self.failed.insert((ty, name)) {
                self.fail(index, (name, field), labels, report);
            }
            return;
        }
        self.check_runtime_types(ty, name, &given, report);
        self.enter_targets(index, (name, field), &given, (labels, &view.below));
    }

    fn enter_targets(
        &mut self,
        index: usize,
        (name, field): (&str, &MergedField),
        given: &[Given<'a>],
        (labels, contexts): (&Labels<'a>, &BTreeSet<UseIndex>),
    ) {
        let target = self.reach.ty(field.ty.inner_named_type());
        let is_abstract = target.is_some_and(|ty| ty.kind() != Kind::Object);
        for (ty, held) in self.reach.targets(given) {
            if self.reach.ty(ty).is_none_or(|ty| ty.notes.inaccessible) {
                continue;
            }
            let from = || {
                let step = if is_abstract {
                    format!("{name} {{ ... on {ty}")
                } else {
                    name.to_owned()
                };
                Some((index, step))
            };
            let labels = self.label_uses.keep(ty, labels.clone());
            self.enter(ty, held, (labels, contexts.clone()), from);
        }
    }
}
