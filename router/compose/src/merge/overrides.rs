//! `@override`: which subgraphs lose a field to another one.

use std::collections::BTreeMap;

use super::Merger;
use super::fields::FieldSource;
use crate::code;
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
            let here = self.at(*graph, taken.place);
            let from = &taken.from;
            let Some(target) = self.subgraphs.iter().position(|other| other.name == *from) else {
                let message = format!(
                    "`@override` of `{coordinate}` names the subgraph `{from}`, which does not \
                     exist. Correct the name or remove the directive."
                );
                self.report
                    .warn(code::FROM_SUBGRAPH_DOES_NOT_EXIST, message, vec![here]);
                continue;
            };
            if target == *graph {
                continue;
            }
            let Some((_, other)) = sources.iter().find(|(index, _)| *index == target) else {
                let message = format!(
                    "`{coordinate}` no longer exists in `{from}`: its `@override` can be removed."
                );
                self.report
                    .info(code::OVERRIDE_DIRECTIVE_CAN_BE_REMOVED, message, vec![here]);
                continue;
            };
            let there = self.at(target, other.place);
            if other.override_from.is_some() {
                let message = format!(
                    "`{coordinate}` has `@override` in `{}` and in `{from}`. Keep only one.",
                    self.name(*graph)
                );
                self.report.error(
                    code::OVERRIDE_SOURCE_HAS_OVERRIDE,
                    message,
                    vec![here, there],
                );
                overridden.insert(target, Overridden::Unused);
                continue;
            }
            if other.external {
                let message = format!(
                    "`{coordinate}` is `@external` in `{from}`, so there is nothing to override: \
                     the `@override` can be removed."
                );
                let at = vec![here, there];
                self.report
                    .info(code::OVERRIDE_DIRECTIVE_CAN_BE_REMOVED, message, at);
                continue;
            }
            let collision = [
                (other.requires.is_some(), "@requires"),
                (other.provides.is_some(), "@provides"),
            ];
            for (_, directive) in collision.iter().filter(|(present, _)| *present) {
                let message = format!(
                    "`@override` of `{coordinate}` takes a field that has `{directive}` in \
                     `{from}`. Remove `{directive}` there first."
                );
                let at = vec![here.clone(), there.clone()];
                self.report
                    .error(code::OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE, message, at);
            }
            let (state, advice) = if other.used {
                let advice = "It is still used there, for a key, a requirement or an interface: \
                     mark it `@external` or remove it where you can.";
                (Overridden::Used, advice)
            } else {
                (Overridden::Unused, "It can be removed there.")
            };
            let message = format!(
                "`{coordinate}` of `{from}` is overridden by `{}`. {advice}",
                self.name(*graph)
            );
            self.report.info(
                code::OVERRIDDEN_FIELD_CAN_BE_REMOVED,
                message,
                vec![there, here],
            );
            overridden.insert(target, state);
        }
        overridden
    }
}
