//! `@context`: which contextual arguments have a value on the way to a field.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::{Held, Reach, Scope};
use crate::subgraph::fieldset::Selection;
use crate::subgraph::model::Subgraph;
use crate::supergraph::model::{GraphIndex, Supergraph};

/// Index of a contextual argument in the list of all.
pub(super) type UseIndex = usize;

/// A context: its subgraph and its name there.
type Context<'a> = (GraphIndex, &'a str);

/// Every context and every contextual argument of all subgraphs.
pub(super) struct Contexts<'a> {
    /// By argument: its context and what it selects there.
    uses: Vec<(Context<'a>, &'a [Selection])>,
    /// From an object type to the contexts that it sets.
    set_by: BTreeMap<&'a str, Vec<Context<'a>>>,
}

impl<'a> Contexts<'a> {
    pub(super) fn new(
        supergraph: &'a Supergraph,
        subgraphs: &'a [Subgraph],
        reach: &mut Reach<'a>,
    ) -> Self {
        let mut contexts = Self {
            uses: Vec::new(),
            set_by: BTreeMap::new(),
        };
        for (graph, subgraph) in subgraphs.iter().enumerate() {
            for ty in subgraph.types.values() {
                for name in ty.contexts.keys() {
                    let objects = supergraph.types.keys();
                    let objects = objects.filter(|object| reach.holds(Some(&ty.name), object));
                    for object in objects {
                        let set = contexts.set_by.entry(object).or_default();
                        set.push((graph, name));
                    }
                }
                for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
                    for argument in field.arguments.values() {
                        let Some(value) = &argument.from_context else {
                            continue;
                        };
                        reach.add_use((graph, &ty.name, &field.name), contexts.uses.len());
                        let context = (graph, value.context.as_str());
                        contexts.uses.push((context, &value.fields.selections));
                    }
                }
            }
        }
        contexts
    }

    /// The contextual arguments that have a value below an object of this type.
    pub(super) fn below(
        &self,
        reach: &Reach<'a>,
        ty: &'a str,
        held: &[Held<'a>],
        scope: &Scope<'a, '_>,
    ) -> BTreeSet<UseIndex> {
        let mut available = scope.contexts.cloned().unwrap_or_default();
        let Some(set) = self.set_by.get(ty) else {
            return available;
        };
        let scope = &scope.conditions();
        let around = reach.all(ty, held, scope);
        for (index, (context, selections)) in self.uses.iter().enumerate() {
            if !set.contains(context) {
                continue;
            }
            // The nearest type that sets a context hides those further up.
            if reach.satisfied(ty, selections, &around, scope) {
                available.insert(index);
            } else {
                available.remove(&index);
            }
        }
        available
    }
}
