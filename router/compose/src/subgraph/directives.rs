//! Reading the directives of a subgraph's schema into the model.

use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::ast::{Directive, DirectiveLocation};
use apollo_compiler::schema::ComponentOrigin;
use apollo_compiler::{Node, ast};

use super::build::Builder;
use super::fieldset::{self, FieldSet, FieldSetError};
use super::metadata::{self, Application};
use super::model::{DEFAULT_REASON, DirectiveDef, Key, Notes};
use super::spec::Meaning;
use crate::code;

/// The codes for the three directives that carry field sets.
pub(super) struct FieldSetCodes {
    directive: &'static str,
    not_a_string: &'static str,
    invalid: &'static str,
    has_directive: &'static str,
}

const KEY: FieldSetCodes = FieldSetCodes {
    directive: "@key",
    not_a_string: code::KEY_INVALID_FIELDS_TYPE,
    invalid: code::KEY_INVALID_FIELDS,
    has_directive: code::KEY_DIRECTIVE_IN_FIELDS_ARG,
};
pub(super) const REQUIRES: FieldSetCodes = FieldSetCodes {
    directive: "@requires",
    not_a_string: code::REQUIRES_INVALID_FIELDS_TYPE,
    invalid: code::REQUIRES_INVALID_FIELDS,
    has_directive: code::REQUIRES_DIRECTIVE_IN_FIELDS_ARG,
};
pub(super) const PROVIDES: FieldSetCodes = FieldSetCodes {
    directive: "@provides",
    not_a_string: code::PROVIDES_INVALID_FIELDS_TYPE,
    invalid: code::PROVIDES_INVALID_FIELDS,
    has_directive: code::PROVIDES_DIRECTIVE_IN_FIELDS_ARG,
};

impl Builder<'_> {
    /// The directives that clients may write in operations.
    pub(crate) fn executable_directives(&self) -> BTreeMap<String, DirectiveDef> {
        let own = self
            .schema
            .directive_definitions
            .iter()
            .filter(|(name, _)| {
                // The supergraph has these however the other subgraphs define them.
                !self.links.composed.contains_key(name.as_str())
            });
        own.filter(|(_, definition)| !definition.is_built_in())
            .map(|(name, definition)| (name.to_string(), self.directive(definition, is_executable)))
            .filter(|(_, directive)| !directive.locations.is_empty())
            .collect()
    }

    /// The directives that `@composeDirective` names.
    pub(crate) fn composed_directives(&self) -> BTreeMap<String, DirectiveDef> {
        let definition = |name: &str| self.schema.directive_definitions.get(name);
        let names = self.links.composed.keys();
        names
            .filter_map(|name| Some((name.clone(), self.directive(definition(name)?, |_| true))))
            .collect()
    }

    fn directive(
        &self,
        definition: &ast::DirectiveDefinition,
        keep: fn(DirectiveLocation) -> bool,
    ) -> DirectiveDef {
        let locations = definition.locations.iter().copied();
        let mut locations: Vec<_> = locations.filter(|at| keep(*at)).collect();
        locations.sort_by_key(|location| location.name());
        locations.dedup();
        let arguments = definition.arguments.iter();
        let arguments = arguments.map(|input| (input.name.to_string(), self.input(input)));
        DirectiveDef {
            place: self.places.name(&definition.name),
            description: definition.description.as_ref().map(ToString::to_string),
            arguments: arguments.collect(),
            repeatable: definition.repeatable,
            locations,
        }
    }

    /// What is said of the schema itself.
    pub(crate) fn schema_notes(&self) -> Notes {
        let directives = self.schema.schema_definition.directives.iter();
        self.notes(directives.map(|directive| &directive.node))
    }

    pub(super) fn notes<'d>(&self, directives: impl Iterator<Item = &'d Node<Directive>>) -> Notes {
        let mut notes = Notes::default();
        let text = |directive: &Node<Directive>, name: &str| {
            directive
                .specified_argument_by_name(name)?
                .as_str()
                .map(str::to_owned)
        };
        for directive in directives {
            match (self.meaning(directive), directive.name.as_str()) {
                (Some(Meaning::Tag), _) => notes.tags.extend(text(directive, "name")),
                (Some(Meaning::Inaccessible), _) => notes.inaccessible = true,
                (Some(Meaning::Authenticated), _) => notes.access.authenticated = true,
                (Some(Meaning::RequiresScopes), _) => {
                    notes.access.scopes = metadata::conditions(directive, "scopes");
                }
                (Some(Meaning::Policy), _) => {
                    notes.access.policies = metadata::conditions(directive, "policies");
                }
                (Some(Meaning::Cost), _) => {
                    let weight = directive.specified_argument_by_name("weight");
                    notes.cost = weight.and_then(|weight| weight.to_i32());
                }
                (Some(Meaning::ListSize), _) => {
                    notes.list_size = Some(metadata::list_size(directive));
                }
                (Some(Meaning::CacheTag), _) => {
                    let format = text(directive, "format");
                    notes
                        .cache_tags
                        .extend(format.map(|format| (format, BTreeSet::new())));
                }
                (None, "deprecated") => {
                    let reason = text(directive, "reason");
                    notes.deprecated = Some(reason.unwrap_or_else(|| DEFAULT_REASON.to_owned()));
                }
                (None, "specifiedBy") => notes.specified_by = text(directive, "url"),
                (None, "oneOf") => notes.one_of = true,
                (None, name) if self.links.composed.contains_key(name) => {
                    let definition = self.schema.directive_definitions.get(name);
                    let application = definition.map(|def| Application::read(directive, def));
                    notes.custom.extend(application);
                }
                _ => {}
            }
        }
        notes
    }

    pub(super) fn keys(
        &mut self,
        directives: &apollo_compiler::schema::DirectiveList,
        has_extends: bool,
    ) -> Vec<Key> {
        let mut keys = Vec::new();
        for directive in directives.iter() {
            if self.meaning(directive) != Some(Meaning::Key) {
                continue;
            }
            let Some(fields) = self.field_set(&directive.node, &KEY) else {
                continue;
            };
            let resolvable = directive.specified_argument_by_name("resolvable");
            keys.push(Key {
                fields,
                resolvable: resolvable.and_then(|value| value.to_bool()).unwrap_or(true),
                extension: has_extends
                    || (directive.origin != ComponentOrigin::Definition && !self.links.federation1),
            });
        }
        keys
    }

    pub(super) fn one_field_set(
        &mut self,
        directives: &ast::DirectiveList,
        meaning: Meaning,
        codes: &FieldSetCodes,
    ) -> Option<FieldSet> {
        let directive = directives
            .iter()
            .find(|d| self.meaning(d) == Some(meaning))?;
        self.field_set(directive, codes)
    }

    /// Federation 1 also took lists of strings, and bare names.
    fn field_set_text(&self, value: &ast::Value) -> Option<String> {
        match value {
            ast::Value::String(text) => Some(text.clone()),
            ast::Value::Enum(name) if self.links.federation1 => Some(name.to_string()),
            ast::Value::List(items) if self.links.federation1 => {
                let texts = items.iter().map(|item| self.field_set_text(item));
                Some(texts.collect::<Option<Vec<_>>>()?.join(" "))
            }
            _ => None,
        }
    }

    fn field_set(
        &mut self,
        directive: &Node<Directive>,
        codes: &FieldSetCodes,
    ) -> Option<FieldSet> {
        let place = self.places.directive(directive);
        let value = directive.specified_argument_by_name("fields");
        let text = value.and_then(|value| self.field_set_text(value));
        let name = codes.directive;
        let (code, message) = match fieldset::parse(text.as_deref(), place) {
            Ok(fields) => return Some(fields),
            Err(FieldSetError::NotAString) => (
                codes.not_a_string,
                format!("The `fields` of `{name}` must be a string, like \"id\"."),
            ),
            Err(FieldSetError::Directive) => (
                codes.has_directive,
                format!("The `fields` of `{name}` must not apply directives. Remove them."),
            ),
            Err(FieldSetError::Invalid(problem)) => (
                codes.invalid,
                format!(
                    "The `fields` of `{name}` cannot be read: {problem}. Write field names \
                     separated by spaces, like \"id owner {{ id }}\"."
                ),
            ),
        };
        self.report
            .error(code, message, vec![place.within(self.subgraph)]);
        None
    }
}

/// Whether clients may write a directive with this location in an operation.
fn is_executable(location: DirectiveLocation) -> bool {
    matches!(
        location,
        DirectiveLocation::Query
            | DirectiveLocation::Mutation
            | DirectiveLocation::Subscription
            | DirectiveLocation::Field
            | DirectiveLocation::FragmentDefinition
            | DirectiveLocation::FragmentSpread
            | DirectiveLocation::InlineFragment
            | DirectiveLocation::VariableDefinition
    )
}
