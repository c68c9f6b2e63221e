//! `@interfaceObject`: an object type in one subgraph that stands for every implementation of an
//! interface elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::FieldSource;
use super::overrides::Moves;
use super::{Merger, Source};
use crate::code;
use crate::subgraph::model::{Kind, Subgraph, TypeDef};
use crate::supergraph::model::{JoinField, MergedField, MergedInput, MergedType};

impl<'a> Merger<'a> {
    /// Interface objects need the interface, and must be all that their subgraph knows of it.
    /// False when there is no interface.
    pub(super) fn check_interface_objects(&mut self, name: &str, sources: &[Source<'a>]) -> bool {
        let objects = sources.iter().filter(|(_, ty)| ty.interface_object);
        let objects: Vec<Source<'a>> = objects.copied().collect();
        if objects.is_empty() {
            return true;
        }
        if objects.len() == sources.len() {
            let at = objects.iter().map(|(graph, ty)| self.at(*graph, ty.place));
            let at = at.collect();
            let message = format!(
                "`{name}` is an `@interfaceObject` in every subgraph that has it: {}. Define \
                 `interface {name}` with its implementations and the same `@key` in one of the \
                 subgraphs, or remove `@interfaceObject`.",
                self.names(objects.iter().map(|(graph, _)| *graph))
            );
            self.report
                .error(code::INTERFACE_OBJECT_USAGE_ERROR, message, at);
            return false;
        }
        let implementations: BTreeSet<&str> = self
            .subgraphs
            .iter()
            .flat_map(|subgraph| implementations(subgraph, name))
            .collect();
        for (graph, ty) in objects {
            let Some(subgraph) = self.subgraphs.get(graph) else {
                continue;
            };
            let defined = implementations.iter().filter_map(|name| subgraph.ty(name));
            let defined: Vec<&TypeDef> = defined.collect();
            if defined.is_empty() {
                continue;
            }
            let mut at = vec![self.at(graph, ty.place)];
            at.extend(defined.iter().map(|ty| self.at(graph, ty.place)));
            let message = format!(
                "`{name}` is an `@interfaceObject` in subgraph `{}`, which must then not define \
                 implementations of the interface `{name}`, but it defines {}. Move their fields \
                 to `{name}`, or to another subgraph.",
                subgraph.name,
                crate::text::list(defined.iter().map(|ty| ty.name.as_str()))
            );
            self.report
                .error(code::INTERFACE_OBJECT_USAGE_ERROR, message, at);
        }
        true
    }

    /// A field as interface objects have it, in the subgraphs that do not have the type itself.
    pub(super) fn abstracted(&self, types: &[Source<'a>], field: &str) -> Vec<FieldSource<'a>> {
        let mut found = Vec::new();
        if self.interface_objects.is_empty()
            || types.iter().any(|(_, ty)| ty.kind() != Kind::Object)
        {
            return found;
        }
        let interfaces = types.iter().flat_map(|(_, ty)| ty.implements.keys());
        let interfaces: BTreeSet<&String> = interfaces.collect();
        for interface in interfaces {
            let sources = self.interface_object_fields(interface, field);
            found.extend(
                sources
                    .into_iter()
                    .filter(|(graph, _)| super::is_missing(*graph, types)),
            );
        }
        found.sort_by_key(|(graph, _)| *graph);
        found
    }

    /// Gives every implementation the fields that interface objects add to its interface.
    pub(super) fn spread_interface_objects(&mut self, types: &mut BTreeMap<String, MergedType>) {
        let mut added: Vec<(String, String, MergedField)> = Vec::new();
        let mut sharing: Vec<(String, String, Vec<FieldSource<'a>>)> = Vec::new();
        for interface in types.values() {
            if !interface.joins.iter().any(|join| join.interface_object) {
                continue;
            }
            let fields = interface.fields().into_iter().flatten();
            let fields = fields.filter(|(name, _)| {
                !self
                    .interface_object_fields(&interface.name, name)
                    .is_empty()
            });
            for (name, field) in fields {
                let sources = self.interface_object_fields(&interface.name, name);
                let below = types.values().filter(|ty| {
                    ty.kind() == Kind::Object && ty.implements.contains_key(&interface.name)
                });
                for ty in below {
                    if ty.fields().is_some_and(|fields| fields.contains_key(name)) {
                        continue;
                    }
                    sharing.push((ty.name.clone(), name.clone(), sources.clone()));
                    added.push((ty.name.clone(), name.clone(), copy(field)));
                }
            }
        }
        for (ty, name, sources) in sharing {
            let coordinate = format_args!("{ty}.{name}");
            self.check_sharing(coordinate, &[], &sources, &Moves::default());
        }
        for (ty, name, field) in added {
            let fields = types.get_mut(&ty).and_then(MergedType::fields_mut);
            if let Some(fields) = fields {
                fields.entry(name).or_insert(field);
            }
        }
    }

    fn interface_object_fields(&self, interface: &str, field: &str) -> Vec<FieldSource<'a>> {
        let objects = self.interface_objects.get(interface).into_iter().flatten();
        let fields = objects.filter_map(|(graph, ty)| Some((*graph, ty.field(field)?)));
        fields.collect()
    }
}

fn implementations<'s>(subgraph: &'s Subgraph, interface: &str) -> Vec<&'s str> {
    let types = subgraph.types.values();
    let types = types.filter(|ty| ty.implements.contains_key(interface));
    types.map(|ty| ty.name.as_str()).collect()
}

/// The field of an interface as its implementations have it: resolved by none of the subgraphs that
/// know them.
fn copy(field: &MergedField) -> MergedField {
    let argument = |(name, argument): (&String, &MergedInput)| {
        let argument = MergedInput {
            description: argument.description.clone(),
            ty: argument.ty.clone(),
            default: argument.default.clone(),
            notes: argument.notes.clone(),
            joins: Vec::new(),
        };
        (name.clone(), argument)
    };
    MergedField {
        description: field.description.clone(),
        ty: field.ty.clone(),
        arguments: field.arguments.iter().map(argument).collect(),
        notes: field.notes.clone(),
        joins: vec![JoinField::default()],
        resolvers: BTreeSet::new(),
        labels: BTreeMap::new(),
    }
}
