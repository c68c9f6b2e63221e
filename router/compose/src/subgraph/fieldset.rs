//! The `fields` of `@key`, `@requires` and `@provides`: parsing and walking them.

use std::fmt::Write as _;

use apollo_compiler::Node;
use apollo_compiler::ast::{self, Definition, Document, OperationType, Value};
use apollo_compiler::parser::Parser;

use super::model::{Field, Subgraph, TypeDef};
use crate::diagnostic::Place;
use crate::sdl;

/// Deep enough for any key, shallow enough for any stack.
const MAX_DEPTH: usize = 32;

/// A parsed field set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldSet {
    /// Canonical text: no outer braces, single spaces.
    pub(crate) text: String,
    pub(crate) selections: Vec<Selection>,
    /// Place of the directive it belongs to.
    pub(crate) place: Place,
}

impl FieldSet {
    pub(super) fn new(selections: Vec<Selection>, place: Place) -> Self {
        let mut text = String::new();
        write_selections(&mut text, &selections);
        Self {
            text,
            selections,
            place,
        }
    }
}

/// One part of a field set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Selection {
    /// `name(arguments) { selections }`
    Field {
        name: String,
        arguments: Vec<(String, Node<Value>)>,
        selections: Vec<Self>,
    },
    /// `... on Type { selections }`
    On {
        condition: Option<String>,
        selections: Vec<Self>,
    },
}

/// Why a field set is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FieldSetError {
    NotAString,
    Directive,
    Invalid(String),
}

/// Parses the value of a `fields` argument.
pub(crate) fn parse(text: Option<&str>, place: Place) -> Result<FieldSet, FieldSetError> {
    let text = text.ok_or(FieldSetError::NotAString)?;
    let selections = match sdl::read_field_set(text) {
        Some(selections) => selections,
        None => parse_with_library(text)?,
    };
    Ok(FieldSet::new(selections, place))
}

/// Parses any field set; also says what is wrong with one.
pub(crate) fn parse_with_library(text: &str) -> Result<Vec<Selection>, FieldSetError> {
    let trimmed = text.trim();
    let source = if trimmed.starts_with('{') {
        trimmed.to_owned()
    } else {
        format!("{{{trimmed}}}")
    };
    let document = Parser::new()
        .recursion_limit(MAX_DEPTH)
        .parse_ast(source, "fields")
        .map_err(|failure| {
            let first = failure
                .errors
                .iter()
                .next()
                .map(|error| error.error.to_string());
            FieldSetError::Invalid(first.unwrap_or_default())
        })?;
    convert(only_selection_set(&document)?)
}

fn only_selection_set(document: &Document) -> Result<&[ast::Selection], FieldSetError> {
    if let [Definition::OperationDefinition(operation)] = document.definitions.as_slice()
        && operation.operation_type == OperationType::Query
        && operation.name.is_none()
    {
        return Ok(&operation.selection_set);
    }
    Err(FieldSetError::Invalid(
        "it must be one selection of fields".to_owned(),
    ))
}

fn convert(selections: &[ast::Selection]) -> Result<Vec<Selection>, FieldSetError> {
    selections.iter().map(convert_one).collect()
}

fn convert_one(selection: &ast::Selection) -> Result<Selection, FieldSetError> {
    match selection {
        ast::Selection::Field(field) => {
            if !field.directives.is_empty() {
                return Err(FieldSetError::Directive);
            }
            if let Some(alias) = &field.alias {
                let message = format!("the alias `{alias}` is not allowed here");
                return Err(FieldSetError::Invalid(message));
            }
            let arguments = field.arguments.iter();
            let arguments =
                arguments.map(|argument| (argument.name.to_string(), argument.value.clone()));
            Ok(Selection::Field {
                name: field.name.to_string(),
                arguments: arguments.collect(),
                selections: convert(&field.selection_set)?,
            })
        }
        ast::Selection::InlineFragment(fragment) => {
            if !fragment.directives.is_empty() {
                return Err(FieldSetError::Directive);
            }
            Ok(Selection::On {
                condition: fragment.type_condition.as_ref().map(ToString::to_string),
                selections: convert(&fragment.selection_set)?,
            })
        }
        ast::Selection::FragmentSpread(_) => Err(FieldSetError::Invalid(
            "named fragments are not allowed here".to_owned(),
        )),
    }
}

fn write_selections(text: &mut String, selections: &[Selection]) {
    for (index, selection) in selections.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        let nested = match selection {
            Selection::Field {
                name,
                arguments,
                selections,
            } => {
                text.push_str(name);
                write_arguments(text, arguments);
                selections
            }
            Selection::On {
                condition,
                selections,
            } => {
                text.push_str("...");
                if let Some(condition) = condition {
                    // Writing to a String cannot fail.
                    let _ = write!(text, " on {condition}");
                }
                selections
            }
        };
        if !nested.is_empty() {
            text.push_str(" { ");
            write_selections(text, nested);
            text.push_str(" }");
        }
    }
}

fn write_arguments(text: &mut String, arguments: &[(String, Node<Value>)]) {
    for (index, (name, value)) in arguments.iter().enumerate() {
        let before = if index == 0 { "(" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{before}{name}: {}", value.serialize().no_indent());
    }
    if !arguments.is_empty() {
        text.push(')');
    }
}

/// A field that a walk over a field set came by.
pub(crate) struct Visited<'a> {
    pub(crate) parent: &'a TypeDef,
    pub(crate) field: &'a Field,
    pub(crate) has_arguments: bool,
    pub(crate) is_leaf: bool,
    /// This field or one above it is `@external`.
    pub(crate) external: bool,
}

/// Walks a field set over a type. Calls back for every field; gives what does not fit the schema.
pub(crate) fn walk<'a>(
    subgraph: &'a Subgraph,
    parent: &'a TypeDef,
    selections: &[Selection],
    visit: &mut dyn FnMut(&Visited<'a>),
) -> Vec<String> {
    let mut walk = Walk {
        subgraph,
        visit,
        problems: Vec::new(),
    };
    walk.selections(parent, selections, false);
    walk.problems
}

/// An interface field counts as external where all its implementations are.
pub(super) fn is_external(subgraph: &Subgraph, parent: &TypeDef, field: &Field) -> bool {
    if !matches!(parent.body, super::model::Body::Interface(_)) {
        return field.external;
    }
    let possible = subgraph.possible_types(&parent.name);
    !possible.is_empty()
        && possible.iter().all(|name| {
            let found = subgraph.ty(name).and_then(|ty| ty.field(&field.name));
            found.is_some_and(|field| field.external)
        })
}

struct Walk<'a, 'v> {
    subgraph: &'a Subgraph,
    visit: &'v mut dyn FnMut(&Visited<'a>),
    problems: Vec<String>,
}

impl<'a> Walk<'a, '_> {
    fn selections(&mut self, parent: &'a TypeDef, selections: &[Selection], external: bool) {
        for selection in selections {
            match selection {
                Selection::Field { name, .. } if name == "__typename" => {}
                Selection::Field {
                    name,
                    arguments,
                    selections,
                } => match parent.field(name) {
                    Some(field) => {
                        let names = arguments.iter().map(|(name, _)| name.as_str());
                        self.check_arguments(parent, field, &names.collect::<Vec<_>>());
                        self.field(parent, field, selections, external, !arguments.is_empty());
                    }
                    None => self.problems.push(format!(
                        "type `{}` has no field `{name}` in this subgraph",
                        parent.name
                    )),
                },
                Selection::On {
                    condition,
                    selections,
                } => {
                    self.condition(parent, condition.as_deref(), selections, external);
                }
            }
        }
    }

    fn field(
        &mut self,
        parent: &'a TypeDef,
        field: &'a Field,
        selections: &[Selection],
        external: bool,
        has_arguments: bool,
    ) {
        let external = external || is_external(self.subgraph, parent, field);
        let target = self.subgraph.ty(field.ty.inner_named_type());
        let target = target.filter(|target| target.is_composite());
        let is_leaf = selections.is_empty();
        (self.visit)(&Visited {
            parent,
            field,
            has_arguments,
            is_leaf,
            external,
        });
        match (target, is_leaf) {
            (Some(target), false) => self.selections(target, selections, external),
            (Some(_), true) => self.problems.push(format!(
                "field `{}.{}` needs a selection of fields in braces",
                parent.name, field.name
            )),
            (None, false) => self.problems.push(format!(
                "field `{}.{}` has no fields to select",
                parent.name, field.name
            )),
            (None, true) => {}
        }
    }

    fn check_arguments(&mut self, parent: &TypeDef, field: &Field, given: &[&str]) {
        let at = format!("{}.{}", parent.name, field.name);
        for name in given {
            if !field.arguments.contains_key(*name) {
                self.problems
                    .push(format!("field `{at}` has no argument `{name}`"));
            }
        }
        for argument in field
            .arguments
            .values()
            .filter(|argument| argument.is_required())
        {
            if !given.contains(&argument.name.as_str()) {
                let name = &argument.name;
                self.problems
                    .push(format!("field `{at}` needs its argument `{name}`"));
            }
        }
    }

    fn condition(
        &mut self,
        parent: &'a TypeDef,
        condition: Option<&str>,
        selections: &[Selection],
        external: bool,
    ) {
        let Some(name) = condition else {
            self.selections(parent, selections, external);
            return;
        };
        match self
            .subgraph
            .ty(name)
            .filter(|target| target.is_composite())
        {
            Some(target) => {
                let here = self.subgraph.possible_types(&parent.name);
                if here.is_disjoint(&self.subgraph.possible_types(name)) {
                    let parent = &parent.name;
                    self.problems
                        .push(format!("a `{parent}` can never be a `{name}`"));
                }
                self.selections(target, selections, external);
            }
            None => self
                .problems
                .push(format!("there is no type `{name}` with fields")),
        }
    }
}
