//! Access control of the merged schema: interfaces ask for what their implementations ask for, and
//! a field that needs other fields must ask for what these ask for.

use std::collections::BTreeMap;

use super::check::locate;
use super::model::{MergedBody, MergedType, Supergraph};
use crate::code;
use crate::diagnostic::Report;
use crate::subgraph::fieldset::{FieldSet, Selection};
use crate::subgraph::metadata::Access;
use crate::subgraph::model::{Field, Subgraph, TypeDef};

/// Gives interfaces and their fields the access control of the types that implement them: a value
/// is always of one of these, and a router only sees the interface.
pub(crate) fn spread(supergraph: &mut Supergraph) {
    let mut types: BTreeMap<String, Access> = BTreeMap::new();
    let mut fields: BTreeMap<(String, String), Access> = BTreeMap::new();
    for ty in supergraph.types.values() {
        let MergedBody::Object(own) = &ty.body else {
            continue;
        };
        for interface in ty.implements.keys() {
            add(&mut types, interface.clone(), &ty.notes.access);
            for (name, field) in own {
                let key = (interface.clone(), name.clone());
                add(&mut fields, key, &field.notes.access);
            }
        }
    }
    for (name, ty) in &mut supergraph.types {
        let MergedBody::Interface(own) = &mut ty.body else {
            continue;
        };
        if let Some(access) = types.get(name) {
            ty.notes.access = ty.notes.access.and(access);
        }
        for (field_name, field) in own {
            if let Some(access) = fields.get(&(name.clone(), field_name.clone())) {
                field.notes.access = field.notes.access.and(access);
            }
        }
    }
}

fn add<K: Ord>(all: &mut BTreeMap<K, Access>, key: K, access: &Access) {
    if !access.is_open() {
        let before = all.entry(key).or_default();
        *before = before.and(access);
    }
}

/// Checks that every field with `@requires` or `@fromContext` asks for at least what the fields that
/// it needs ask for.
pub(crate) fn check(supergraph: &Supergraph, subgraphs: &[Subgraph], report: &mut Report) {
    for subgraph in subgraphs {
        for ty in subgraph.types.values() {
            for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
                let mut check = Check {
                    supergraph,
                    subgraphs,
                    report: &mut *report,
                    field: (subgraph, ty, field),
                };
                check.all_needs();
            }
        }
    }
}

/// A field of a subgraph that needs others.
struct Check<'a> {
    supergraph: &'a Supergraph,
    subgraphs: &'a [Subgraph],
    report: &'a mut Report,
    field: (&'a Subgraph, &'a TypeDef, &'a Field),
}

impl Check<'_> {
    fn all_needs(&mut self) {
        let (subgraph, ty, field) = self.field;
        if let Some(requires) = &field.requires {
            self.needs(&ty.name, requires);
        }
        let arguments = field.arguments.values();
        for value in arguments.filter_map(|argument| argument.from_context.as_ref()) {
            let sets = |other: &&TypeDef| other.contexts.contains_key(&value.context);
            for other in subgraph.types.values().filter(sets) {
                self.needs(&other.name, &value.fields);
            }
        }
    }

    /// Reports the first thing among what the field needs of a type that asks for more than it does.
    fn needs(&mut self, target: &str, wanted: &FieldSet) {
        let (subgraph, ty, field) = self.field;
        let types = &self.supergraph.types;
        let (Some(merged), Some(target)) = (types.get(&ty.name), types.get(target)) else {
            return;
        };
        let own = merged.fields().and_then(|fields| fields.get(&field.name));
        let Some(own) = own else { return };
        let walk = Walk {
            supergraph: self.supergraph,
            given: merged.notes.access.and(&own.notes.access),
        };
        let lacking = walk.ty(target);
        let lacking = lacking.or_else(|| walk.selections(target, &wanted.selections));
        let Some((parent, name)) = lacking else {
            return;
        };
        let mut at = vec![subgraph.at(wanted.place)];
        at.extend(locate(self.subgraphs, parent, name, None));
        let lacking = name.map_or_else(|| parent.to_owned(), |name| format!("{parent}.{name}"));
        let message = format!(
            "`{}.{}` needs `{lacking}` but does not have its access control: who may not see the \
             one could learn of it by the other. Put the same `@authenticated`, `@requiresScopes` \
             and `@policy` on `{}.{}`.",
            ty.name, field.name, ty.name, field.name
        );
        self.report
            .error(code::MISSING_TRANSITIVE_AUTH_REQUIREMENTS, message, at);
    }
}

struct Walk<'a> {
    supergraph: &'a Supergraph,
    /// What whoever asks has been granted.
    given: Access,
}

/// A type, or a field of one.
type Lacking<'a> = (&'a str, Option<&'a str>);

impl<'a> Walk<'a> {
    /// The first selected element that asks for more than is given.
    fn selections(&self, parent: &'a MergedType, selections: &[Selection]) -> Option<Lacking<'a>> {
        selections.iter().find_map(|selection| match selection {
            Selection::Field {
                name, selections, ..
            } => self.field(parent, name, selections),
            Selection::On {
                condition,
                selections,
            } => {
                let target = match condition {
                    Some(name) => self.supergraph.types.get(name)?,
                    None => parent,
                };
                self.ty(target)
                    .or_else(|| self.selections(target, selections))
            }
        })
    }

    fn field(
        &self,
        parent: &'a MergedType,
        name: &str,
        selections: &[Selection],
    ) -> Option<Lacking<'a>> {
        let (name, field) = parent.fields()?.get_key_value(name)?;
        if !self.given.implies(&field.notes.access) {
            return Some((&parent.name, Some(name)));
        }
        let target = self
            .supergraph
            .types
            .get(field.ty.inner_named_type().as_str())?;
        self.ty(target)
            .or_else(|| self.selections(target, selections))
    }

    fn ty(&self, ty: &'a MergedType) -> Option<Lacking<'a>> {
        let allowed = self.given.implies(&ty.notes.access);
        (!allowed).then_some((ty.name.as_str(), None))
    }
}
