//! Merging directives that clients may write in operations: those that every subgraph knows.

use std::collections::BTreeMap;

use apollo_compiler::collections::IndexMap;

use super::Merger;
use super::arguments::InputSource;
use crate::code;
use crate::subgraph::model::DirectiveDef;
use crate::supergraph::model::{GraphIndex, MergedDirective, MergedInput};

type DirectiveSource<'a> = (GraphIndex, &'a DirectiveDef);

impl Merger<'_> {
    pub(super) fn merge_executable_directives(&mut self) -> BTreeMap<String, MergedDirective> {
        let mut by_name: BTreeMap<&str, Vec<DirectiveSource<'_>>> = BTreeMap::new();
        for (graph, subgraph) in self.subgraphs.iter().enumerate() {
            for (name, directive) in &subgraph.executable_directives {
                by_name.entry(name).or_default().push((graph, directive));
            }
        }
        let mut merged = BTreeMap::new();
        for (name, sources) in by_name {
            if let Some(directive) = self.merge_executable(name, &sources) {
                merged.insert(name.to_owned(), directive);
            }
        }
        merged
    }

    fn merge_executable(
        &mut self,
        name: &str,
        sources: &[DirectiveSource<'_>],
    ) -> Option<MergedDirective> {
        let (_, first) = sources.first()?;
        let at: Vec<_> = sources
            .iter()
            .map(|(graph, directive)| self.at(*graph, directive.place))
            .collect();
        if sources.len() < self.subgraphs.len() {
            let message = format!(
                "The directive `@{name}` is not defined in every subgraph, so the supergraph does \
                 not have it. Define it in all of them to keep it."
            );
            self.report.warn(
                code::INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE,
                message,
                at,
            );
            return None;
        }
        let mut locations = first.locations.clone();
        locations.retain(|location| {
            sources
                .iter()
                .all(|(_, directive)| directive.locations.contains(location))
        });
        if locations.is_empty() {
            let message = format!(
                "The directive `@{name}` has no location in common between subgraphs, so the \
                 supergraph does not have it. Allow it in the same places to keep it."
            );
            self.report
                .warn(code::NO_EXECUTABLE_DIRECTIVE_INTERSECTION, message, at);
            return None;
        }
        if sources
            .iter()
            .any(|(_, directive)| directive.locations != locations)
        {
            let message = format!(
                "The locations of the directive `@{name}` differ between subgraphs; the supergraph \
                 has the common ones."
            );
            self.report.warn(
                code::INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS,
                message,
                at,
            );
        }
        self.hint_repeatable(name, sources);
        let descriptions: Vec<_> = sources
            .iter()
            .map(|(graph, directive)| (*graph, &directive.description, directive.place))
            .collect();
        Some(MergedDirective {
            description: self.merge_descriptions(format_args!("@{name}"), &descriptions),
            arguments: self.merge_directive_arguments(name, sources),
            repeatable: sources.iter().all(|(_, directive)| directive.repeatable),
            locations,
        })
    }

    fn hint_repeatable(&mut self, name: &str, sources: &[DirectiveSource<'_>]) {
        let repeatable = sources.iter().filter(|(_, one)| one.repeatable).count();
        if repeatable == 0 || repeatable == sources.len() {
            return;
        }
        let at = sources
            .iter()
            .map(|(graph, directive)| self.at(*graph, directive.place));
        let at = at.collect();
        let message = format!(
            "The directive `@{name}` is repeatable in some subgraphs only, so it is not \
             repeatable in the supergraph. Make it repeatable in all of them or in none."
        );
        let code = code::INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE;
        self.report.warn(code, message, at);
    }

    /// The common arguments: subgraphs never see the directive, so nothing is lost with the others.
    fn merge_directive_arguments(
        &mut self,
        name: &str,
        sources: &[DirectiveSource<'_>],
    ) -> IndexMap<String, MergedInput> {
        let mut by_argument: IndexMap<&str, Vec<InputSource<'_>>> = IndexMap::default();
        for (graph, directive) in sources {
            for (argument, input) in &directive.arguments {
                by_argument
                    .entry(argument)
                    .or_default()
                    .push((*graph, input));
            }
        }
        let mut arguments = IndexMap::default();
        for (argument, inputs) in by_argument {
            if inputs.len() == sources.len() {
                let coordinate = format_args!("@{name}({argument}:)");
                let merged = self.merge_input_value(coordinate, true, &inputs);
                arguments.insert(argument.to_owned(), merged);
            }
        }
        arguments
    }
}
