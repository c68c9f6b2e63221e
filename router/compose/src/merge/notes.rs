//! Merging descriptions and the directives that any element may have.

use std::fmt::Arguments;

use apollo_compiler::collections::IndexMap;

use super::Merger;
use crate::code;
use crate::diagnostic::Place;
use crate::subgraph::model::Notes;
use crate::supergraph::model::GraphIndex;

type DescriptionSource<'a> = (GraphIndex, &'a Option<String>, Place);
pub(super) type NotesSource<'a> = (GraphIndex, &'a Notes, Place);

impl Merger<'_> {
    /// The most frequent description; the first of the most frequent ones.
    pub(super) fn merge_descriptions(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[DescriptionSource<'_>],
    ) -> Option<String> {
        let texts = sources.iter().filter_map(|(graph, text, place)| {
            text.as_ref()
                .filter(|text| !text.is_empty())
                .map(|text| (*graph, text.as_str(), *place))
        });
        let texts: Vec<_> = texts.collect();
        let chosen = most_frequent(texts.iter().map(|(_, text, _)| *text))?;
        if texts.iter().any(|(_, text, _)| *text != chosen) {
            let at = texts
                .iter()
                .map(|(graph, _, place)| self.at(*graph, *place))
                .collect();
            let graphs = texts.iter().filter(|(_, text, _)| *text == chosen);
            let message = format!(
                "`{coordinate}` has different descriptions. The supergraph uses the one from {}. \
                 Make them equal, or keep one.",
                self.names(graphs.map(|(graph, _, _)| *graph))
            );
            self.report
                .warn(code::INCONSISTENT_DESCRIPTION, message, at);
        }
        Some(chosen.to_owned())
    }

    /// Tags add up, `@inaccessible` anywhere hides, of other directives the most frequent counts.
    pub(super) fn merge_notes(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[NotesSource<'_>],
    ) -> Notes {
        let mut merged = Notes::default();
        if sources.iter().all(|(_, notes, _)| notes.is_empty()) {
            return merged;
        }
        for (_, notes, _) in sources {
            merged.tags.extend(notes.tags.iter().cloned());
            merged.inaccessible |= notes.inaccessible;
            merged.one_of |= notes.one_of;
        }
        merged.deprecated = self.merge_text(coordinate, "deprecated", sources, |notes| {
            notes.deprecated.as_deref()
        });
        merged.specified_by = self.merge_text(coordinate, "specifiedBy", sources, |notes| {
            notes.specified_by.as_deref()
        });
        self.merge_metadata(coordinate, sources, &mut merged);
        merged
    }

    fn merge_text(
        &mut self,
        coordinate: Arguments<'_>,
        directive: &str,
        sources: &[NotesSource<'_>],
        get: impl Fn(&Notes) -> Option<&str>,
    ) -> Option<String> {
        let chosen = most_frequent(sources.iter().filter_map(|(_, notes, _)| get(notes)))?;
        let differs = |notes: &Notes| get(notes).is_some_and(|text| text != chosen);
        if sources.iter().any(|(_, notes, _)| differs(notes)) {
            let with = sources.iter().filter(|(_, notes, _)| get(notes).is_some());
            let at = with
                .map(|(graph, _, place)| self.at(*graph, *place))
                .collect();
            let message = format!(
                "`@{directive}` on `{coordinate}` differs between subgraphs. The supergraph uses \
                 \"{chosen}\". Make them equal."
            );
            self.report.warn(
                code::INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS,
                message,
                at,
            );
        }
        Some(chosen.to_owned())
    }
}

/// The most frequent item, of equally frequent ones the first.
pub(super) fn most_frequent<'a>(mut items: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = items.next()?;
    let others: Vec<&str> = items.collect();
    if others.iter().all(|other| *other == first) {
        return Some(first);
    }
    let mut counts: IndexMap<&str, usize> = IndexMap::default();
    for item in std::iter::once(first).chain(others) {
        *counts.entry(item).or_default() += 1;
    }
    let highest = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, count)| *count == highest)
        .map(|(item, _)| item)
}
