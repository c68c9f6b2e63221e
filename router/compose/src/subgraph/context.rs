//! `@context` and `@fromContext`: values that the router takes from an object further up in the
//! query and gives as arguments.

use apollo_compiler::Node;
use apollo_compiler::ast::{InputValueDefinition, Type};
use apollo_compiler::collections::IndexMap;

use super::build::Builder;
use super::fieldset::{self, FieldSetError, Selection};
use super::model::{ContextValue, Field, InputValue, Kind, Subgraph, TypeDef};
use super::spec::Meaning;
use crate::code;
use crate::diagnostic::{Place, Report};

impl Builder<'_> {
    /// The names of the `@context`s of a type.
    pub(super) fn contexts(
        &mut self,
        directives: &apollo_compiler::schema::DirectiveList,
    ) -> IndexMap<String, Place> {
        let mut contexts = IndexMap::default();
        for directive in directives.iter() {
            if self.meaning(directive) != Some(Meaning::Context) {
                continue;
            }
            let place = self.places.directive(directive);
            let name = directive.specified_argument_by_name("name");
            let Some(name) = name.and_then(|name| name.as_str()) else {
                continue;
            };
            let mut letters = name.chars();
            if !letters
                .next()
                .is_some_and(|first| first.is_ascii_alphabetic())
                || !letters.all(|letter| letter.is_ascii_alphanumeric())
            {
                let message = format!(
                    "\"{name}\" is not a name for a `@context`. Use letters and digits, beginning \
                     with a letter."
                );
                let at = vec![place.within(self.subgraph)];
                self.report.error(code::CONTEXT_NAME_INVALID, message, at);
            }
            contexts.insert(name.to_owned(), place);
        }
        contexts
    }

    /// Contexts exist where fields are resolved, not where directives are applied.
    pub(crate) fn refuse_contextual_directives(&mut self) {
        let schema = self.schema;
        for (name, definition) in &schema.directive_definitions {
            for argument in &definition.arguments {
                let mut directives = argument.directives.iter();
                if directives.all(|d| self.meaning(d) != Some(Meaning::FromContext)) {
                    continue;
                }
                let message = format!(
                    "`@fromContext` on the argument `{}` of the directive `@{name}` is not \
                     possible. Only arguments of fields can have it.",
                    argument.name
                );
                let place = self.places.element(&argument.name, argument.location());
                let at = vec![place.within(self.subgraph)];
                self.report.error(code::CONTEXT_NOT_SET, message, at);
            }
        }
    }

    /// The `@fromContext` of an argument.
    pub(super) fn read_from_context(
        &mut self,
        argument: &Node<InputValueDefinition>,
    ) -> Option<ContextValue> {
        let mut directives = argument.directives.iter();
        let directive = directives.find(|d| self.meaning(d) == Some(Meaning::FromContext))?;
        let place = self.places.directive(directive);
        let value = directive.specified_argument_by_name("field");
        let text = value.and_then(|value| value.as_str()).unwrap_or_default();
        let mut refuse = |code: &'static str, problem: &str| {
            let message = format!(
                "The `@fromContext` of the argument `{}` {problem}. Write it like \
                 `@fromContext(field: \"$name {{ field }}\")`.",
                argument.name
            );
            self.report
                .error(code, message, vec![place.within(self.subgraph)]);
        };
        let Some((context, selection)) = split(text) else {
            refuse(code::NO_CONTEXT_IN_SELECTION, "does not name a context");
            return None;
        };
        if selection.is_empty() {
            refuse(code::NO_CONTEXT_IN_SELECTION, "does not select a field");
            return None;
        }
        let problem = match fieldset::parse(Some(selection), place) {
            Ok(fields) => {
                return Some(ContextValue {
                    context: context.to_owned(),
                    fields,
                });
            }
            Err(FieldSetError::Directive) => "applies a directive".to_owned(),
            Err(FieldSetError::Invalid(problem)) => format!("cannot be read: {problem}"),
            Err(FieldSetError::NotAString) => "is not a string".to_owned(),
        };
        refuse(code::CONTEXT_INVALID_SELECTION, &problem);
        None
    }
}

/// Splits `$name selection`.
fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start().strip_prefix('$')?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (name, selection) = rest.split_at(end.unwrap_or(rest.len()));
    (!name.is_empty()).then_some((name, selection.trim()))
}

/// Checks every contextual argument of a subgraph.
pub(super) fn check(subgraph: &Subgraph, report: &mut Report) {
    for ty in subgraph.types.values() {
        for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
            for argument in field.arguments.values() {
                if let Some(value) = &argument.from_context {
                    let mut checker = Checker {
                        subgraph,
                        coordinate: format!("{}.{}({}:)", ty.name, field.name, argument.name),
                        value,
                        report,
                    };
                    checker.place(ty, field, argument);
                    checker.value(argument);
                }
            }
        }
    }
}

struct Checker<'a> {
    subgraph: &'a Subgraph,
    coordinate: String,
    value: &'a ContextValue,
    report: &'a mut Report,
}

impl Checker<'_> {
    fn error(&mut self, code: &'static str, message: String) {
        let at = vec![self.subgraph.at(self.value.fields.place)];
        self.report.error(code, message, at);
    }

    /// Whether the argument may be contextual at all.
    fn place(&mut self, ty: &TypeDef, field: &Field, argument: &InputValue) {
        let coordinate = self.coordinate.clone();
        if ty.kind() == Kind::Interface {
            let message = format!(
                "`@fromContext` on `{coordinate}` of an interface is not possible. Put it on the \
                 fields of the implementing types."
            );
            self.error(code::CONTEXT_NOT_SET, message);
            return;
        }
        let mut interfaces = ty
            .implements
            .keys()
            .filter_map(|name| self.subgraph.ty(name));
        let has_field = |interface: &&TypeDef| interface.field(&field.name).is_some();
        if let Some(interface) = interfaces.find(has_field) {
            let message = format!(
                "`@fromContext` on `{coordinate}` is not possible: the field implements the one of \
                 the interface `{}`. Use another field.",
                interface.name
            );
            self.error(code::CONTEXT_NOT_SET, message);
        }
        if argument.default.is_some() {
            let message = format!(
                "`{coordinate}` has `@fromContext` and a default value. Remove the default value: \
                 the router always gives one."
            );
            self.error(code::CONTEXT_NOT_SET, message);
        }
        if !ty.keys.iter().any(|key| key.resolvable) {
            let message = format!(
                "`{coordinate}` has `@fromContext`, so the router must be able to ask for a `{}` \
                 again. Add a `@key` to it in subgraph `{}`.",
                ty.name, self.subgraph.name
            );
            self.error(code::CONTEXT_NO_RESOLVABLE_KEY, message);
        }
    }

    /// Whether every type that sets the context has one value for the argument.
    fn value(&mut self, argument: &InputValue) {
        let types = self.subgraph.types.values();
        let setting = types.filter(|ty| ty.contexts.contains_key(&self.value.context));
        let setting: Vec<&TypeDef> = setting.collect();
        if setting.is_empty() {
            let message = format!(
                "`{}` takes its value from the context \"{}\", which no type of subgraph `{}` \
                 sets. Add `@context(name: \"{}\")` to the type it comes from.",
                self.coordinate, self.value.context, self.subgraph.name, self.value.context
            );
            self.error(code::CONTEXT_NOT_SET, message);
        }
        for ty in setting {
            self.value_of(ty, argument);
        }
    }

    fn value_of(&mut self, ty: &TypeDef, argument: &InputValue) {
        let selections = &self.value.fields.selections;
        let has_conditions = selections
            .iter()
            .any(|one| matches!(one, Selection::On { .. }));
        let problem = if has_conditions {
            let possible = self.subgraph.possible_types(&ty.name);
            let possible = possible
                .into_iter()
                .filter_map(|name| self.subgraph.ty(name));
            let problems = possible.map(|object| match self.of_type(object, selections) {
                Some(inner) => self.problem(object, inner, argument),
                None => Some(format!("no condition holds for `{}`", object.name)),
            });
            problems.flatten().next()
        } else {
            self.problem(ty, selections, argument)
        };
        if let Some(problem) = problem {
            let message = format!(
                "`{}` selects \"{}\" from the context \"{}\", but {problem}. It must select one \
                 field of every type that sets the context, and the argument must have that \
                 field's type without any `!`, because there may be no value.",
                self.coordinate, self.value.fields.text, self.value.context
            );
            self.error(code::CONTEXT_INVALID_SELECTION, message);
        }
    }

    /// What is selected of an object type.
    fn of_type<'s>(&self, ty: &TypeDef, selections: &'s [Selection]) -> Option<&'s [Selection]> {
        selections.iter().find_map(|selection| match selection {
            Selection::On {
                condition: Some(condition),
                selections,
            } if *condition == ty.name
                || self
                    .subgraph
                    .possible_types(condition)
                    .contains(ty.name.as_str()) =>
            {
                Some(selections.as_slice())
            }
            _ => None,
        })
    }

    /// Why selections do not lead to one value for the argument.
    fn problem<'s>(
        &'s self,
        mut ty: &'s TypeDef,
        mut selections: &'s [Selection],
        argument: &InputValue,
    ) -> Option<String> {
        let mut lists = 0;
        loop {
            let [selection] = selections else {
                return Some(format!("of `{}` it selects several fields", ty.name));
            };
            let Selection::Field {
                name,
                selections: inner,
                ..
            } = selection
            else {
                return Some(format!("it has a condition inside `{}`", ty.name));
            };
            if name == "__typename" {
                return unlike(
                    &Type::Named(apollo_compiler::name!("String")),
                    lists,
                    &argument.ty,
                );
            }
            let Some(field) = ty.field(name) else {
                return Some(format!("`{}` has no field `{name}`", ty.name));
            };
            let target = self.subgraph.ty(field.ty.inner_named_type());
            let target = target.filter(|target| target.is_composite());
            match (target, inner.as_slice()) {
                (None, []) => return unlike(&field.ty, lists, &argument.ty),
                (Some(target), [_, ..]) => {
                    lists += depth(&field.ty);
                    (ty, selections) = (target, inner);
                }
                (Some(target), []) => {
                    return Some(format!("`{}.{name}` is a `{}`", ty.name, target.name));
                }
                (None, _) => return Some(format!("`{}.{name}` has no fields", ty.name)),
            }
        }
    }
}

/// How many lists a type is nested in.
fn depth(ty: &Type) -> usize {
    match ty {
        Type::Named(_) | Type::NonNullNamed(_) => 0,
        Type::List(inner) | Type::NonNullList(inner) => 1 + depth(inner),
    }
}

/// What the value is, if the argument is not just that: there may be none, on every level.
fn unlike(field: &Type, lists: usize, argument: &Type) -> Option<String> {
    let mut expected = Type::Named(field.inner_named_type().clone());
    for _ in 0..lists + depth(field) {
        expected = expected.list();
    }
    (expected != *argument)
        .then(|| format!("the value is `{expected}` and the argument `{argument}`"))
}
