//! `@composeDirective`: which of a schema's own directives the supergraph keeps.

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Directive};

use super::link::{Links, Reader, schema_directives, text};
use super::spec::Meaning;
use crate::code;

/// Directives of GraphQL itself.
const BUILT_IN: &[&str] = &["skip", "include", "deprecated", "specifiedBy", "oneOf"];

impl Reader<'_> {
    /// Reads every `@composeDirective`, whose names must be those of linked directives.
    pub(super) fn read_composed(&mut self, links: &mut Links) {
        for directive in schema_directives(self.document) {
            if links.meaning(&directive.name) == Some(Meaning::ComposeDirective) {
                self.read_one(directive, links);
            }
        }
    }

    fn read_one(&mut self, directive: &Node<Directive>, links: &mut Links) {
        let argument = directive.specified_argument_by_name("name");
        if argument.is_some_and(|value| !value.is_null() && value.as_str().is_none()) {
            // That the value is of the wrong type is said elsewhere.
            return;
        }
        let given = text(directive, "name").unwrap_or_default();
        let Some(name) = given.strip_prefix('@').filter(|name| !name.is_empty()) else {
            let message = format!(
                "`@composeDirective` in subgraph `{}` needs the name of a directive with its `@`, \
                 but has `{given}`. Write `@composeDirective(name: \"@myDirective\")`.",
                self.subgraph
            );
            self.refuse(directive, message);
            return;
        };
        if let Some(known) = links.directives.get(name) {
            if is_composed_by_default(known.meaning) {
                let message = format!(
                    "`@{name}` is in the supergraph without `@composeDirective`. Remove that from \
                     subgraph `{}`.",
                    self.subgraph
                );
                let at = vec![self.place(directive).within(self.subgraph)];
                self.report
                    .info(code::DIRECTIVE_COMPOSITION_INFO, message, at);
            } else {
                let message = format!(
                    "`@{name}` belongs to federation and cannot be kept by `@composeDirective`. \
                     Remove that from subgraph `{}`.",
                    self.subgraph
                );
                self.refuse(directive, message);
            }
            return;
        }
        if BUILT_IN.contains(&name) && links.foreign_directive(name).is_some() {
            // The supergraph has it anyway.
            return;
        }
        if BUILT_IN.contains(&name) {
            let message = format!(
                "`@{name}` is built into GraphQL and cannot be kept by `@composeDirective`. Remove \
                 that from subgraph `{}`.",
                self.subgraph
            );
            self.refuse(directive, message);
            return;
        }
        if !self.defines(name) {
            let message = format!(
                "`@composeDirective` names `@{name}`, which subgraph `{}` does not define. Add a \
                 `directive @{name}` or correct the name.",
                self.subgraph
            );
            self.refuse(directive, message);
            return;
        }
        if links.foreign_directive(name).is_none() {
            let message = format!(
                "`@composeDirective` names `@{name}`, which subgraph `{}` does not import by a \
                 `@link`. Add `@link(url: \"https://example.com/{name}/v1.0\", import: \
                 [\"@{name}\"])` with the url of your specification.",
                self.subgraph
            );
            self.refuse(directive, message);
            return;
        }
        let place = self.place(directive);
        links.composed.insert(name.to_owned(), place);
    }

    fn refuse(&mut self, directive: &Node<Directive>, message: String) {
        let at = vec![self.place(directive).within(self.subgraph)];
        self.report
            .error(code::DIRECTIVE_COMPOSITION_ERROR, message, at);
    }

    pub(super) fn defines(&self, name: &str) -> bool {
        self.document.definitions.iter().any(|definition| {
            matches!(definition, Definition::DirectiveDefinition(own) if own.name.as_str() == name)
        })
    }
}

/// Whether the supergraph has the directive anyway.
fn is_composed_by_default(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Tag
            | Meaning::Inaccessible
            | Meaning::Authenticated
            | Meaning::RequiresScopes
            | Meaning::Policy
            | Meaning::Cost
            | Meaning::ListSize
            | Meaning::CacheTag
    )
}
