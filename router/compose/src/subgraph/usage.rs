//! Checks every `@key`, `@requires` and `@provides` and marks the fields they select.

use std::collections::BTreeSet;

use apollo_compiler::collections::{HashSet, IndexMap};

use super::fieldset::{self, FieldSet, Visited};
use super::model::{Body, Field, Kind, Subgraph, TypeDef, implementations};
use crate::code;
use crate::diagnostic::Report;

/// Coordinates of fields, by what selects them.
#[derive(Default)]
struct Marks {
    in_key: BTreeSet<(String, String)>,
    provided: BTreeSet<(String, String)>,
    used: BTreeSet<(String, String)>,
}

/// Checks all field sets of a subgraph and sets the marks of its fields.
pub(crate) fn mark(subgraph: &mut Subgraph, report: &mut Report) {
    let mut marks = Marks::default();
    for ty in subgraph.types.values() {
        for key in &ty.keys {
            check_key(subgraph, ty, &key.fields, &mut marks, report);
        }
    }
    settle_extensions(subgraph, &marks);
    for ty in subgraph.types.values() {
        for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
            if let Some(requires) = &field.requires {
                check_requires(subgraph, (ty, field), requires, &mut marks, report);
            }
            if let Some(provides) = &field.provides {
                check_provides(subgraph, (ty, field), provides, &mut marks, report);
            }
        }
        mark_implementations(subgraph, ty, &mut marks);
        mark_context_values(subgraph, ty, &mut marks);
    }
    let federation1 = subgraph.federation1;
    for (name, ty) in &mut subgraph.types {
        let [in_key, provided, used] =
            [&marks.in_key, &marks.provided, &marks.used].map(|set| of(set, name));
        for (field_name, field) in ty.fields_mut().into_iter().flatten() {
            let field_name = field_name.as_str();
            field.in_key = in_key.contains(field_name);
            field.provided = provided.contains(field_name);
            field.used = field.in_key || used.contains(field_name);
            if federation1 && name != "Subscription" {
                field.shareable = true;
            }
        }
    }
}

/// Takes out types of which nothing is left; an error where something refers to them.
pub(super) fn drop_empty(subgraph: &mut Subgraph, report: &mut Report) {
    let is_empty = |ty: &TypeDef| ty.fields().is_some_and(IndexMap::is_empty);
    if !subgraph.types.values().any(is_empty) {
        return;
    }
    for ty in subgraph.types.values().filter(|ty| is_empty(ty)) {
        if let Some(place) = reference_to(subgraph, &ty.name) {
            let message = format!(
                "`{}` has only `@external` fields in subgraph `{}`, and nothing there uses them, so \
                 that nothing is left of the type. Remove the type and what refers to it, or give \
                 it a `@key`.",
                ty.name, subgraph.name
            );
            let at = vec![subgraph.at(ty.place), subgraph.at(place)];
            report.error(code::TYPE_WITH_ONLY_UNUSED_EXTERNAL, message, at);
        }
    }
    subgraph.types.retain(|_, ty| !is_empty(ty));
    subgraph.implementations = implementations(&subgraph.types);
}

/// A field that returns a type.
fn reference_to(subgraph: &Subgraph, name: &str) -> Option<crate::diagnostic::Place> {
    let types = subgraph.types.values();
    let mut fields = types.flat_map(|ty| ty.fields().into_iter().flat_map(|f| f.values()));
    fields
        .find(|field| field.ty.inner_named_type().as_str() == name)
        .map(|field| field.place)
}

/// The fields of a type that are in a set.
fn of<'s>(set: &'s BTreeSet<(String, String)>, ty: &'s str) -> HashSet<&'s str> {
    let from = (ty.to_owned(), String::new());
    let own = set.range(from..).take_while(|(name, _)| name == ty);
    own.map(|(_, field)| field.as_str()).collect()
}

/// The key fields of an extension are written `@external` by federation 1 habit: the subgraph has
/// them all the same.
fn settle_extensions(subgraph: &mut Subgraph, marks: &Marks) {
    for (name, ty) in subgraph.types.iter_mut().filter(|(_, ty)| ty.extension) {
        let in_key = of(&marks.in_key, name);
        for (field_name, field) in ty.fields_mut().into_iter().flatten() {
            field.external &= !in_key.contains(field_name.as_str());
        }
    }
}

/// Fields that an interface asks for are used, whoever resolves them.
fn mark_implementations(subgraph: &Subgraph, ty: &TypeDef, marks: &mut Marks) {
    if ty.kind() != Kind::Object {
        return;
    }
    for interface in ty.implements.keys().filter_map(|name| subgraph.ty(name)) {
        for field in interface
            .fields()
            .into_iter()
            .flat_map(|fields| fields.keys())
        {
            marks.used.insert((ty.name.clone(), field.clone()));
        }
    }
}

/// Fields that contextual arguments take their values from are used.
fn mark_context_values(subgraph: &Subgraph, ty: &TypeDef, marks: &mut Marks) {
    let fields = ty.fields().into_iter().flat_map(|fields| fields.values());
    let arguments = fields.flat_map(|field| field.arguments.values());
    for value in arguments.filter_map(|argument| argument.from_context.as_ref()) {
        let types = subgraph.types.values();
        for setting in types.filter(|ty| ty.contexts.contains_key(&value.context)) {
            // What does not fit is said where contexts are checked.
            fieldset::walk(
                subgraph,
                setting,
                &value.fields.selections,
                &mut |visited| {
                    marks.used.extend(coordinates(subgraph, visited));
                },
            );
        }
    }
}

/// The coordinates a visited field stands for: with an interface, those of its implementations too.
fn coordinates(subgraph: &Subgraph, visited: &Visited<'_>) -> Vec<(String, String)> {
    let field = &visited.field.name;
    let mut found = vec![(visited.parent.name.clone(), field.clone())];
    if visited.parent.kind() == Kind::Interface {
        for name in subgraph.possible_types(&visited.parent.name) {
            found.push((name.to_owned(), field.clone()));
        }
    }
    found
}

fn check_key(
    subgraph: &Subgraph,
    ty: &TypeDef,
    key: &FieldSet,
    marks: &mut Marks,
    report: &mut Report,
) {
    let at = vec![subgraph.at(key.place)];
    let text = &key.text;
    let problems = fieldset::walk(subgraph, ty, &key.selections, &mut |visited| {
        marks.in_key.extend(coordinates(subgraph, visited));
        let name = format!("{}.{}", visited.parent.name, visited.field.name);
        if !visited.field.arguments.is_empty() {
            let message = format!(
                "`@key(fields: \"{text}\")` of `{}` selects `{name}`, which takes arguments. \
                 Choose a field without arguments.",
                ty.name
            );
            report.error(code::KEY_FIELDS_HAS_ARGS, message, at.clone());
        }
        let target = subgraph.ty(visited.field.ty.inner_named_type());
        let target = target.filter(|ty| matches!(ty.body, Body::Interface(_) | Body::Union(_)));
        if let Some(target) = target {
            let message = format!(
                "`@key(fields: \"{text}\")` of `{}` selects `{name}`, which is of the {} `{}`. \
                 Choose fields of scalar, enum or object types.",
                ty.name,
                target.kind().label(),
                target.name
            );
            report.error(code::KEY_FIELDS_SELECT_INVALID_TYPE, message, at.clone());
        }
    });
    for problem in problems {
        let message = format!(
            "`@key(fields: \"{text}\")` of `{}` does not fit: {problem}. Add what is missing to \
             subgraph `{}` or correct the key.",
            ty.name, subgraph.name
        );
        report.error(code::KEY_INVALID_FIELDS, message, at.clone());
    }
}

fn check_requires(
    subgraph: &Subgraph,
    (ty, field): (&TypeDef, &Field),
    requires: &FieldSet,
    marks: &mut Marks,
    report: &mut Report,
) {
    let at = vec![subgraph.at(requires.place)];
    let coordinate = format!("{}.{}", ty.name, field.name);
    if ty.kind() == Kind::Interface {
        let message = format!(
            "`@requires` on the interface field `{coordinate}` is not possible. Put it on the \
             field of each implementing type."
        );
        report.error(code::REQUIRES_UNSUPPORTED_ON_INTERFACE, message, at);
        return;
    }
    let text = &requires.text;
    let federation1 = subgraph.federation1;
    let problems = fieldset::walk(subgraph, ty, &requires.selections, &mut |visited| {
        marks.used.extend(coordinates(subgraph, visited));
        if visited.is_leaf && !visited.external && !federation1 {
            let name = format!("{}.{}", visited.parent.name, visited.field.name);
            let message = format!(
                "`@requires(fields: \"{text}\")` of `{coordinate}` selects `{name}`, which is not \
                 `@external`. Mark it `@external`, or take it out: the subgraph has it already."
            );
            report.error(code::REQUIRES_FIELDS_MISSING_EXTERNAL, message, at.clone());
        }
    });
    for problem in problems {
        let message = format!(
            "`@requires(fields: \"{text}\")` of `{coordinate}` does not fit: {problem}. Add what \
             is missing as `@external` to subgraph `{}` or correct the selection.",
            subgraph.name
        );
        report.error(code::REQUIRES_INVALID_FIELDS, message, at.clone());
    }
}

fn check_provides(
    subgraph: &Subgraph,
    (ty, field): (&TypeDef, &Field),
    provides: &FieldSet,
    marks: &mut Marks,
    report: &mut Report,
) {
    let at = vec![subgraph.at(provides.place)];
    let coordinate = format!("{}.{}", ty.name, field.name);
    let target = subgraph
        .ty(field.ty.inner_named_type())
        .filter(|target| target.is_composite());
    let Some(target) = target else {
        let message = format!(
            "`@provides` on `{coordinate}` makes no sense: its type `{}` has no fields. Remove it.",
            field.ty
        );
        report.error(code::PROVIDES_ON_NON_OBJECT_FIELD, message, at);
        return;
    };
    if ty.kind() == Kind::Interface {
        let message = format!(
            "`@provides` on the interface field `{coordinate}` is not possible. Put it on the \
             field of each implementing type."
        );
        report.error(code::PROVIDES_UNSUPPORTED_ON_INTERFACE, message, at);
        return;
    }
    let text = &provides.text;
    let federation1 = subgraph.federation1;
    let problems = fieldset::walk(subgraph, target, &provides.selections, &mut |visited| {
        marks.used.extend(coordinates(subgraph, visited));
        if visited.external {
            marks.provided.extend(coordinates(subgraph, visited));
        }
        let name = format!("{}.{}", visited.parent.name, visited.field.name);
        if visited.has_arguments || !visited.field.arguments.is_empty() {
            let message = format!(
                "`@provides(fields: \"{text}\")` of `{coordinate}` selects `{name}`, which takes \
                 arguments. Only fields without arguments can be provided."
            );
            report.error(code::PROVIDES_FIELDS_HAS_ARGS, message, at.clone());
        }
        if visited.is_leaf && !visited.external && !federation1 {
            let message = format!(
                "`@provides(fields: \"{text}\")` of `{coordinate}` selects `{name}`, which is not \
                 `@external`: the subgraph provides it anyway. Take it out of the selection or \
                 mark it `@external`."
            );
            report.error(code::PROVIDES_FIELDS_MISSING_EXTERNAL, message, at.clone());
        }
    });
    for problem in problems {
        let message = format!(
            "`@provides(fields: \"{text}\")` of `{coordinate}` does not fit: {problem}. Add what \
             is missing as `@external` to subgraph `{}` or correct the selection.",
            subgraph.name
        );
        report.error(code::PROVIDES_INVALID_FIELDS, message, at.clone());
    }
}
