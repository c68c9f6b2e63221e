//! Whether field sets can be had: those of keys and of `@requires`.

use super::reach::{Entry, Given, Held, Reach, Scope};
use crate::subgraph::fieldset::Selection;
use crate::supergraph::model::GraphIndex;

/// Whether a part of a selection can be had of an object of a type, held so.
type CanHave<'t, 'a> = dyn FnMut(&'a str, &[Held<'a>], &[Selection]) -> bool + 't;

impl<'a> Reach<'a> {
    /// Follows the keys whose fields are all in one subgraph: nearly all keys are.
    pub(super) fn enter_with_local_keys(
        &self,
        ty: &'a str,
        found: &mut Vec<Held<'a>>,
        open: &mut Vec<&Entry<'a>>,
        scope: &Scope<'a, '_>,
    ) {
        let inner = scope.conditions();
        let mut looked_at = 0;
        while let Some(held) = found.get(looked_at).copied() {
            looked_at += 1;
            open.retain(|entry| {
                let entered = entry.enter_from(ty, &held, &mut |key| {
                    self.has_itself(ty, &key.selections, &held, &inner)
                });
                let is_new = !found.iter().any(|one| one.is_plain(entry.graph, entry.ty));
                found.extend(entered.filter(|_| is_new));
                entered.is_none()
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
                    let field = (name.as_str(), self.merged_field(held.ty, name));
                    let mut given = Vec::new();
                    self.give(field, held, &mut given, &mut |own, _| {
                        own.requires.is_none() && self.is_decided(field, held, scope)
                    });
                    self.each_below(&given, selections, &mut |target, held, one| {
                        held.iter()
                            .any(|held| self.has_itself(target, one, held, scope))
                    })
                }
            })
    }

    /// What a subgraph has that can be entered with the help of others than itself.
    pub(super) fn enter(
        &self,
        ty: &'a str,
        entry: &Entry<'a>,
        found: &[Held<'a>],
        scope: &Scope<'a, '_>,
    ) -> Option<Held<'a>> {
        let inner = scope.entering(entry.graph);
        found.iter().find_map(|held| {
            if !entry.is_open_to(ty, held) {
                return None;
            }
            // Most ways that lead nowhere are known at once.
            let likely = self.likely(ty, std::slice::from_ref(held), &inner.excluded);
            entry.enter_from(ty, held, &mut |key| {
                self.is_likely(ty, &key.selections, &likely, &inner.excluded) && {
                    let around = self.from(ty, *held, &inner);
                    self.satisfied(ty, &key.selections, &around, &inner)
                }
            })
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
                    let field = (name.as_str(), self.merged_field(ty, name));
                    let given = self.follow(ty, field, around, scope);
                    self.each_below(&given, selections, &mut |target, held, one| {
                        let around = self.all(target, held, scope);
                        self.satisfied(target, one, &around, scope)
                    })
                }
            })
    }

    /// Whether every part of a selection can be had of what some subgraph gives, whatever type it
    /// then has.
    fn each_below(
        &self,
        given: &[Given<'a>],
        selections: &[Selection],
        can_have: &mut CanHave<'_, 'a>,
    ) -> bool {
        !given.is_empty()
            && selections.iter().all(|selection| {
                given.iter().any(|one| {
                    let targets = self.targets(std::slice::from_ref(one));
                    let mut targets = targets.iter();
                    targets.all(|(ty, held)| can_have(ty, held, std::slice::from_ref(selection)))
                })
            })
    }

    /// A quick answer that is never too small: every form in which an object could be had without
    /// some subgraphs, if all requirements were met and the others could help to enter themselves.
    pub(super) fn likely(
        &self,
        ty: &'a str,
        start: &[Held<'a>],
        excluded: &[GraphIndex],
    ) -> Vec<Held<'a>> {
        let mut found = start.to_vec();
        let entries = self.entries(ty).iter();
        let mut open: Vec<&Entry<'a>> = entries
            .filter(|entry| !excluded.contains(&entry.graph))
            .filter(|entry| !found.iter().any(|one| one.is_plain(entry.graph, entry.ty)))
            .collect();
        loop {
            let before = open.len();
            open.retain(|entry| {
                let enters = found.iter().any(|held| entry.is_open_to(ty, held))
                    && entry
                        .keys
                        .iter()
                        .any(|key| self.is_likely(ty, &key.selections, &found, excluded));
                if enters {
                    found.push(entry.held(None));
                }
                !enters
            });
            if open.len() == before {
                return found;
            }
        }
    }

    fn is_likely(
        &self,
        ty: &'a str,
        selections: &[Selection],
        around: &[Held<'a>],
        excluded: &[GraphIndex],
    ) -> bool {
        self.step()
            && selections.iter().all(|selection| match selection {
                Selection::Field { name, .. } if name == "__typename" => true,
                Selection::On {
                    condition,
                    selections,
                } => {
                    !self.holds(condition.as_deref(), ty)
                        || self.is_likely(ty, selections, around, excluded)
                }
                Selection::Field {
                    name, selections, ..
                } => {
                    let mut given: Vec<Given<'a>> = Vec::new();
                    for held in around {
                        let field = (name.as_str(), self.merged_field(held.ty, name));
                        self.give(field, held, &mut given, &mut |_, _| true);
                    }
                    self.each_below(&given, selections, &mut |target, held, one| {
                        let around = self.likely(target, held, excluded);
                        self.is_likely(target, one, &around, excluded)
                    })
                }
            })
    }
}
