//! `@override`: which subgraphs lose a field to another one.

use std::collections::BTreeMap;

use super::Merger;
use super::fields::FieldSource;
use crate::code;
use crate::diagnostic::SourceLocation;
use crate::subgraph::model::{Field, Override};
use crate::supergraph::model::GraphIndex;

/// What becomes of a field that another subgraph takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overridden {
    /// Nothing in its subgraph needs it.
    Unused,
    /// Its subgraph still needs it for a key, a requirement or an interface.
    Used,
}

impl Merger<'_> {
    /// The overridden subgraphs of a field.
    pub(super) fn overridden(
        &mut self,
        coordinate: &str,
        sources: &[FieldSource<'_>],
    ) -> BTreeMap<GraphIndex, Overridden> {
        let mut overridden = BTreeMap::new();
        for (graph, field) in sources {
            let Some(taken) = &field.override_from else {
                continue;
            };
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
            } else {
                self.check_collision(coordinate, other, &taken.from, &at);
                self.hint_overridden(coordinate, *graph, (other, &taken.from), at)
            };
            overridden.insert(target, state);
        }
        overridden
    }

    /// The field that is taken over; a hint when there is none.
    fn override_target<'s>(
        &mut self,
        coordinate: &str,
        graph: GraphIndex,
        taken: &Override,
        sources: &[FieldSource<'s>],
    ) -> Option<FieldSource<'s>> {
        let from = &taken.from;
        let at = vec![self.at(graph, taken.place)];
        let Some(target) = self.subgraphs.iter().position(|other| other.name == *from) else {
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
        coordinate: &str,
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
        coordinate: &str,
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
