//! `@inaccessible`: what is left must still make sense without what is hidden.

use apollo_compiler::ast::{Type, Value};
use apollo_compiler::collections::HashSet;

use super::check::locate;
use super::features::any_notes;
use super::model::{MergedBody, MergedField, MergedInput, MergedType, Supergraph};
use crate::code;
use crate::diagnostic::Report;
use crate::subgraph::model::Subgraph;

/// Checks every visible element for references to hidden ones.
pub(crate) fn check(supergraph: &Supergraph, subgraphs: &[Subgraph], report: &mut Report) {
    if !any_notes(supergraph, |notes| notes.inaccessible) {
        return;
    }
    let hidden = supergraph.types.values();
    let hidden = hidden.filter(|ty| ty.notes.inaccessible);
    let mut checker = Checker {
        supergraph,
        hidden: hidden.map(|ty| ty.name.as_str()).collect(),
        subgraphs,
        report,
    };
    if supergraph
        .types
        .get("Query")
        .is_some_and(|query| query.notes.inaccessible)
    {
        let at = locate(subgraphs, "Query", None, None);
        let message = "The query root is `@inaccessible`, so nothing could be asked. Remove the \
            directive from it.";
        checker
            .report
            .error(code::QUERY_ROOT_TYPE_INACCESSIBLE, message, at);
    }
    for ty in supergraph
        .types
        .values()
        .filter(|ty| !ty.notes.inaccessible)
    {
        checker.ty(ty);
    }
}

struct Checker<'a> {
    supergraph: &'a Supergraph,
    /// Types that are inaccessible.
    hidden: HashSet<&'a str>,
    subgraphs: &'a [Subgraph],
    report: &'a mut Report,
}

/// Names of a type, its member, and the member's argument.
type Element<'a> = (&'a str, &'a str, Option<&'a str>);

fn coordinate((ty, member, argument): Element<'_>) -> String {
    argument.map_or_else(
        || format!("{ty}.{member}"),
        |name| format!("{ty}.{member}({name}:)"),
    )
}

impl Checker<'_> {
    fn error(&mut self, code: &'static str, element: Element<'_>, message: String) {
        let at = locate(self.subgraphs, element.0, Some(element.1), element.2);
        self.report.error(code, message, at);
    }

    fn is_hidden(&self, name: &str) -> bool {
        self.hidden.contains(name)
    }

    fn ty(&mut self, ty: &MergedType) {
        let visible = match &ty.body {
            MergedBody::Scalar => true,
            MergedBody::Object(fields) | MergedBody::Interface(fields) => {
                fields.values().any(|field| !field.notes.inaccessible)
            }
            MergedBody::Union(members) => members.keys().any(|member| !self.is_hidden(member)),
            MergedBody::Enum(values) => values.values().any(|value| !value.notes.inaccessible),
            MergedBody::Input(fields) => fields.values().any(|field| !field.notes.inaccessible),
        };
        if !visible {
            let at = locate(self.subgraphs, &ty.name, None, None);
            let message = format!(
                "Everything in the {} `{}` is `@inaccessible` but itself it is not. Hide the type \
                 too, or show something of it.",
                ty.kind().label(),
                ty.name
            );
            self.report
                .error(code::ONLY_INACCESSIBLE_CHILDREN, message, at);
            return;
        }
        match &ty.body {
            MergedBody::Object(fields) | MergedBody::Interface(fields) => {
                let shown = fields.iter().filter(|(_, field)| !field.notes.inaccessible);
                for (name, field) in shown {
                    self.field(&ty.name, name, field);
                }
                self.interfaces(ty);
            }
            MergedBody::Input(fields) => {
                for (name, field) in fields {
                    self.input((&ty.name, name, None), field);
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, ty: &str, name: &str, field: &MergedField) {
        self.reference((ty, name, None), &field.ty);
        for (argument_name, argument) in &field.arguments {
            self.input((ty, name, Some(argument_name)), argument);
        }
    }

    fn reference(&mut self, element: Element<'_>, ty: &Type) {
        let target = ty.inner_named_type().as_str();
        if self.is_hidden(target) {
            let message = format!(
                "`{}` is visible but its type `{target}` is `@inaccessible`. Hide it too, or show \
                 the type.",
                coordinate(element)
            );
            self.error(code::REFERENCED_INACCESSIBLE, element, message);
        }
    }

    /// An argument or input field of a visible parent.
    fn input(&mut self, element: Element<'_>, input: &MergedInput) {
        if input.notes.inaccessible {
            if input.is_required() {
                let message = format!(
                    "`{}` is `@inaccessible` but required, so nobody could use what it belongs \
                     to. Make it optional, or show it.",
                    coordinate(element)
                );
                self.error(code::REQUIRED_INACCESSIBLE, element, message);
            }
            return;
        }
        self.reference(element, &input.ty);
        let Some(default) = &input.default else {
            return;
        };
        if let Some(hidden) = self.hidden_in_value(default, &input.ty) {
            let message = format!(
                "The default value of `{}` uses `{hidden}`, which is `@inaccessible`. Choose \
                 another default, or show it.",
                coordinate(element)
            );
            self.error(code::DEFAULT_VALUE_USES_INACCESSIBLE, element, message);
        }
    }

    /// The first hidden enum value or input field that a value uses.
    fn hidden_in_value(&self, value: &Value, ty: &Type) -> Option<String> {
        let name = ty.inner_named_type().as_str();
        match (value, &self.supergraph.types.get(name)?.body) {
            (Value::List(items), _) => {
                let inner = ty.item_type();
                // `item_type` of a plain name is itself: a list where none is allowed ends here.
                if !ty.is_list() {
                    return None;
                }
                items
                    .iter()
                    .find_map(|item| self.hidden_in_value(item, inner))
            }
            (Value::Enum(value), MergedBody::Enum(values)) => {
                let hidden = values.get(value.as_str())?.notes.inaccessible;
                hidden.then(|| format!("{name}.{value}"))
            }
            (Value::Object(given), MergedBody::Input(fields)) => {
                given.iter().find_map(|(key, value)| {
                    let field = fields.get(key.as_str())?;
                    if field.notes.inaccessible {
                        return Some(format!("{name}.{key}"));
                    }
                    self.hidden_in_value(value, &field.ty)
                })
            }
            _ => None,
        }
    }

    /// A visible member of a visible interface must be visible in the implementation.
    fn interfaces(&mut self, ty: &MergedType) {
        let Some(own) = ty.fields() else { return };
        for interface in ty.implements.keys() {
            if self.is_hidden(interface) {
                continue;
            }
            let wanted = self
                .supergraph
                .types
                .get(interface)
                .and_then(MergedType::fields);
            let shown = wanted
                .into_iter()
                .flatten()
                .filter(|(_, field)| !field.notes.inaccessible);
            for (name, wanted) in shown {
                let Some(field) = own.get(name) else { continue };
                if field.notes.inaccessible {
                    self.hidden_implementation((&ty.name, name, None), interface);
                    continue;
                }
                let shown = wanted
                    .arguments
                    .iter()
                    .filter(|(_, a)| !a.notes.inaccessible);
                for (argument, _) in shown {
                    let own = field.arguments.get(argument);
                    if own.is_some_and(|own| own.notes.inaccessible) {
                        self.hidden_implementation((&ty.name, name, Some(argument)), interface);
                    }
                }
            }
        }
    }

    fn hidden_implementation(&mut self, element: Element<'_>, interface: &str) {
        let message = format!(
            "`{}` is `@inaccessible` but implements a visible part of the interface \
             `{interface}`. Show it, or hide that part of the interface.",
            coordinate(element)
        );
        self.error(code::IMPLEMENTED_BY_INACCESSIBLE, element, message);
    }
}
