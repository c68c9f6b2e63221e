//! Merging input types: the fields that every subgraph has.

use std::fmt::Arguments;

use apollo_compiler::collections::IndexMap;

use super::arguments::InputSource;
use super::{Merger, Source};
use crate::code;
use crate::subgraph::model::Body;
use crate::supergraph::model::MergedInput;

impl Merger<'_> {
    pub(super) fn merge_input_type(
        &mut self,
        name: &str,
        sources: &[Source<'_>],
    ) -> Option<IndexMap<String, MergedInput>> {
        let mut by_field: IndexMap<&str, Vec<InputSource<'_>>> = IndexMap::default();
        for (graph, ty) in sources {
            if let Body::Input(fields) = &ty.body {
                for (field_name, field) in fields {
                    by_field
                        .entry(field_name)
                        .or_default()
                        .push((*graph, field));
                }
            }
        }
        let mut merged = IndexMap::default();
        for (field_name, fields) in &by_field {
            let coordinate = format_args!("{name}.{field_name}");
            if fields.len() < sources.len() {
                self.input_field_missing(coordinate, sources, fields);
            } else {
                let field = self.merge_input_value(coordinate, false, fields);
                merged.insert((*field_name).to_owned(), field);
            }
        }
        if merged.is_empty() {
            let at = sources
                .iter()
                .map(|(graph, ty)| self.at(*graph, ty.place))
                .collect();
            let message = format!(
                "The definitions of the input type `{name}` in {} have no field in common. Give \
                 them the same fields, or different names.",
                self.names(sources.iter().map(|(graph, _)| *graph))
            );
            self.report
                .error(code::EMPTY_MERGED_INPUT_TYPE, message, at);
            return None;
        }
        Some(merged)
    }

    /// Reports a field that some subgraphs lack.
    fn input_field_missing(
        &mut self,
        coordinate: Arguments<'_>,
        types: &[Source<'_>],
        fields: &[InputSource<'_>],
    ) {
        let missing = types
            .iter()
            .filter(|(graph, _)| super::is_missing(*graph, fields));
        let missing: Vec<_> = missing.collect();
        let names = self.names(missing.iter().map(|(graph, _)| *graph));
        let required: Vec<_> = fields
            .iter()
            .filter(|(_, field)| field.is_required())
            .collect();
        let mut at: Vec<_> = fields
            .iter()
            .map(|(graph, field)| self.at(*graph, field.place))
            .collect();
        at.extend(missing.iter().map(|(graph, ty)| self.at(*graph, ty.place)));
        if required.is_empty() {
            let message = format!(
                "The optional input field `{coordinate}` is missing in {names} and therefore not \
                 in the supergraph. Add it there to keep it."
            );
            self.report
                .warn(code::INCONSISTENT_INPUT_OBJECT_FIELD, message, at);
            return;
        }
        let message = format!(
            "The input field `{coordinate}` is required in {} but missing in {names}. Add it \
             there, or make it optional.",
            self.names(required.iter().map(|(graph, _)| *graph))
        );
        self.report.error(
            code::REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH,
            message,
            at,
        );
    }
}
