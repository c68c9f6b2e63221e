//! Which subgraphs can be asked about an object, and what they can give.
//!
//! Keys lead from one subgraph to another. A key is satisfied from one subgraph that has the
//! object and from those that keys lead to from there, but never by way of the subgraph that is
//! entered by it: at run time nothing has been asked of it yet.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use apollo_compiler::collections::{HashMap, HashSet, IndexMap};

use super::contexts::UseIndex;
use crate::subgraph::fieldset::{FieldSet, Selection};
use crate::subgraph::model::{Field, Kind, Subgraph, TypeDef};
use crate::supergraph::model::{GraphIndex, MergedType, Supergraph};

/// Conditions within conditions are followed this deep; real schemas need two or three levels.
const MAX_DEPTH: usize = 24;

/// The outcomes of `@override` labels that are taken for granted.
pub(super) type Labels<'a> = BTreeMap<&'a str, bool>;

/// An object as one subgraph has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) graph: GraphIndex,
    /// The type it has there: the interface's name where it is an `@interfaceObject`.
    pub(super) ty: &'a str,
    /// Fields that were provided along with it.
    pub(super) provided: Option<&'a [Selection]>,
    /// The subgraph was asked for it by a key.
    pub(super) entered: bool,
    /// The key, if there was no choice, and the type that has it. Whoever it leads to from here,
    /// it could not lead to directly; planners do not look for such detours.
    pub(super) by: Option<(&'a str, &'a str)>,
}

/// Identity of a held object: where the provided field set lies, not what it says.
pub(super) type HeldKey<'a> = (GraphIndex, &'a str, usize);

impl<'a> Held<'a> {
    pub(super) fn key(&self) -> HeldKey<'a> {
        let provided = self.provided.map_or(0, |set| set.as_ptr() as usize);
        (self.graph, self.ty, provided)
    }

    pub(super) fn is_plain(&self, graph: GraphIndex, ty: &str) -> bool {
        self.graph == graph && self.ty == ty && self.provided.is_none()
    }
}

/// The value of a field as one subgraph gives it.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) graph: GraphIndex,
    pub(super) field: &'a Field,
    pub(super) provided: Option<&'a [Selection]>,
}

/// A way into a subgraph with an object.
pub(super) struct Entry<'a> {
    pub(super) graph: GraphIndex,
    /// The type it has there.
    pub(super) ty: &'a str,
    /// The type that has the keys: that type, or an interface of it.
    key_type: &'a str,
    pub(super) keys: Vec<&'a FieldSet>,
}

impl<'a> Entry<'a> {
    /// Whether an object of that type, held so, may come in here.
    pub(super) fn is_open_to(&self, ty: &str, held: &Held<'a>) -> bool {
        if self.key_type == ty {
            // An interface object does not know the type of what it holds.
            held.ty == ty
        } else {
            // Into an interface object from everywhere, from one to the real interface.
            held.ty == self.key_type || (held.ty == ty && self.ty == self.key_type)
        }
    }

    /// The object, asked for by one of the keys, or by the only one that is usable.
    pub(super) fn held(&self, by: Option<(&'a str, &'a str)>) -> Held<'a> {
        Held {
            graph: self.graph,
            ty: self.ty,
            provided: None,
            entered: true,
            by,
        }
    }

    /// The object, asked for by the keys that are usable for who holds it; nothing without any.
    pub(super) fn enter_from(
        &self,
        ty: &str,
        held: &Held<'a>,
        is_usable: &mut dyn FnMut(&'a FieldSet) -> bool,
    ) -> Option<Held<'a>> {
        if !self.is_open_to(ty, held) {
            return None;
        }
        let other_keys = self.keys.iter();
        let other_keys = other_keys.filter(|key| held.by != Some((self.key_type, &key.text)));
        let mut usable = other_keys.filter(|key| is_usable(key));
        let by = usable.next()?.text.as_str();
        let is_choice = usable.any(|key| key.text != by);
        Some(self.held((!is_choice).then_some((self.key_type, by))))
    }
}

/// What is taken for granted while something is looked for.
#[derive(Clone)]
pub(super) struct Scope<'a, 's> {
    pub(super) labels: &'s Labels<'a>,
    /// The contextual arguments whose values are at hand; none while conditions are satisfied.
    pub(super) contexts: Option<&'s BTreeSet<UseIndex>>,
    /// Subgraphs whose keys are just being satisfied.
    pub(super) excluded: Vec<GraphIndex>,
    /// The `@requires` that are just being satisfied, by where they lie.
    pub(super) pending: Vec<usize>,
    depth: usize,
}

impl<'a, 's> Scope<'a, 's> {
    pub(super) fn new(labels: &'s Labels<'a>, contexts: &'s BTreeSet<UseIndex>) -> Self {
        Self {
            labels,
            contexts: Some(contexts),
            excluded: Vec::new(),
            pending: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn entering(&self, graph: GraphIndex) -> Self {
        let mut scope = self.deeper();
        scope.excluded.push(graph);
        scope
    }

    pub(super) fn requiring(&self, condition: &FieldSet) -> Self {
        let mut scope = self.deeper();
        scope.pending.push(address(condition));
        scope
    }

    fn deeper(&self) -> Self {
        let mut scope = self.conditions();
        scope.depth += 1;
        scope
    }

    /// Where a condition is satisfied, nothing is known of the way there.
    pub(super) fn conditions(&self) -> Self {
        Self {
            contexts: None,
            ..self.clone()
        }
    }

    /// Whether nothing but the object itself decides where keys lead: labels and contexts do not.
    fn is_plain(&self) -> bool {
        self.excluded.is_empty() && self.pending.is_empty()
    }
}

pub(super) fn address(condition: &FieldSet) -> usize {
    condition.selections.as_ptr() as usize
}

/// What a closure of a plain scope was computed for: the object's type and how it is held.
type CacheKey<'a> = (&'a str, HeldKey<'a>);

/// Looks for ways; only its counters and its cache change.
pub(super) struct Reach<'a> {
    pub(super) supergraph: &'a Supergraph,
    pub(super) subgraphs: &'a [Subgraph],
    /// The types of the supergraph, to look them up more quickly.
    types: HashMap<&'a str, &'a MergedType>,
    /// From an object type to the ways into subgraphs.
    entries: HashMap<&'a str, Vec<Entry<'a>>>,
    /// Types, by subgraph, with a field that `@requires` others.
    requiring: HashSet<(GraphIndex, &'a str)>,
    /// From an interface of the supergraph to its object types.
    pub(super) merged_implementations: BTreeMap<&'a str, Vec<&'a str>>,
    /// From a field in a subgraph to its contextual arguments.
    pub(super) uses: BTreeMap<(GraphIndex, &'a str, &'a str), Vec<UseIndex>>,
    steps: Cell<usize>,
    max_steps: usize,
    pub(super) undecided: Cell<Option<&'a str>>,
    cache: RefCell<HashMap<CacheKey<'a>, Rc<[Held<'a>]>>>,
}

impl<'a> Reach<'a> {
    pub(super) fn new(
        supergraph: &'a Supergraph,
        subgraphs: &'a [Subgraph],
        max_steps: usize,
    ) -> Self {
        let mut merged_implementations: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let objects = supergraph
            .types
            .values()
            .filter(|ty| ty.kind() == Kind::Object);
        for ty in objects {
            for interface in ty.implements.keys() {
                let known = merged_implementations.entry(interface).or_default();
                known.push(&ty.name);
            }
        }
        let types = supergraph.types.iter();
        let types = types.map(|(name, ty)| (name.as_str(), ty));
        let mut reach = Self {
            supergraph,
            subgraphs,
            types: types.collect(),
            entries: HashMap::default(),
            merged_implementations,
            requiring: HashSet::default(),
            uses: BTreeMap::new(),
            steps: Cell::new(0),
            max_steps,
            undecided: Cell::new(None),
            cache: RefCell::new(HashMap::default()),
        };
        for (graph, subgraph) in subgraphs.iter().enumerate() {
            for ty in subgraph.types.values() {
                reach.add_entries(graph, ty);
                let mut fields = ty.fields().into_iter().flat_map(|fields| fields.values());
                if fields.any(|field| field.requires.is_some()) {
                    reach.requiring.insert((graph, &ty.name));
                }
            }
        }
        reach
    }

    fn add_entries(&mut self, graph: GraphIndex, ty: &'a TypeDef) {
        let keys = ty.keys.iter().filter(|key| key.resolvable);
        let keys: Vec<&FieldSet> = keys.map(|key| &key.fields).collect();
        if keys.is_empty() {
            return;
        }
        let key_type = ty.name.as_str();
        let is_interface = ty.kind() == Kind::Interface;
        let objects = if ty.interface_object {
            let known = self.merged_implementations.get(key_type);
            known.cloned().unwrap_or_default()
        } else if is_interface {
            self.implementations(graph, key_type).collect()
        } else {
            vec![key_type]
        };
        for object in objects {
            self.entries.entry(object).or_default().push(Entry {
                graph,
                ty: if is_interface { object } else { key_type },
                key_type,
                keys: keys.clone(),
            });
        }
    }

    /// Whether a subgraph has a field of such an object that `@requires` others.
    pub(super) fn requires(&self, held: &Held<'a>) -> bool {
        self.requiring.contains(&(held.graph, held.ty))
    }

    /// The object types that implement an interface in a subgraph.
    pub(super) fn implementations(
        &self,
        graph: GraphIndex,
        interface: &str,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let here = self.subgraphs.get(graph);
        let known = here.and_then(|here| here.implementations.get(interface));
        known.into_iter().flatten().map(String::as_str)
    }

    pub(super) fn add_use(&mut self, field: (GraphIndex, &'a str, &'a str), index: UseIndex) {
        self.uses.entry(field).or_default().push(index);
    }

    pub(super) fn ty(&self, name: &str) -> Option<&'a MergedType> {
        self.types.get(name).copied()
    }

    /// Counts a step of work; false when there were too many.
    pub(super) fn step(&self) -> bool {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        steps <= self.max_steps
    }

    /// Whether a bound was met, so that what was not found says nothing.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps.get() > self.max_steps
    }

    /// The label on which what was looked for last depends, and which is not in its scope.
    pub(super) fn take_undecided(&self) -> Option<&'a str> {
        self.undecided.take()
    }

    pub(super) fn entries(&self, ty: &str) -> &[Entry<'a>] {
        self.entries.get(ty).map_or(&[], Vec::as_slice)
    }

    /// Every form in which an object can be had, given all in which it was delivered.
    pub(super) fn all(
        &self,
        ty: &'a str,
        held: &[Held<'a>],
        scope: &Scope<'a, '_>,
    ) -> Vec<Held<'a>> {
        // What can be asked for a root does not depend on who gave it.
        if let [start] = held
            && !Subgraph::is_root(ty)
        {
            return self.from(ty, *start, scope).to_vec();
        }
        let starts = if Subgraph::is_root(ty) { 1 } else { held.len() };
        let mut found: IndexMap<HeldKey<'a>, Held<'a>> = IndexMap::default();
        for start in held.iter().take(starts) {
            for one in self.from(ty, *start, scope).iter() {
                found.entry(one.key()).or_insert(*one).entered |= one.entered;
            }
        }
        found.into_values().collect()
    }

    /// The same, from one subgraph.
    pub(super) fn from(
        &self,
        ty: &'a str,
        start: Held<'a>,
        scope: &Scope<'a, '_>,
    ) -> Rc<[Held<'a>]> {
        if Subgraph::is_root(ty) {
            let plain = |graph| Held {
                graph,
                ty,
                provided: None,
                entered: true,
                by: None,
            };
            return (0..self.subgraphs.len()).map(plain).collect();
        }
        let key = (ty, start.key());
        if scope.is_plain()
            && let Some(known) = self.cache.borrow().get(&key)
        {
            return Rc::clone(known);
        }
        let found: Rc<[Held<'a>]> = self.search(ty, start, scope).into();
        if scope.is_plain() {
            self.cache.borrow_mut().insert(key, Rc::clone(&found));
        }
        found
    }

    fn search(&self, ty: &'a str, start: Held<'a>, scope: &Scope<'a, '_>) -> Vec<Held<'a>> {
        let mut found = vec![Held { by: None, ..start }];
        if scope.depth > MAX_DEPTH {
            self.steps.set(self.max_steps + 1);
            return found;
        }
        let entries = self.entries(ty).iter();
        let mut open: Vec<&Entry<'a>> = entries
            .filter(|entry| !scope.excluded.contains(&entry.graph))
            .filter(|entry| !start.is_plain(entry.graph, entry.ty))
            .collect();
        self.enter_with_local_keys(ty, &mut found, &mut open, scope);
        if open.is_empty() {
            return found;
        }
        let likely = self.likely(ty, &[start], &scope.excluded);
        open.retain(|entry| {
            likely
                .iter()
                .any(|held| held.is_plain(entry.graph, entry.ty))
        });
        while let Some((at, held)) = open
            .iter()
            .enumerate()
            .find_map(|(at, entry)| Some((at, self.enter(ty, entry, &found, scope)?)))
        {
            open.remove(at);
            if !found.iter().any(|one| one.is_plain(held.graph, held.ty)) {
                found.push(held);
            }
            self.enter_with_local_keys(ty, &mut found, &mut open, scope);
        }
        found
    }
}
