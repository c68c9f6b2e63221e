//! Rules for fields that several subgraphs have: `@shareable` and `@external`.

use std::fmt::Arguments;

use apollo_compiler::collections::IndexMap;

use super::Merger;
use super::arguments::same_value;
use super::fields::FieldSource;
use super::overrides::Moves;
use super::references::MergedReference;
use crate::code;
use crate::subgraph::model::Field;
use crate::supergraph::model::{GraphIndex, MergedInput};

impl Merger<'_> {
    /// A field that several subgraphs resolve must be shareable in all of them.
    pub(super) fn check_sharing(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[FieldSource<'_>],
        abstracted: &[FieldSource<'_>],
        moves: &Moves,
    ) {
        let resolving = sources.iter().filter(|(graph, field)| {
            !moves.overridden.contains_key(graph) && (!field.external || field.provided)
        });
        let by_interface = abstracted.iter().filter(|(_, field)| !field.external);
        let resolving: Vec<_> = resolving.chain(by_interface).copied().collect();
        // Of the two sides of a label only one resolves the field at a time.
        let is_other_side =
            |graph: &GraphIndex| matches!(moves.labels.get(graph), Some((_, false)));
        let at_a_time = resolving.iter().filter(|(graph, _)| !is_other_side(graph));
        if at_a_time.count() < 2 {
            return;
        }
        let is_shareable = |field: &Field| field.shareable || field.in_key || field.provided;
        let unshared = resolving.iter().filter(|(_, field)| !is_shareable(field));
        let unshared: Vec<_> = unshared.copied().collect();
        if unshared.is_empty() {
            return;
        }
        let at = resolving
            .iter()
            .map(|(graph, field)| self.at(*graph, field.place))
            .collect();
        let message = format!(
            "`{coordinate}` is resolved by {} but is not `@shareable` in {}. Add `@shareable` in \
             all of them if they give the same value, or keep the field in one subgraph, with \
             `@external` or `@override` elsewhere.",
            self.names(resolving.iter().map(|(graph, _)| *graph)),
            self.names(unshared.iter().map(|(graph, _)| *graph))
        );
        self.report.error(code::INVALID_FIELD_SHARING, message, at);
    }

    /// An external field must look as it does where it is resolved.
    pub(super) fn check_externals(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[FieldSource<'_>],
        merged: &MergedReference,
        arguments: &IndexMap<String, MergedInput>,
    ) {
        let Some(base) = sources.iter().find(|(_, field)| !field.external) else {
            return;
        };
        let (base_graph, base_field) = *base;
        for (graph, field) in sources.iter().filter(|(_, field)| field.external) {
            let here = self.name(*graph);
            let at = vec![
                self.at(*graph, field.place),
                self.at(base_graph, base_field.place),
            ];
            let is_known = field.ty == merged.ty
                || sources
                    .iter()
                    .any(|(_, other)| !other.external && other.ty == field.ty);
            if !is_known {
                let message = format!(
                    "`{coordinate}` is `{}` where it is resolved but `{}` where it is `@external`, \
                     in `{here}`. Write the same type there.",
                    merged.ty, field.ty
                );
                self.report
                    .error(code::EXTERNAL_TYPE_MISMATCH, message, at.clone());
            }
            for (name, argument) in arguments {
                self.check_external_argument(coordinate, (*graph, field), (name, argument), &at);
            }
        }
    }

    fn check_external_argument(
        &mut self,
        coordinate: Arguments<'_>,
        (graph, field): FieldSource<'_>,
        (name, merged): (&str, &MergedInput),
        at: &[crate::SourceLocation],
    ) {
        let here = self.name(graph);
        let Some(own) = field.arguments.get(name) else {
            let message = format!(
                "`{coordinate}` has an argument `{name}` where it is resolved, but not where it is \
                 `@external`, in `{here}`. Add it there."
            );
            self.report
                .error(code::EXTERNAL_ARGUMENT_MISSING, message, at.to_vec());
            return;
        };
        if !merged.ty.is_assignable_to(&own.ty) {
            let message = format!(
                "`{coordinate}({name}:)` is `{}` where it is resolved but `{}` where it is \
                 `@external`, in `{here}`. Write the same type there.",
                merged.ty, own.ty
            );
            self.report
                .error(code::EXTERNAL_ARGUMENT_TYPE_MISMATCH, message, at.to_vec());
        }
        let same = match (&merged.default, &own.default) {
            (Some(left), Some(right)) => same_value(left, right),
            (left, right) => left.is_none() && right.is_none(),
        };
        if !same {
            let message = format!(
                "`{coordinate}({name}:)` has another default value where it is `@external`, in \
                 `{here}`, than where it is resolved. Write the same default there."
            );
            self.report.error(
                code::EXTERNAL_ARGUMENT_DEFAULT_MISMATCH,
                message,
                at.to_vec(),
            );
        }
    }
}
