//! Merging the fields of objects and interfaces.

use std::collections::BTreeSet;
use std::fmt::Arguments;

use apollo_compiler::collections::IndexMap;

use super::overrides::{Moves, Overridden};
use super::references::MergedReference;
use super::{Merger, Source};
use crate::code;
use crate::subgraph::model::{Field, InputValue, Kind, Subgraph};
use crate::supergraph::model::{ContextArgument, GraphIndex, JoinField, MergedField};

/// A field as one subgraph has it.
pub(super) type FieldSource<'a> = (GraphIndex, &'a Field);

impl<'a> Merger<'a> {
    pub(super) fn merge_fields(
        &mut self,
        name: &str,
        sources: &[Source<'a>],
    ) -> IndexMap<String, MergedField> {
        let most = sources
            .iter()
            .filter_map(|(_, ty)| ty.fields())
            .map(IndexMap::len);
        let most = most.max().unwrap_or_default();
        let mut by_field: IndexMap<&str, Vec<FieldSource<'a>>> =
            IndexMap::with_capacity_and_hasher(most, Default::default());
        for (graph, ty) in sources {
            for (field_name, field) in ty.fields().into_iter().flatten() {
                by_field
                    .entry(field_name)
                    .or_default()
                    .push((*graph, field));
            }
        }
        let is_object = sources.iter().all(|(_, ty)| ty.kind() == Kind::Object);
        let mut merged = IndexMap::with_capacity_and_hasher(by_field.len(), Default::default());
        for (field_name, fields) in &by_field {
            self.hint_missing_field(name, field_name, sources, fields);
            if let Some(field) = self.merge_field((name, is_object), field_name, sources, fields) {
                merged.insert((*field_name).to_owned(), field);
            }
        }
        merged
    }

    fn merge_field(
        &mut self,
        (type_name, is_object): (&str, bool),
        field_name: &str,
        types: &[Source<'a>],
        sources: &[FieldSource<'a>],
    ) -> Option<MergedField> {
        let coordinate = format_args!("{type_name}.{field_name}");
        let abstracted = self.abstracted(types, field_name);
        let own = |(_, field): &&FieldSource<'a>| !field.external;
        let mut resolved: Vec<FieldSource<'a>> = sources.iter().filter(own).copied().collect();
        let is_resolved_here = !resolved.is_empty();
        if !is_resolved_here {
            // Interface objects may resolve it for this type.
            resolved = abstracted.iter().filter(own).copied().collect();
        }
        if resolved.is_empty() {
            self.external_without_base(coordinate, sources);
            return None;
        }
        let moves = if is_object {
            self.moves(coordinate, sources, &abstracted)
        } else {
            Moves::default()
        };
        let descriptions: Vec<_> = resolved
            .iter()
            .map(|(graph, field)| (*graph, &field.description, field.place))
            .collect();
        let notes: Vec<_> = resolved
            .iter()
            .map(|(graph, field)| (*graph, &field.notes, field.place))
            .collect();
        let references: Vec<_> = resolved
            .iter()
            .map(|(graph, field)| (*graph, &field.ty, field.place))
            .collect();
        let arguments = self.merge_arguments(coordinate, &resolved);
        let reference = self.merge_output(coordinate, &references);
        self.check_externals(coordinate, sources, &reference, &arguments);
        if is_object {
            self.check_sharing(coordinate, sources, &abstracted, &moves);
        }
        // Every subgraph has a query root, if only for its entities.
        let holders = if type_name == "Query" {
            self.subgraphs.len()
        } else {
            types.len()
        };
        let everywhere = reference.all_equal && sources.len() == holders;
        let joins = if !everywhere || is_special(sources, &moves) {
            sources
                .iter()
                .filter(|(graph, _)| moves.overridden.get(graph) != Some(&Overridden::Unused))
                .map(|(graph, field)| join_field(*graph, field, &moves, &reference))
                .collect()
        } else {
            Vec::new()
        };
        let mut notes = self.merge_notes(coordinate, &notes);
        self.settle_slicing_arguments(coordinate, &resolved, (&mut notes, &arguments));
        for (_, field) in &abstracted {
            notes.access = notes.access.and(&field.notes.access);
        }
        Some(MergedField {
            description: self.merge_descriptions(coordinate, &descriptions),
            notes,
            ty: reference.ty,
            arguments,
            joins,
            resolvers: if is_resolved_here {
                resolvers(&resolved, &moves)
            } else {
                BTreeSet::new()
            },
            labels: moves.labels,
        })
    }

    fn external_without_base(&mut self, coordinate: Arguments<'_>, sources: &[FieldSource<'_>]) {
        let at = sources
            .iter()
            .map(|(graph, field)| self.at(*graph, field.place))
            .collect();
        let message = format!(
            "`{coordinate}` is `@external` in {} and no subgraph resolves it. Define it in the \
             subgraph that owns it, or remove `@external` where it is resolved.",
            self.names(sources.iter().map(|(graph, _)| *graph))
        );
        self.report
            .error(code::EXTERNAL_MISSING_ON_BASE, message, at);
    }

    fn hint_missing_field(
        &mut self,
        type_name: &str,
        field_name: &str,
        types: &[Source<'_>],
        sources: &[FieldSource<'_>],
    ) {
        // Nearly all fields of a root are in one subgraph only.
        if sources.len() == types.len() || Subgraph::is_root(type_name) {
            return;
        }
        let missing = types
            .iter()
            .filter(|(graph, _)| super::is_missing(*graph, sources));
        // A subgraph that only refers to the type's fields lacks nothing.
        let missing = missing.filter(|(_, ty)| {
            ty.fields()
                .is_some_and(|fields| fields.values().any(|field| !field.external))
        });
        let missing: Vec<_> = missing.collect();
        let is_entity = types.iter().any(|(_, ty)| !ty.keys.is_empty());
        if missing.is_empty() || is_entity {
            return;
        }
        let is_interface = types.iter().any(|(_, ty)| ty.kind() == Kind::Interface);
        let (code, kind) = if is_interface {
            (code::INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD, "interface")
        } else {
            (
                code::INCONSISTENT_OBJECT_VALUE_TYPE_FIELD,
                "type without key",
            )
        };
        let message = format!(
            "Field `{field_name}` of the {kind} `{type_name}` is missing in {}.",
            self.names(missing.iter().map(|(graph, _)| *graph))
        );
        let at = missing
            .iter()
            .map(|(graph, ty)| self.at(*graph, ty.place))
            .collect();
        self.report.info(code, message, at);
    }
}

/// The subgraphs a request can get the field from.
fn resolvers(resolved: &[FieldSource<'_>], moves: &Moves) -> BTreeSet<GraphIndex> {
    let resolved = resolved.iter().map(|(graph, _)| *graph);
    resolved
        .filter(|graph| !moves.overridden.contains_key(graph))
        .collect()
}

/// Whether routers must be told more of a field than who has its type.
fn is_special(sources: &[FieldSource<'_>], moves: &Moves) -> bool {
    let is_special = |field: &Field| {
        field.external
            || field.requires.is_some()
            || field.provides.is_some()
            || field
                .arguments
                .values()
                .any(|argument| argument.from_context.is_some())
    };
    !moves.overridden.is_empty()
        || !moves.labels.is_empty()
        || sources.iter().any(|(_, field)| is_special(field))
}

fn join_field(
    graph: GraphIndex,
    field: &Field,
    moves: &Moves,
    reference: &MergedReference,
) -> JoinField {
    JoinField {
        graph: Some(graph),
        requires: field.requires.as_ref().map(|set| set.text.clone()),
        provides: field.provides.as_ref().map(|set| set.text.clone()),
        ty: (!reference.all_equal).then(|| field.ty.to_string()),
        external: field.external,
        overrides: field.override_from.as_ref().map(|taken| taken.from.clone()),
        override_label: moves.labels.get(&graph).map(|(label, _)| label.clone()),
        used_overridden: moves.overridden.get(&graph) == Some(&Overridden::Used)
            || (field.used && matches!(moves.labels.get(&graph), Some((_, false)))),
        context_arguments: field
            .arguments
            .values()
            .filter_map(|argument| context_argument(graph, argument))
            .collect(),
    }
}

fn context_argument(graph: GraphIndex, argument: &InputValue) -> Option<ContextArgument> {
    let value = argument.from_context.as_ref()?;
    Some(ContextArgument {
        name: argument.name.clone(),
        ty: argument.ty.to_string(),
        graph,
        context: value.context.clone(),
        selection: value.fields.text.clone(),
    })
}
