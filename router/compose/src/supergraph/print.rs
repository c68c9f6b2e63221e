//! Prints a merged schema: as a supergraph for routers, or as the API schema for clients.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use apollo_compiler::collections::IndexMap;

use super::model::{
    JoinField, MergedBody, MergedDirective, MergedField, MergedInput, MergedType, MergedValue,
    Supergraph,
};
use super::text::{description, push_type, quoted};
use super::{header, joins, notes};
use crate::subgraph::model::Notes;

/// The supergraph SDL: link v1.0, join v0.3.
pub(crate) fn supergraph(supergraph: &Supergraph) -> String {
    let mut printer = Printer {
        supergraph,
        api: false,
        out: String::new(),
    };
    header::write(&mut printer.out, supergraph);
    printer.directive_definitions(&supergraph.composed);
    printer.directive_definitions(&supergraph.directives);
    for ty in supergraph.types.values() {
        printer.ty(ty);
    }
    printer.out
}

/// The API SDL: no federation, nothing that is `@inaccessible`.
pub(crate) fn api(supergraph: &Supergraph) -> String {
    let mut printer = Printer {
        supergraph,
        api: true,
        out: String::new(),
    };
    for definition in header::client_directives(supergraph) {
        printer.out.push_str(&definition);
        printer.out.push('\n');
    }
    printer.directive_definitions(&supergraph.directives);
    let hidden = types_of_links(supergraph);
    for ty in supergraph
        .types
        .values()
        .filter(|ty| !ty.notes.inaccessible && !hidden.contains(ty.name.as_str()))
    {
        printer.ty(ty);
    }
    printer.out.trim_start().to_owned()
}

/// The types that only serve directives that are kept: clients see neither.
fn types_of_links(supergraph: &Supergraph) -> BTreeSet<&str> {
    let mut hidden: BTreeSet<&str> = supergraph.types.keys().map(String::as_str).collect();
    hidden.retain(|name| supergraph.links.iter().any(|link| link.owns(name)));
    if hidden.is_empty() {
        return hidden;
    }
    let shown = |ty: &&MergedType| !supergraph.links.iter().any(|link| link.owns(&ty.name));
    for ty in supergraph.types.values().filter(shown) {
        for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
            hidden.remove(field.ty.inner_named_type().as_str());
            for argument in field.arguments.values() {
                hidden.remove(argument.ty.inner_named_type().as_str());
            }
        }
    }
    hidden
}

struct Printer<'a> {
    supergraph: &'a Supergraph,
    api: bool,
    out: String,
}

impl Printer<'_> {
    /// Whether an element is left out.
    fn skips(&self, notes: &Notes) -> bool {
        self.api && notes.inaccessible
    }

    fn is_hidden_type(&self, name: &str) -> bool {
        self.api
            && self
                .supergraph
                .types
                .get(name)
                .is_some_and(|ty| ty.notes.inaccessible)
    }

    fn directive_definitions(&mut self, definitions: &BTreeMap<String, MergedDirective>) {
        for (name, directive) in definitions {
            self.out.push('\n');
            description(&mut self.out, directive.description.as_deref(), "");
            self.out.push_str("directive @");
            self.out.push_str(name);
            self.arguments(&directive.arguments);
            self.out.push_str(if directive.repeatable {
                " repeatable on "
            } else {
                " on "
            });
            let locations: Vec<&str> = directive
                .locations
                .iter()
                .map(|location| location.name())
                .collect();
            self.out.push_str(&locations.join(" | "));
            self.out.push('\n');
        }
    }

    fn ty(&mut self, ty: &MergedType) {
        self.out.push('\n');
        description(&mut self.out, ty.description.as_deref(), "");
        let keyword = match ty.body {
            MergedBody::Scalar => "scalar",
            MergedBody::Object(_) => "type",
            MergedBody::Interface(_) => "interface",
            MergedBody::Union(_) => "union",
            MergedBody::Enum(_) => "enum",
            MergedBody::Input(_) => "input",
        };
        self.out.push_str(keyword);
        self.out.push(' ');
        self.out.push_str(&ty.name);
        let interfaces: Vec<&str> = ty
            .implements
            .keys()
            .map(String::as_str)
            .filter(|name| !self.is_hidden_type(name))
            .collect();
        if !interfaces.is_empty() {
            self.out.push_str(" implements ");
            self.out.push_str(&interfaces.join(" & "));
        }
        let before = self.out.len();
        self.type_directives(ty);
        let broken = !self.api && self.out.len() > before;
        self.body(ty, broken);
    }

    fn type_directives(&mut self, ty: &MergedType) {
        let separator = if self.api { " " } else { "\n  " };
        let (supergraph, out) = (self.supergraph, &mut self.out);
        if !self.api {
            for (interface, graphs) in &ty.implements {
                for graph in graphs {
                    out.push_str(separator);
                    let directive = ("@join__implements", *graph);
                    joins::named(out, supergraph, directive, ("interface", interface));
                }
            }
            for join in &ty.joins {
                out.push_str(separator);
                joins::ty(out, supergraph, join);
            }
            let members = match &ty.body {
                MergedBody::Union(members) => Some(members),
                _ => None,
            };
            for (member, graphs) in members.into_iter().flatten() {
                for graph in graphs {
                    out.push_str(separator);
                    let directive = ("@join__unionMember", *graph);
                    joins::named(out, supergraph, directive, ("member", member));
                }
            }
            for (graph, name) in &ty.contexts {
                let name = joins::context(supergraph, *graph, name);
                // Writing to a String cannot fail.
                let _ = write!(out, "{separator}@context(name: {})", quoted(&name));
            }
        }
        notes::directives(out, supergraph, (self.api, separator), &ty.notes);
    }

    /// Writes the directives of a member: which subgraphs have it, and what else is said of it.
    fn member_directives(&mut self, joins: &[JoinField], notes: &Notes) {
        if !self.api {
            for join in joins {
                self.out.push(' ');
                joins::field(&mut self.out, self.supergraph, join);
            }
        }
        notes::directives(&mut self.out, self.supergraph, (self.api, " "), notes);
    }

    fn body(&mut self, ty: &MergedType, broken: bool) {
        let open = if broken { "\n{\n" } else { " {\n" };
        match &ty.body {
            MergedBody::Scalar => self.out.push('\n'),
            MergedBody::Union(members) => {
                let members = members.keys().map(String::as_str);
                let members: Vec<&str> = members
                    .filter(|member| !self.is_hidden_type(member))
                    .collect();
                self.out.push_str(if broken { "\n  = " } else { " = " });
                self.out.push_str(&members.join(" | "));
                self.out.push('\n');
            }
            MergedBody::Object(fields) | MergedBody::Interface(fields) => {
                self.out.push_str(open);
                for (name, field) in fields {
                    self.field(name, field);
                }
                self.out.push_str("}\n");
            }
            MergedBody::Enum(values) => {
                self.out.push_str(open);
                for (name, value) in values {
                    self.enum_value(name, value);
                }
                self.out.push_str("}\n");
            }
            MergedBody::Input(fields) => {
                self.out.push_str(open);
                for (name, field) in fields {
                    if self.skips(&field.notes) {
                        continue;
                    }
                    description(&mut self.out, field.description.as_deref(), "  ");
                    self.out.push_str("  ");
                    self.input(name, field);
                    self.out.push('\n');
                }
                self.out.push_str("}\n");
            }
        }
    }

    fn enum_value(&mut self, name: &str, value: &MergedValue) {
        if self.skips(&value.notes) {
            return;
        }
        description(&mut self.out, value.description.as_deref(), "  ");
        self.out.push_str("  ");
        self.out.push_str(name);
        if !self.api {
            for graph in &value.graphs {
                self.out.push_str(" @join__enumValue(graph: ");
                self.out.push_str(joins::graph(self.supergraph, *graph));
                self.out.push(')');
            }
        }
        self.member_directives(&[], &value.notes);
        self.out.push('\n');
    }

    fn field(&mut self, name: &str, field: &MergedField) {
        if self.skips(&field.notes) {
            return;
        }
        description(&mut self.out, field.description.as_deref(), "  ");
        self.out.push_str("  ");
        self.out.push_str(name);
        self.arguments(&field.arguments);
        self.out.push_str(": ");
        push_type(&mut self.out, &field.ty);
        self.member_directives(&field.joins, &field.notes);
        self.out.push('\n');
    }

    fn arguments(&mut self, arguments: &IndexMap<String, MergedInput>) {
        let shown = arguments
            .iter()
            .filter(|(_, argument)| !self.skips(&argument.notes));
        let shown: Vec<_> = shown.collect();
        if shown.is_empty() {
            return;
        }
        let described = shown
            .iter()
            .any(|(_, argument)| argument.description.is_some());
        self.out.push('(');
        for (index, (name, argument)) in shown.iter().enumerate() {
            if described {
                self.out.push('\n');
                description(&mut self.out, argument.description.as_deref(), "    ");
                self.out.push_str("    ");
            } else if index > 0 {
                self.out.push_str(", ");
            }
            self.input(name, argument);
        }
        self.out.push_str(if described { "\n  )" } else { ")" });
    }

    fn input(&mut self, name: &str, input: &MergedInput) {
        self.out.push_str(name);
        self.out.push_str(": ");
        push_type(&mut self.out, &input.ty);
        if let Some(default) = &input.default {
            // Writing to a String cannot fail.
            let _ = write!(self.out, " = {}", default.serialize().no_indent());
        }
        self.member_directives(&input.joins, &input.notes);
    }
}
