//! Merging access control, `@cost`, `@listSize`, `@cacheTag` and directives that are kept.

use std::collections::BTreeSet;
use std::fmt::Arguments;

use apollo_compiler::collections::IndexMap;

use super::Merger;
use super::fields::FieldSource;
use super::notes::{NotesSource, most_frequent};
use crate::code;
use crate::diagnostic::Place;
use crate::subgraph::metadata::{Application, ListSize};
use crate::subgraph::model::Notes;
use crate::supergraph::model::MergedInput;

impl Merger<'_> {
    /// Conditions add up, of weights and sizes the larger counts, lists of names and cache tags add up.
    pub(super) fn merge_metadata(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[NotesSource<'_>],
        merged: &mut Notes,
    ) {
        for (graph, notes, _) in sources {
            merged.access = merged.access.and(&notes.access);
            merged.cost = merged.cost.max(notes.cost);
            if let Some(list_size) = &notes.list_size {
                let before = merged.list_size.take();
                merged.list_size = Some(merge_list_sizes(before, list_size));
            }
            for format in notes.cache_tags.keys() {
                let graphs = merged.cache_tags.entry(format.clone()).or_default();
                graphs.insert(*graph);
            }
        }
        let conditions = "asks for what all of them ask for";
        self.hint_merged(
            coordinate,
            ("requiresScopes", conditions),
            sources,
            |notes| notes.access.scopes.as_ref(),
        );
        self.hint_merged(coordinate, ("policy", conditions), sources, |notes| {
            notes.access.policies.as_ref()
        });
        self.hint_merged(
            coordinate,
            ("cost", "uses the largest weight"),
            sources,
            |notes| notes.cost.as_ref(),
        );
        let sizes = "has the names of all of them and the largest size";
        self.hint_merged(coordinate, ("listSize", sizes), sources, |notes| {
            notes.list_size.as_ref()
        });
        self.merge_custom(coordinate, sources, merged);
    }

    /// Takes arguments that the supergraph does not have out of `@listSize`; without any argument
    /// left, the size of the list could not be told.
    pub(super) fn settle_slicing_arguments(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[FieldSource<'_>],
        (notes, arguments): (&mut Notes, &IndexMap<String, MergedInput>),
    ) {
        let list_size = notes.list_size.as_mut();
        let Some(names) = list_size.and_then(|size| size.slicing_arguments.as_mut()) else {
            return;
        };
        let before = names.len();
        names.retain(|name| arguments.contains_key(name));
        if before == 0 || !names.is_empty() {
            return;
        }
        let at = sources
            .iter()
            .map(|(graph, field)| self.at(*graph, field.place))
            .collect();
        let message = format!(
            "`@listSize` of `{coordinate}` names only slicing arguments that not every subgraph \
             has, so that the supergraph does not have them. Add them everywhere."
        );
        self.report
            .error(code::LIST_SIZE_INVALID_SLICING_ARGUMENT, message, at);
    }

    /// What the subgraphs say of the schema itself.
    pub(super) fn merge_schema_notes(&mut self) -> Notes {
        let sources: Vec<_> = self
            .subgraphs
            .iter()
            .enumerate()
            .map(|(graph, subgraph)| (graph, &subgraph.schema_notes, Place::default()))
            .collect();
        self.merge_notes(format_args!("schema"), &sources)
    }

    /// Says that the arguments of a directive differ, and what the supergraph does with them.
    fn hint_merged<'n, T: PartialEq + 'n>(
        &mut self,
        coordinate: Arguments<'_>,
        (directive, merged): (&str, &str),
        sources: &[NotesSource<'n>],
        get: impl Fn(&'n Notes) -> Option<&'n T>,
    ) {
        let with = sources.iter().filter(|(_, notes, _)| get(notes).is_some());
        let with: Vec<_> = with.collect();
        let mut values = with.iter().map(|(_, notes, _)| get(notes));
        let first = values.next();
        if values.all(|value| Some(value) == first) {
            return;
        }
        let at = with
            .iter()
            .map(|(graph, _, place)| self.at(*graph, *place))
            .collect();
        let message = format!(
            "`@{directive}` on `{coordinate}` differs between {}; the supergraph {merged}. Make them equal to say it once.",
            self.names(with.iter().map(|(graph, _, _)| *graph))
        );
        self.report
            .info(code::MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS, message, at);
    }

    fn merge_custom(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[NotesSource<'_>],
        merged: &mut Notes,
    ) {
        let all = sources.iter().flat_map(|(_, notes, _)| &notes.custom);
        let names: BTreeSet<String> = all.map(|application| application.name.clone()).collect();
        for name in names {
            let repeatable = self
                .composed
                .get(&name)
                .is_some_and(|directive| directive.repeatable);
            if repeatable {
                let all = sources.iter().flat_map(|(_, notes, _)| &notes.custom);
                for application in all.filter(|application| application.name == name) {
                    if !merged.custom.contains(application) {
                        merged.custom.push(application.clone());
                    }
                }
            } else {
                merged
                    .custom
                    .extend(self.most_frequent_application(coordinate, &name, sources));
            }
        }
    }

    fn most_frequent_application(
        &mut self,
        coordinate: Arguments<'_>,
        name: &str,
        sources: &[NotesSource<'_>],
    ) -> Option<Application> {
        let own = |notes: &Notes| {
            let mut custom = notes.custom.iter();
            custom.find(|application| application.name == name).cloned()
        };
        let with = sources
            .iter()
            .filter_map(|(graph, notes, place)| Some((*graph, own(notes)?, *place)));
        let with: Vec<_> = with.collect();
        let texts: Vec<String> = with.iter().map(|(_, own, _)| own.to_string()).collect();
        let chosen = most_frequent(texts.iter().map(String::as_str))?.to_owned();
        if texts.iter().any(|text| *text != chosen) {
            let at = with
                .iter()
                .map(|(graph, _, place)| self.at(*graph, *place))
                .collect();
            let message = format!(
                "`@{name}` on `{coordinate}` differs between subgraphs. The supergraph uses \
                 `{chosen}`. Make them equal."
            );
            self.report.warn(
                code::INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS,
                message,
                at,
            );
        }
        let mut applications = with.into_iter().map(|(_, own, _)| own);
        applications.find(|own| own.to_string() == chosen)
    }
}

fn merge_list_sizes(before: Option<ListSize>, other: &ListSize) -> ListSize {
    let Some(before) = before else {
        return other.clone();
    };
    ListSize {
        assumed_size: before.assumed_size.max(other.assumed_size),
        slicing_arguments: union(before.slicing_arguments, other.slicing_arguments.as_ref()),
        sized_fields: union(before.sized_fields, other.sized_fields.as_ref()),
        require_one_slicing_argument: match (
            before.require_one_slicing_argument,
            other.require_one_slicing_argument,
        ) {
            (Some(left), Some(right)) => Some(left && right),
            (left, right) => left.or(right),
        },
    }
}

fn union(left: Option<Vec<String>>, right: Option<&Vec<String>>) -> Option<Vec<String>> {
    let (Some(mut all), Some(more)) = (left.clone(), right) else {
        return left.or_else(|| right.cloned());
    };
    for name in more {
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    Some(all)
}
