//! Merging enums: all values where they are only given out, the common ones where only taken in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;

use apollo_compiler::ast::Type;
use apollo_compiler::collections::{HashSet, IndexMap};

use super::{Merger, Source};
use crate::code;
use crate::subgraph::model::{Body, EnumValue};
use crate::supergraph::model::{GraphIndex, MergedBody, MergedDirective, MergedType, MergedValue};

/// Which types are used as input and which as output.
#[derive(Default)]
pub(super) struct Uses {
    input: BTreeSet<String>,
    output: BTreeSet<String>,
}

impl Uses {
    /// Looks through every merged field and argument.
    pub(super) fn of<'d>(
        enums: &[(&str, Vec<Source<'_>>)],
        types: &BTreeMap<String, MergedType>,
        directives: impl Iterator<Item = &'d MergedDirective>,
    ) -> Self {
        let enums: HashSet<&str> = enums.iter().map(|(name, _)| *name).collect();
        let mut uses = Self::default();
        let note = |uses: &mut BTreeSet<String>, ty: &Type| {
            let name = ty.inner_named_type().as_str();
            if enums.contains(name) && !uses.contains(name) {
                uses.insert(name.to_owned());
            }
        };
        for ty in types.values() {
            for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
                note(&mut uses.output, &field.ty);
                for argument in field.arguments.values() {
                    note(&mut uses.input, &argument.ty);
                }
            }
            if let MergedBody::Input(fields) = &ty.body {
                for field in fields.values() {
                    note(&mut uses.input, &field.ty);
                }
            }
        }
        for argument in directives.flat_map(|directive| directive.arguments.values()) {
            note(&mut uses.input, &argument.ty);
        }
        uses
    }
}

type ValueSource<'a> = (GraphIndex, &'a EnumValue);

impl Merger<'_> {
    pub(super) fn merge_enum(
        &mut self,
        name: &str,
        sources: &[Source<'_>],
    ) -> Option<IndexMap<String, MergedValue>> {
        let mut by_value: IndexMap<&str, Vec<ValueSource<'_>>> = IndexMap::default();
        for (graph, ty) in sources {
            if let Body::Enum(values) = &ty.body {
                for (value_name, value) in values {
                    by_value
                        .entry(value_name)
                        .or_default()
                        .push((*graph, value));
                }
            }
        }
        let is_input = self.enum_uses.input.contains(name);
        let is_output = self.enum_uses.output.contains(name);
        if !is_input && !is_output {
            let at = sources
                .iter()
                .map(|(graph, ty)| self.at(*graph, ty.place))
                .collect();
            let message = format!("The enum `{name}` is used nowhere. Remove it.");
            self.report.info(code::UNUSED_ENUM_TYPE, message, at);
        }
        let mut merged = IndexMap::default();
        let mut mismatch = false;
        for (value_name, values) in &by_value {
            let coordinate = format_args!("{name}.{value_name}");
            let hidden = values.iter().any(|(_, value)| value.notes.inaccessible);
            if values.len() < sources.len() && !hidden {
                let both = is_input && is_output;
                self.value_missing((name, coordinate), sources, values, both);
                mismatch |= both;
                if is_input && !is_output {
                    continue;
                }
            }
            let value = self.merge_value(coordinate, values);
            merged.insert((*value_name).to_owned(), value);
        }
        if merged.is_empty() && !mismatch {
            let at = sources
                .iter()
                .map(|(graph, ty)| self.at(*graph, ty.place))
                .collect();
            let message = format!(
                "The enum `{name}` is used as input and its definitions in {} have no value in \
                 common. Give them the same values, or different names.",
                self.names(sources.iter().map(|(graph, _)| *graph))
            );
            self.report.error(code::EMPTY_MERGED_ENUM_TYPE, message, at);
            return None;
        }
        Some(merged)
    }

    fn merge_value(
        &mut self,
        coordinate: Arguments<'_>,
        values: &[ValueSource<'_>],
    ) -> MergedValue {
        let descriptions: Vec<_> = values
            .iter()
            .map(|(graph, value)| (*graph, &value.description, value.place))
            .collect();
        let notes: Vec<_> = values
            .iter()
            .map(|(graph, value)| (*graph, &value.notes, value.place))
            .collect();
        MergedValue {
            description: self.merge_descriptions(coordinate, &descriptions),
            notes: self.merge_notes(coordinate, &notes),
            graphs: values.iter().map(|(graph, _)| *graph).collect(),
        }
    }

    fn value_missing(
        &mut self,
        (enum_name, coordinate): (&str, Arguments<'_>),
        types: &[Source<'_>],
        values: &[ValueSource<'_>],
        both: bool,
    ) {
        let is_input = self.enum_uses.input.contains(enum_name);
        let missing = types
            .iter()
            .filter(|(graph, _)| super::is_missing(*graph, values));
        let missing: Vec<_> = missing.collect();
        let names = self.names(missing.iter().map(|(graph, _)| *graph));
        let mut at: Vec<_> = values
            .iter()
            .map(|(graph, value)| self.at(*graph, value.place))
            .collect();
        at.extend(missing.iter().map(|(graph, ty)| self.at(*graph, ty.place)));
        if both {
            let message = format!(
                "`{enum_name}` is used both as input and output, so it must have the same values \
                 everywhere, but `{coordinate}` is missing in {names}. Add it there, or mark it \
                 `@inaccessible` while you roll it out."
            );
            self.report.error(code::ENUM_VALUE_MISMATCH, message, at);
        } else if is_input {
            let message = format!(
                "`{coordinate}` is missing in {names}; as `{enum_name}` is an input, the \
                 supergraph does not have the value. Add it there to keep it."
            );
            self.report
                .warn(code::INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM, message, at);
        } else {
            let message = format!("`{coordinate}` is missing in {names}.");
            self.report
                .info(code::INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM, message, at);
        }
    }
}
