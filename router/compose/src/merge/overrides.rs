//! `@override`: which subgraphs lose a field to another one.

use std::collections::BTreeMap;
use std::fmt::Arguments;

use super::Merger;
use super::fields::FieldSource;
use crate::code;
use crate::diagnostic::SourceLocation;
use crate::subgraph::model::{Field, Override, Subgraph};
use crate::supergraph::model::GraphIndex;

/// What becomes of a field that another subgraph takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overridden {
    /// Nothing in its subgraph needs it.
    Unused,
    /// Its subgraph still needs it for a key, a requirement or an interface.
    Used,
}

/// How a field moves between subgraphs.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// The subgraphs that lose it.
    pub(super) overridden: BTreeMap<GraphIndex, Overridden>,
    /// The subgraphs that have it only while a label is on, or off.
    pub(super) labels: BTreeMap<GraphIndex, (String, bool)>,
}

impl Merger<'_> {
    /// What `@override` does to a field.
    pub(super) fn moves(
        &mut self,
        coordinate: Arguments<'_>,
        sources: &[FieldSource<'_>],
        abstracted: &[FieldSource<'_>],
    ) -> Moves {
        let mut moves = Moves::default();
        for (graph, field) in sources {
            let Some(taken) = &field.override_from else {
                continue;
            };
            self.check_abstracted(coordinate, (*graph, taken), abstracted);
            let Some((target, other)) = self.override_target(coordinate, *graph, taken, sources)
            else {
                continue;
            };
            let at = vec![self.at(*graph, taken.place), self.at(target, other.place)];
            let state = if other.override_from.is_some() {
                let message = format!(
                    "`{coordinate}` has `@override` in `{}` and in `{}`. Keep only one.",
                    self.name(*graph),
                    taken.from
                );
                self.report
                    .error(code::OVERRIDE_SOURCE_HAS_OVERRIDE, message, at);
                Overridden::Unused
            } else if let Some(label) = &taken.label {
                self.check_collision(coordinate, other, &taken.from, &at);
                self.hint_migration(coordinate, *graph, (other, &taken.from), at);
                moves.labels.insert(*graph, (label.clone(), true));
                moves.labels.insert(target, (label.clone(), false));
                continue;
            } else {
                self.check_collision(coordinate, other, &taken.from, &at);
                self.hint_overridden(coordinate, *graph, (other, &taken.from), at)
            };
            moves.overridden.insert(target, state);
        }
        moves
    }

    /// A field that another subgraph has by an interface object cannot be taken for one type only.
    fn check_abstracted(
        &mut self,
        coordinate: Arguments<'_>,
        (graph, taken): (GraphIndex, &Override),
        abstracted: &[FieldSource<'_>],
    ) {
        let from = &taken.from;
        let found = abstracted
            .iter()
            .find(|(other, _)| self.name(*other) == from);
        let Some((other, field)) = found else { return };
        let at = vec![self.at(graph, taken.place), self.at(*other, field.place)];
        let message = format!(
            "`@override` takes `{coordinate}` from `{from}`, which has it by an `@interfaceObject`, \
             for all implementations of the interface. Remove the field there first."
        );
        let code = code::OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE;
        self.report.error(code, message, at);
    }

    fn hint_migration(
        &mut self,
        coordinate: Arguments<'_>,
        graph: GraphIndex,
        (other, from): (&Field, &str),
        at: Vec<SourceLocation>,
    ) {
        let advice = if other.used {
            "mark it `@external` there or remove it, with what uses it"
        } else {
            "remove it there"
        };
        let message = format!(
            "`{coordinate}` is moving from `{from}` to `{}`. When the move is complete, {advice}.",
            self.name(graph)
        );
        self.report
            .info(code::OVERRIDE_MIGRATION_IN_PROGRESS, message, at);
    }

    /// The field that is taken over; a hint when there is none.
    fn override_target<'s>(
        &mut self,
        coordinate: Arguments<'_>,
        graph: GraphIndex,
        taken: &Override,
        sources: &[FieldSource<'s>],
    ) -> Option<FieldSource<'s>> {
        let from = &taken.from;
        let at = vec![self.at(graph, taken.place)];
        let by_name = |other: &Subgraph| other.name.as_str().cmp(from);
        let Ok(target) = self.subgraphs.binary_search_by(by_name) else {
            let message = format!(
                "`@override` of `{coordinate}` names the subgraph `{from}`, which does not exist. \
                 Correct the name or remove the directive."
            );
            self.report
                .warn(code::FROM_SUBGRAPH_DOES_NOT_EXIST, message, at);
            return None;
        };
        if target == graph {
            return None;
        }
        let found = sources.iter().find(|(index, _)| *index == target).copied();
        let found = found.filter(|(_, other)| !other.external);
        if found.is_none() {
            let message = format!(
                "`{from}` does not resolve `{coordinate}` any more: its `@override` can be removed."
            );
            self.report
                .info(code::OVERRIDE_DIRECTIVE_CAN_BE_REMOVED, message, at);
        }
        found
    }

    fn check_collision(
        &mut self,
        coordinate: Arguments<'_>,
        other: &Field,
        from: &str,
        at: &[SourceLocation],
    ) {
        let collisions = [
            (other.requires.is_some(), "@requires"),
            (other.provides.is_some(), "@provides"),
        ];
        for (_, directive) in collisions.iter().filter(|(present, _)| *present) {
            let message = format!(
                "`@override` of `{coordinate}` takes a field that has `{directive}` in `{from}`. \
                 Remove `{directive}` there first."
            );
            self.report.error(
                code::OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE,
                message,
                at.to_vec(),
            );
        }
    }

    fn hint_overridden(
        &mut self,
        coordinate: Arguments<'_>,
        graph: GraphIndex,
        (other, from): (&Field, &str),
        at: Vec<SourceLocation>,
    ) -> Overridden {
        let (state, advice) = if other.used {
            let advice = "It is still used there, for a key, a requirement or an interface: mark \
                 it `@external` or remove it where you can.";
            (Overridden::Used, advice)
        } else {
            (Overridden::Unused, "It can be removed there.")
        };
        let message = format!(
            "`{coordinate}` of `{from}` is overridden by `{}`. {advice}",
            self.name(graph)
        );
        self.report
            .info(code::OVERRIDDEN_FIELD_CAN_BE_REMOVED, message, at);
        state
    }
}
