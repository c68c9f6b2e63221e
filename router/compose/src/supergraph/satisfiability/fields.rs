//! What one subgraph gives of a field, and which objects that are.

use std::collections::BTreeMap;

use super::reach::{Given, Held, Reach, Scope, address};
use crate::subgraph::fieldset::Selection;
use crate::subgraph::model::{Body, Field, Kind, Subgraph, is_built_in_scalar};
use crate::supergraph::model::{GraphIndex, MergedBody, MergedField, MergedType};

impl<'a> Reach<'a> {
    /// Where the value of a field can come from, given the subgraphs that can be asked.
    pub(super) fn follow(
        &self,
        ty: &'a str,
        (name, merged): (&str, Option<&'a MergedField>),
        around: &[Held<'a>],
        scope: &Scope<'a, '_>,
    ) -> Vec<Given<'a>> {
        let mut found = Vec::new();
        let mut give = |held: &Held<'a>| {
            // Interface objects have the fields of their interface.
            let merged = if held.ty == ty {
                merged
            } else {
                self.merged_field(held.ty, name)
            };
            self.give((name, merged), held, &mut found, &mut |field, held| {
                self.is_decided((name, merged), held, scope)
                    && self.has_required(ty, field, held, scope)
            });
        };
        // Every subgraph can be asked for a root, but few have a field of it.
        if Subgraph::is_root(ty)
            && let Some(merged) = merged
        {
            // All subgraphs are around a root, in their order.
            let at = |graph: &GraphIndex| around.get(*graph).filter(|held| held.graph == *graph);
            merged.resolvers.iter().filter_map(at).for_each(give);
            return found;
        }
        // Nor has every subgraph that has an object all of its fields.
        let has_it = |held: &&Held<'a>| {
            held.ty != ty
                || held.provided.is_some()
                || merged.is_none_or(|merged| merged.resolvers.contains(&held.graph))
        };
        around.iter().filter(has_it).for_each(&mut give);
        found
    }

    /// What one subgraph gives of a field, resolved if that is possible, or provided.
    pub(super) fn give(
        &self,
        (name, merged): (&str, Option<&'a MergedField>),
        held: &Held<'a>,
        found: &mut Vec<Given<'a>>,
        is_possible: &mut dyn FnMut(&'a Field, &Held<'a>) -> bool,
    ) {
        let local = self.subgraphs.get(held.graph);
        let local = local.and_then(|subgraph| subgraph.ty(held.ty)?.field(name));
        let Some(field) = local.filter(|_| self.step()) else {
            return;
        };
        let along = held
            .provided
            .and_then(|selections| self.provided(held, selections, name));
        let resolves = merged.is_some_and(|merged| merged.resolvers.contains(&held.graph))
            && is_possible(field, held);
        if !resolves && along.is_none() {
            return;
        }
        let own = field.provides.as_ref().map(|set| set.selections.as_slice());
        let sets = [along, own].into_iter().flatten();
        let sets = sets.filter(|set| !set.is_empty()).map(Some);
        found.extend(std::iter::once(None).chain(sets).map(|provided| Given {
            graph: held.graph,
            field,
            provided,
        }));
    }

    /// Whether a type has no fields of its own.
    pub(super) fn is_leaf(&self, name: &str) -> bool {
        let kind = || self.ty(name).map(MergedType::kind);
        is_built_in_scalar(name) || matches!(kind(), Some(Kind::Scalar | Kind::Enum))
    }

    pub(super) fn merged_field(&self, ty: &str, name: &str) -> Option<&'a MergedField> {
        self.ty(ty).and_then(MergedType::fields)?.get(name)
    }

    /// Whether the labels and the contexts at hand let a subgraph resolve a field.
    pub(super) fn is_decided(
        &self,
        (name, merged): (&str, Option<&'a MergedField>),
        held: &Held<'a>,
        scope: &Scope<'a, '_>,
    ) -> bool {
        let uses = self.uses.get(&(held.graph, held.ty, name));
        let mut uses = uses.into_iter().flatten();
        if uses.any(|index| {
            scope
                .contexts
                .is_none_or(|contexts| !contexts.contains(index))
        }) {
            return false;
        }
        let Some((label, wanted)) = merged.and_then(|field| field.labels.get(&held.graph)) else {
            return true;
        };
        // A field whose owner may change with every request can never be counted on.
        if scope.contexts.is_none() {
            return false;
        }
        match scope.labels.get(label.as_str()) {
            Some(outcome) => outcome == wanted,
            None => {
                self.undecided.set(Some(label));
                false
            }
        }
    }

    /// Whether what a field `@requires` can be fetched from where it is resolved.
    pub(super) fn has_required(
        &self,
        ty: &'a str,
        field: &Field,
        held: &Held<'a>,
        scope: &Scope<'a, '_>,
    ) -> bool {
        let Some(requires) = &field.requires else {
            return true;
        };
        if scope.pending.contains(&address(requires)) {
            return false;
        }
        let inner = scope.requiring(requires);
        if self.has_itself(ty, &requires.selections, held, &inner) {
            return true;
        }
        if !held.entered && !self.can_return(ty, held, &inner) {
            return false;
        }
        let around = self.from(ty, *held, &inner);
        self.satisfied(ty, &requires.selections, &around, &inner)
    }

    /// Whether a subgraph that gave an object can be asked about it again, once others gave what
    /// it needs: by a key whose fields it has itself.
    fn can_return(&self, ty: &'a str, held: &Held<'a>, scope: &Scope<'a, '_>) -> bool {
        let subgraph = self.subgraphs.get(held.graph);
        let keys = subgraph.and_then(|subgraph| subgraph.ty(held.ty));
        let keys = keys.map_or(&[][..], |ty| ty.keys.as_slice());
        keys.iter()
            .any(|key| self.has_itself(ty, &key.fields.selections, held, scope))
    }

    /// By object type of the supergraph: how the objects that a field gives are held.
    pub(super) fn targets(&self, given: &[Given<'a>]) -> BTreeMap<&'a str, Vec<Held<'a>>> {
        let mut targets: BTreeMap<&'a str, Vec<Held<'a>>> = BTreeMap::new();
        for one in given {
            let target = one.field.ty.inner_named_type().as_str();
            for (ty, local) in self.objects(one.graph, target) {
                let held = Held {
                    graph: one.graph,
                    ty: local,
                    provided: one.provided,
                    entered: false,
                    by: None,
                };
                let known = targets.entry(ty).or_default();
                if !known.iter().any(|other| other.key() == held.key()) {
                    known.push(held);
                }
            }
        }
        targets
    }

    /// The object types that a value of a type may have in the supergraph, and what they are in
    /// the subgraph.
    pub(super) fn objects(&self, graph: GraphIndex, name: &'a str) -> Vec<(&'a str, &'a str)> {
        let subgraph = self.subgraphs.get(graph);
        let Some(ty) = subgraph.and_then(|subgraph| subgraph.ty(name)) else {
            return Vec::new();
        };
        match &ty.body {
            Body::Object(_) if ty.interface_object => {
                let known = self.merged_implementations.get(name).into_iter().flatten();
                known.map(|object| (*object, name)).collect()
            }
            Body::Object(_) => vec![(name, name)],
            Body::Union(members) => members
                .keys()
                .flat_map(|member| self.objects(graph, member))
                .collect(),
            Body::Interface(_) => {
                let known = self.implementations(graph, name);
                known.map(|object| (object, object)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether an object of a type fulfils a type condition.
    pub(super) fn holds(&self, condition: Option<&str>, ty: &str) -> bool {
        let Some(condition) = condition.filter(|condition| *condition != ty) else {
            return true;
        };
        let target = self.ty(condition);
        match target.map(|target| &target.body) {
            Some(MergedBody::Union(members)) => members.contains_key(ty),
            Some(_) => {
                let known = self.merged_implementations.get(condition);
                known.is_some_and(|known| known.contains(&ty))
            }
            None => false,
        }
    }

    /// What a provided field set says about a field: its own selections, if it has the field.
    pub(super) fn provided(
        &self,
        held: &Held<'a>,
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
                let holds = self.holds(condition.as_deref(), held.ty);
                let inner = holds.then(|| self.provided(held, selections, wanted));
                inner.flatten()
            }
        })
    }
}
