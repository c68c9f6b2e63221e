//! Merging the arguments of fields: those that every subgraph resolving the field has.

use std::fmt::Arguments;

use apollo_compiler::Node;
use apollo_compiler::ast::Value;
use apollo_compiler::collections::IndexMap;

use super::Merger;
use super::fields::FieldSource;
use crate::code;
use crate::subgraph::model::InputValue;
use crate::supergraph::model::{GraphIndex, MergedInput};

/// An argument or input field as one subgraph has it.
pub(super) type InputSource<'a> = (GraphIndex, &'a InputValue);

impl Merger<'_> {
    pub(super) fn merge_arguments(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[FieldSource<'_>],
    ) -> IndexMap<String, MergedInput> {
        let mut by_name: IndexMap<&str, Vec<InputSource<'_>>> = IndexMap::default();
        for (graph, field) in sources {
            for (name, argument) in &field.arguments {
                by_name.entry(name).or_default().push((*graph, argument));
            }
        }
        let mut merged = IndexMap::default();
        for (name, arguments) in &by_name {
            let coordinate = format_args!("{coordinate}({name}:)");
            if arguments
                .iter()
                .any(|(_, input)| input.from_context.is_some())
            {
                self.check_contextual(coordinate, arguments);
                continue;
            }
            if arguments.len() < sources.len() {
                self.argument_missing(coordinate, sources, arguments);
                continue;
            }
            let argument = self.merge_input_value(coordinate, true, arguments);
            merged.insert((*name).to_owned(), argument);
        }
        merged
    }

    /// The router gives the values of contextual arguments, so clients do not see them; subgraphs
    /// where they are not contextual get none.
    fn check_contextual(&mut self, coordinate: Arguments<'_>, arguments: &[InputSource<'_>]) {
        let plain = arguments
            .iter()
            .filter(|(_, input)| input.from_context.is_none());
        let plain: Vec<_> = plain.copied().collect();
        if plain.is_empty() {
            return;
        }
        let (required, optional): (Vec<InputSource<'_>>, Vec<_>) = plain
            .into_iter()
            .partition(|(_, input)| input.is_required());
        for (sources, is_error) in [(required, true), (optional, false)] {
            if sources.is_empty() {
                continue;
            }
            let names = self.names(sources.iter().map(|(graph, _)| *graph));
            let at = sources
                .iter()
                .map(|(graph, input)| self.at(*graph, input.place));
            let at = at.collect();
            let code = code::CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS;
            if is_error {
                let message = format!(
                    "`{coordinate}` has `@fromContext` in some subgraphs, but in {names} it has \
                     not and is required. Add `@fromContext` there, or make it optional."
                );
                self.report.error(code, message, at);
            } else {
                let message = format!(
                    "`{coordinate}` has `@fromContext` in some subgraphs but not in {names}; it is \
                     not in the supergraph, so {names} never gets a value."
                );
                self.report.info(code, message, at);
            }
        }
    }

    fn argument_missing(
        &mut self,
        coordinate: Arguments<'_>,
        fields: &[FieldSource<'_>],
        arguments: &[InputSource<'_>],
    ) {
        let missing = fields
            .iter()
            .filter(|(graph, _)| super::is_missing(*graph, arguments));
        let missing: Vec<_> = missing.collect();
        let names = self.names(missing.iter().map(|(graph, _)| *graph));
        let required: Vec<_> = arguments
            .iter()
            .filter(|(_, argument)| argument.is_required())
            .collect();
        let mut at: Vec<_> = arguments
            .iter()
            .map(|(graph, argument)| self.at(*graph, argument.place))
            .collect();
        at.extend(
            missing
                .iter()
                .map(|(graph, field)| self.at(*graph, field.place)),
        );
        if required.is_empty() {
            let message = format!(
                "The optional argument `{coordinate}` is missing in {names} and therefore not in \
                 the supergraph. Add it there to keep it."
            );
            self.report
                .warn(code::INCONSISTENT_ARGUMENT_PRESENCE, message, at);
            return;
        }
        let message = format!(
            "The argument `{coordinate}` is required in {} but missing in {names}. Add it there, \
             or make it optional.",
            self.names(required.iter().map(|(graph, _)| *graph))
        );
        self.report.error(
            code::REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH,
            message,
            at,
        );
    }

    /// Merges an argument or input field that is present in all of the sources.
    pub(super) fn merge_input_value(
        &mut self,
        coordinate: Arguments<'_>,
        is_argument: bool,
        sources: &[InputSource<'_>],
    ) -> MergedInput {
        let references: Vec<_> = sources
            .iter()
            .map(|(graph, input)| (*graph, &input.ty, input.place))
            .collect();
        let reference = self.merge_input_reference(coordinate, is_argument, &references);
        let descriptions: Vec<_> = sources
            .iter()
            .map(|(graph, input)| (*graph, &input.description, input.place))
            .collect();
        let notes: Vec<_> = sources
            .iter()
            .map(|(graph, input)| (*graph, &input.notes, input.place))
            .collect();
        let joins = if is_argument || reference.all_equal {
            Vec::new()
        } else {
            let join = |(graph, input): &InputSource<'_>| crate::supergraph::model::JoinField {
                graph: Some(*graph),
                ty: Some(input.ty.to_string()),
                ..Default::default()
            };
            sources.iter().map(join).collect()
        };
        MergedInput {
            description: self.merge_descriptions(coordinate, &descriptions),
            default: self.merge_defaults(coordinate, is_argument, sources),
            notes: self.merge_notes(coordinate, &notes),
            ty: reference.ty,
            joins,
        }
    }

    /// A default holds only when every subgraph has it: else one of them would miss the value.
    fn merge_defaults(
        &mut self,
        coordinate: Arguments<'_>,
        is_argument: bool,
        sources: &[InputSource<'_>],
    ) -> Option<Node<Value>> {
        let first = sources
            .iter()
            .find_map(|(_, input)| input.default.as_ref())?;
        let at: Vec<_> = sources
            .iter()
            .map(|(graph, input)| self.at(*graph, input.place))
            .collect();
        let differs = |input: &InputValue| {
            input
                .default
                .as_ref()
                .is_some_and(|default| !same_value(default, first))
        };
        if sources.iter().any(|(_, input)| differs(input)) {
            let sides = sources.iter().filter_map(|(graph, input)| {
                let default = input.default.as_ref()?.serialize().no_indent().to_string();
                Some(format!("{default} in `{}`", self.name(*graph)))
            });
            let sides = sides.collect::<Vec<_>>().join(", ");
            let message = format!(
                "`{coordinate}` has different default values: {sides}. Use the same in every \
                 subgraph."
            );
            let code = if is_argument {
                code::FIELD_ARGUMENT_DEFAULT_MISMATCH
            } else {
                code::INPUT_FIELD_DEFAULT_MISMATCH
            };
            self.report.error(code, message, at);
            return Some(first.clone());
        }
        let without: Vec<_> = sources
            .iter()
            .filter(|(_, input)| input.default.is_none())
            .collect();
        if without.is_empty() {
            return Some(first.clone());
        }
        let message = format!(
            "`{coordinate}` has no default value in {}, so it has none in the supergraph. Add the \
             same default there.",
            self.names(without.iter().map(|(graph, _)| *graph))
        );
        self.report
            .warn(code::INCONSISTENT_DEFAULT_VALUE_PRESENCE, message, at);
        None
    }
}

/// Equality of values; the order of object fields does not matter.
pub(super) fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same_value(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| {
                    let other = right.iter().find(|(other, _)| other == name);
                    other.is_some_and(|(_, other)| same_value(value, other))
                })
        }
        _ => left == right,
    }
}
