//! Whether field sets can be had: those of keys and of `@requires`.

use super::reach::{Entry, Given, Held, Reach, Scope};
use crate::subgraph::fieldset::Selection;

impl<'a> Reach<'a> {
    /// Follows the keys whose fields are all in one subgraph: nearly all keys are.
    pub(super) fn enter_with_local_keys(
        &self,
        ty: &'a str,
        found: &mut Vec<Held<'a>>,
        open: &mut Vec<&Entry<'a>>,
        scope: &Scope<'a, '_>,
    ) {
        let mut looked_at = 0;
        while let Some(held) = found.get(looked_at).copied() {
            looked_at += 1;
            open.retain(|entry| {
                let enters = entry.is_open_to(ty, &held)
                    && entry
                        .keys
                        .iter()
                        .any(|key| self.has_itself(ty, &key.selections, &held, scope));
                if enters && !found.iter().any(|one| one.is_plain(entry.graph, entry.ty)) {
                    found.push(entry.held());
                }
                !enters
            });
        }
    }

    /// Whether a subgraph can give a field set without any other.
    pub(super) fn has_itself(
        &self,
        ty: &'a str,
        selections: &[Selection],
        held: &Held<'a>,
        scope: &Scope<'a, '_>,
    ) -> bool {
        self.step()
            && selections.iter().all(|selection| match selection {
                Selection::Field { name, .. } if name == "__typename" => held.ty == ty,
                Selection::On {
                    condition,
                    selections,
                } => {
                    !self.holds(condition.as_deref(), ty)
                        || self.has_itself(ty, selections, held, scope)
                }
                Selection::Field {
                    name, selections, ..
                } => {
                    let given = self.give(name, held, &mut |field, _| {
                        field.requires.is_none() && self.is_decided(name, held, scope)
                    });
                    !given.is_empty()
                        && (selections.is_empty()
                            || self.targets(&given).iter().all(|(target, held)| {
                                held.iter()
                                    .any(|one| self.has_itself(target, selections, one, scope))
                            }))
                }
            })
    }

    /// Whether a subgraph can be entered with the help of others than itself.
    pub(super) fn can_enter(
        &self,
        ty: &'a str,
        entry: &Entry<'a>,
        found: &[Held<'a>],
        scope: &Scope<'a, '_>,
    ) -> bool {
        let inner = scope.entering(entry.graph);
        found.iter().any(|held| {
            entry.is_open_to(ty, held) && {
                let around = self.from(ty, *held, &inner);
                let mut keys = entry.keys.iter();
                keys.any(|key| self.satisfied(ty, &key.selections, &around, &inner))
            }
        })
    }

    /// Whether all of a field set can be had.
    pub(super) fn satisfied(
        &self,
        ty: &'a str,
        selections: &[Selection],
        around: &[Held<'a>],
        scope: &Scope<'a, '_>,
    ) -> bool {
        self.step()
            && selections.iter().all(|selection| match selection {
                Selection::Field { name, .. } if name == "__typename" => {
                    around.iter().any(|held| held.ty == ty)
                }
                Selection::On {
                    condition,
                    selections,
                } => {
                    !self.holds(condition.as_deref(), ty)
                        || self.satisfied(ty, selections, around, scope)
                }
                Selection::Field {
                    name, selections, ..
                } => {
                    let given = self.follow(ty, name, around, scope);
                    !given.is_empty()
                        && (selections.is_empty()
                            || self.targets(&given).into_iter().all(|(target, held)| {
                                let around = self.all(target, &held, scope);
                                self.satisfied(target, selections, &around, scope)
                            }))
                }
            })
    }

    /// A quick answer that is never too small: every form in which an object could be had if all
    /// requirements were met and subgraphs could help to enter themselves.
    pub(super) fn likely(&self, ty: &'a str, start: &[Held<'a>]) -> Vec<Held<'a>> {
        let mut found = start.to_vec();
        loop {
            let before = found.len();
            for entry in self.entries(ty) {
                let is_new = !found.iter().any(|one| one.is_plain(entry.graph, entry.ty));
                let enters = is_new
                    && found.iter().any(|held| entry.is_open_to(ty, held))
                    && entry
                        .keys
                        .iter()
                        .any(|key| self.is_likely(ty, &key.selections, &found));
                if enters {
                    found.push(entry.held());
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }

    pub(super) fn is_likely(
        &self,
        ty: &'a str,
        selections: &[Selection],
        around: &[Held<'a>],
    ) -> bool {
        self.step()
            && selections.iter().all(|selection| match selection {
                Selection::Field { name, .. } if name == "__typename" => true,
                Selection::On {
                    condition,
                    selections,
                } => {
                    !self.holds(condition.as_deref(), ty) || self.is_likely(ty, selections, around)
                }
                Selection::Field {
                    name, selections, ..
                } => {
                    let given: Vec<Given<'a>> = around
                        .iter()
                        .flat_map(|held| self.give(name, held, &mut |_, _| true))
                        .collect();
                    !given.is_empty()
                        && (selections.is_empty()
                            || self.targets(&given).into_iter().all(|(target, held)| {
                                let around = self.likely(target, &held);
                                self.is_likely(target, selections, &around)
                            }))
                }
            })
    }
}
