//! Merges the schemas of all subgraphs into one.

mod arguments;
mod composed;
mod directives;
mod enums;
mod fields;
mod inputs;
mod interface_objects;
mod metadata;
mod notes;
mod overrides;
mod references;
mod sharing;
mod unions;

use std::collections::{BTreeMap, BTreeSet};

use crate::code;
use crate::diagnostic::{Place, Report, SourceLocation};
use crate::parallel;
use crate::subgraph::model::{Body, Kind, Subgraph, TypeDef};
use crate::supergraph::model::{
    Graph, GraphIndex, JoinType, MergedBody, MergedDirective, MergedType, Supergraph,
};

/// A type as one subgraph has it.
type Source<'a> = (GraphIndex, &'a TypeDef);

/// Work for a thread is taken in about so many parts for each, as some types are larger than others.
const PARTS: usize = 4;

/// What merging works with.
pub(crate) struct Merger<'a> {
    subgraphs: &'a [Subgraph],
    report: &'a mut Report,
    /// From an abstract type to the types that are below it in some subgraph.
    below: &'a BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Interface objects by the name of their interface.
    interface_objects: &'a BTreeMap<&'a str, Vec<Source<'a>>>,
    /// Directives that `@composeDirective` keeps.
    composed: &'a BTreeMap<String, MergedDirective>,
    /// Enums by where they are used; not known before all else is merged.
    enum_uses: &'a enums::Uses,
}

/// Merges subgraphs that are valid each by itself. They must be sorted by name.
pub(crate) fn merge(subgraphs: &[Subgraph], threads: usize, report: &mut Report) -> Supergraph {
    let mut merger = Merger {
        subgraphs,
        report,
        below: &below(subgraphs),
        interface_objects: &interface_objects(subgraphs),
        composed: &BTreeMap::new(),
        enum_uses: &enums::Uses::default(),
    };
    let names = merger.merge_names();
    let (composed, links) = merger.merge_composed();
    let mut merger = Merger {
        composed: &composed,
        ..merger
    };
    let mut sources: BTreeMap<&str, Vec<Source<'_>>> = BTreeMap::new();
    for (index, subgraph) in subgraphs.iter().enumerate() {
        for (name, ty) in &subgraph.types {
            sources.entry(name.as_str()).or_default().push((index, ty));
        }
    }
    let is_enum = |sources: &[Source<'_>]| sources.iter().all(|(_, ty)| ty.kind() == Kind::Enum);
    let (enums, others): (Vec<_>, Vec<_>) = sources
        .into_iter()
        .partition(|(_, sources)| is_enum(sources));
    let mut types: BTreeMap<_, _> = merger.merge_types(&others, threads).collect();
    let directives = merger.merge_executable_directives();
    merger.spread_interface_objects(&mut types);
    // How enums are merged depends on where merged fields and arguments use them.
    let uses = enums::Uses::of(&enums, &types, directives.values().chain(composed.values()));
    let mut merger = Merger {
        enum_uses: &uses,
        ..merger
    };
    types.extend(merger.merge_types(&enums, threads));
    let schema_notes = merger.merge_schema_notes();
    let graphs = subgraphs.iter().map(|subgraph| Graph {
        value: subgraph.graph.clone(),
        name: subgraph.name.clone(),
        url: subgraph.url.clone(),
    });
    let fed2 = subgraphs.iter().filter(|subgraph| !subgraph.federation1);
    Supergraph {
        graphs: graphs.collect(),
        minor: fed2.map(|subgraph| subgraph.minor).max().unwrap_or(0),
        types,
        directives,
        composed,
        links,
        schema_notes,
        names,
    }
}

fn interface_objects(subgraphs: &[Subgraph]) -> BTreeMap<&str, Vec<Source<'_>>> {
    let mut found: BTreeMap<&str, Vec<Source<'_>>> = BTreeMap::new();
    for (graph, subgraph) in subgraphs.iter().enumerate() {
        for ty in subgraph.types.values().filter(|ty| ty.interface_object) {
            found.entry(&ty.name).or_default().push((graph, ty));
        }
    }
    found
}

fn below(subgraphs: &[Subgraph]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut below: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for ty in subgraphs
        .iter()
        .flat_map(|subgraph| subgraph.types.values())
    {
        for interface in ty.implements.keys() {
            below.entry(interface).or_default().insert(&ty.name);
        }
        if let Body::Union(members) = &ty.body {
            below
                .entry(&ty.name)
                .or_default()
                .extend(members.keys().map(String::as_str));
        }
    }
    below
}

impl<'a> Merger<'a> {
    fn at(&self, graph: GraphIndex, place: Place) -> SourceLocation {
        place.within(self.name(graph))
    }

    fn name(&self, graph: GraphIndex) -> &'a str {
        self.subgraphs
            .get(graph)
            .map_or("", |subgraph| subgraph.name.as_str())
    }

    /// `` `a` and `b` ``, for messages.
    fn names(&self, graphs: impl IntoIterator<Item = GraphIndex>) -> String {
        crate::text::list(graphs.into_iter().map(|graph| self.name(graph)))
    }

    /// Merges each type by itself, on several threads.
    fn merge_types(
        &mut self,
        types: &[(&str, Vec<Source<'a>>)],
        threads: usize,
    ) -> impl Iterator<Item = (String, MergedType)> + use<> {
        let size = types.len().div_ceil(threads * PARTS).max(1);
        let parts: Vec<_> = types.chunks(size).collect();
        let merged = parallel::map(threads, &parts, |part| {
            let mut report = self.report.part();
            let mut merger = Merger {
                report: &mut report,
                ..*self
            };
            let types = part
                .iter()
                .filter_map(|(name, sources)| merger.merge_type(name, sources))
                .map(|ty| (ty.name.clone(), ty));
            (types.collect::<Vec<_>>(), report)
        });
        let mut all = Vec::new();
        for (types, report) in merged {
            self.report.absorb(report);
            all.push(types);
        }
        all.into_iter().flatten()
    }

    fn merge_type(&mut self, name: &str, sources: &[Source<'a>]) -> Option<MergedType> {
        let (_, first) = sources.first()?;
        self.check_base(name, sources);
        let kind = first.merged_kind();
        if sources.iter().any(|(_, ty)| ty.merged_kind() != kind) {
            self.kind_mismatch(name, sources);
            return None;
        }
        if !self.check_interface_objects(name, sources) {
            return None;
        }
        let body = match kind {
            Kind::Scalar => MergedBody::Scalar,
            Kind::Object => {
                self.hint_entity(name, sources);
                MergedBody::Object(self.merge_fields(name, sources))
            }
            Kind::Interface => {
                self.check_interface_entity(name, sources);
                MergedBody::Interface(self.merge_fields(name, sources))
            }
            Kind::Union => MergedBody::Union(self.merge_union(name, sources)),
            Kind::Enum => MergedBody::Enum(self.merge_enum(name, sources)?),
            Kind::Input => MergedBody::Input(self.merge_input_type(name, sources)?),
        };
        let descriptions: Vec<_> = sources
            .iter()
            .map(|(graph, ty)| (*graph, &ty.description, ty.place))
            .collect();
        let notes: Vec<_> = sources
            .iter()
            .map(|(graph, ty)| (*graph, &ty.notes, ty.place))
            .collect();
        Some(MergedType {
            name: name.to_owned(),
            description: self.merge_descriptions(format_args!("{name}"), &descriptions),
            notes: self.merge_notes(format_args!("{name}"), &notes),
            joins: self.join_types(name, sources),
            implements: implements(sources),
            contexts: contexts(sources),
            body,
        })
    }

    fn check_base(&mut self, name: &str, sources: &[Source<'_>]) {
        if Subgraph::is_root(name) {
            return;
        }
        let has_base = |of: GraphIndex| {
            let mut others = sources.iter().filter(|(graph, _)| *graph != of);
            others.any(|(_, ty)| ty.defined)
        };
        let orphans = sources.iter();
        let orphans = orphans.filter(|(graph, ty)| ty.needs_base && !has_base(*graph));
        let at: Vec<_> = orphans
            .map(|(graph, ty)| self.at(*graph, ty.place))
            .collect();
        if at.is_empty() {
            return;
        }
        let message = format!(
            "`{name}` is only ever extended, no subgraph defines it. Write `type {name}` without \
             `extend` in the subgraph it belongs to."
        );
        self.report.error(code::EXTENSION_WITH_NO_BASE, message, at);
    }

    fn kind_mismatch(&mut self, name: &str, sources: &[Source<'_>]) {
        let sides = sources
            .iter()
            .map(|(graph, ty)| format!("{} in `{}`", label(ty), self.name(*graph)));
        let sides = sides.collect::<Vec<_>>().join(", ");
        let message = format!(
            "`{name}` is of different kinds: {sides}. Rename it or make it the same kind in every \
             subgraph."
        );
        let at = sources
            .iter()
            .map(|(graph, ty)| self.at(*graph, ty.place))
            .collect();
        self.report.error(code::TYPE_KIND_MISMATCH, message, at);
    }

    fn hint_entity(&mut self, name: &str, sources: &[Source<'_>]) {
        let without = sources.iter().filter(|(_, ty)| ty.keys.is_empty());
        let without: Vec<_> = without.copied().collect();
        if without.is_empty() || without.len() == sources.len() || Subgraph::is_root(name) {
            return;
        }
        let message = format!(
            "`{name}` has a `@key` in some subgraphs but not in {}. Add a key there if it should \
             be reached from the others.",
            self.names(without.iter().map(|(graph, _)| *graph))
        );
        let at = without
            .iter()
            .map(|(graph, ty)| self.at(*graph, ty.place))
            .collect();
        self.report.info(code::INCONSISTENT_ENTITY, message, at);
    }

    /// A subgraph that resolves an interface by key must know every implementation.
    fn check_interface_entity(&mut self, name: &str, sources: &[Source<'_>]) {
        let has_interface = |subgraph: &&Subgraph| {
            let ty = subgraph.ty(name);
            ty.is_some_and(|ty| ty.kind() == Kind::Interface)
        };
        let everywhere: BTreeSet<&str> = self
            .subgraphs
            .iter()
            .filter(has_interface)
            .flat_map(|subgraph| subgraph.possible_types(name))
            .collect();
        let resolves = |ty: &TypeDef| ty.keys.iter().any(|key| key.resolvable);
        let resolving = sources
            .iter()
            .filter(|(_, ty)| !ty.interface_object && resolves(ty));
        for (graph, ty) in resolving {
            let Some(subgraph) = self.subgraphs.get(*graph) else {
                continue;
            };
            if subgraph.federation1 {
                continue;
            }
            let here = subgraph.possible_types(name);
            let missing: Vec<_> = everywhere.difference(&here).copied().collect();
            if missing.is_empty() {
                continue;
            }
            let message = format!(
                "The interface `{name}` has a `@key` in subgraph `{}`, which must then define all \
                 its implementations: {} missing. Add them there or remove the key.",
                subgraph.name,
                crate::text::list(missing)
            );
            let at = vec![self.at(*graph, ty.place)];
            self.report
                .error(code::INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE, message, at);
        }
    }

    fn join_types(&self, name: &str, sources: &[Source<'_>]) -> Vec<JoinType> {
        let mut joins = Vec::new();
        let plain = |graph| JoinType {
            graph,
            key: None,
            extension: false,
            resolvable: true,
            interface_object: false,
        };
        if name == "Query" {
            // Every subgraph has a query root, if only for its entities.
            return (0..self.subgraphs.len()).map(plain).collect();
        }
        for (graph, ty) in sources {
            if ty.keys.is_empty() {
                joins.push(plain(*graph));
            }
            for key in &ty.keys {
                joins.push(JoinType {
                    graph: *graph,
                    key: Some(key.fields.text.clone()),
                    extension: key.extension,
                    resolvable: key.resolvable,
                    interface_object: ty.interface_object,
                });
            }
        }
        joins
    }
}

/// Whether a subgraph has no part in an element; the sources are in the order of the subgraphs.
fn is_missing<T>(graph: GraphIndex, sources: &[(GraphIndex, T)]) -> bool {
    sources
        .binary_search_by_key(&graph, |(source, _)| *source)
        .is_err()
}

/// What a type is in its subgraph, for messages.
fn label(ty: &TypeDef) -> &'static str {
    if ty.interface_object {
        "`@interfaceObject`"
    } else {
        ty.kind().label()
    }
}

fn contexts(sources: &[Source<'_>]) -> Vec<(GraphIndex, String)> {
    let named = |(graph, ty): &Source<'_>| {
        let graph = *graph;
        let names = ty.contexts.keys().cloned();
        names.map(move |name| (graph, name)).collect::<Vec<_>>()
    };
    sources.iter().flat_map(named).collect()
}

fn implements(sources: &[Source<'_>]) -> BTreeMap<String, Vec<GraphIndex>> {
    let mut merged: BTreeMap<String, Vec<GraphIndex>> = BTreeMap::new();
    for (graph, ty) in sources {
        for interface in ty.implements.keys() {
            merged.entry(interface.clone()).or_default().push(*graph);
        }
    }
    merged
}
