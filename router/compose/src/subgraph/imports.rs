//! The `import` of a `@link`, and links to specifications that are not Apollo's.

use apollo_compiler::Node;
use apollo_compiler::ast::{Directive, Value};

use super::link::{Links, Reader, Url};
use super::spec;
use crate::code;
use crate::diagnostic::Place;

/// A `@link` to a specification that is not Apollo's.
#[derive(Debug, Clone)]
pub(crate) struct ForeignLink {
    /// The url without its version.
    pub(crate) identity: String,
    pub(crate) version: (u32, u32),
    /// What the specification is called here; prefix of what is not imported.
    pub(crate) alias: String,
    /// The specification's own name, the last part of its identity.
    pub(crate) name: String,
    /// `SECURITY` or `EXECUTION`.
    pub(crate) purpose: Option<String>,
    /// From the specification's name to the local one, both with the `@` of directives.
    pub(crate) imports: Vec<(String, String)>,
    pub(crate) place: Place,
}

impl ForeignLink {
    /// What the specification calls the directive of that local name, if it is one of its own.
    pub(crate) fn directive(&self, local: &str) -> Option<String> {
        let imported = self
            .imports
            .iter()
            .find(|(_, name)| name.strip_prefix('@') == Some(local));
        if let Some((name, _)) = imported {
            return Some(name.trim_start_matches('@').to_owned());
        }
        let rest = local.strip_prefix(self.alias.as_str())?;
        if rest.is_empty() {
            return Some(self.name.clone());
        }
        rest.strip_prefix("__").map(str::to_owned)
    }
}

impl Reader<'_> {
    /// Keeps a link to a foreign specification. It may be ignored unless it says that this is
    /// dangerous, or `@composeDirective` names a directive of it.
    pub(super) fn read_foreign(
        &mut self,
        directive: &Node<Directive>,
        (url, version): (&Url<'_>, (u32, u32)),
        alias: &str,
        links: &mut Links,
    ) {
        let purpose = directive
            .specified_argument_by_name("for")
            .and_then(|value| value.as_enum())
            .map(ToString::to_string);
        let mut imports = Vec::new();
        for item in self.import_items(directive) {
            imports.extend(self.import_item(directive, item));
        }
        links.foreign.push(ForeignLink {
            identity: url.identity.to_owned(),
            version,
            alias: alias.to_owned(),
            name: url.name.to_owned(),
            purpose,
            imports,
            place: self.place(directive),
        });
    }

    pub(super) fn read_imports(
        &mut self,
        directive: &Node<Directive>,
        is_part: &dyn Fn(&str, u32) -> bool,
        alias: &str,
        links: &mut Links,
    ) {
        for item in self.import_items(directive) {
            if let Some((name, local)) = self.import_item(directive, item) {
                self.import(directive, (&name, &local), is_part, (alias, links));
            }
        }
    }

    fn import_items<'d>(&mut self, directive: &'d Node<Directive>) -> &'d [Node<Value>] {
        let Some(value) = directive.specified_argument_by_name("import") else {
            return &[];
        };
        let items = value.as_list();
        if items.is_none() && !value.is_null() {
            let message = "The `import` of a `@link` must be a list of names.".to_owned();
            self.error(code::INVALID_LINK_DIRECTIVE_USAGE, directive, message);
        }
        items.unwrap_or_default()
    }

    /// The name that an import item brings and what it is called here.
    fn import_item(
        &mut self,
        directive: &Node<Directive>,
        item: &Node<Value>,
    ) -> Option<(String, String)> {
        let found = import_of(item);
        if found.is_none() {
            let message = format!(
                "`{item}` cannot be imported. Write \"@name\" or {{name: \"@name\", as: \
                 \"@other\"}}."
            );
            self.error(code::INVALID_LINK_DIRECTIVE_USAGE, directive, message);
        }
        found
    }

    fn import(
        &mut self,
        directive: &Node<Directive>,
        (name, local): (&str, &str),
        is_part: &dyn Fn(&str, u32) -> bool,
        (alias, links): (&str, &mut Links),
    ) {
        let known = match name.strip_prefix('@') {
            Some(bare) => spec::directive(bare)
                .filter(|found| is_part(bare, found.since))
                .map(|found| {
                    let local = local.trim_start_matches('@').to_owned();
                    links.directives.remove(&format!("{alias}__{bare}"));
                    links.directives.insert(local, found);
                }),
            None => spec::SPEC_TYPES
                .iter()
                .find(|found| **found == name && is_part(name, 0))
                .map(|found| {
                    links.types.insert(found, local.to_owned());
                }),
        };
        if known.is_none() {
            let newer = spec::directive(name.trim_start_matches('@'));
            let advice = newer.map_or_else(
                || "Remove it from `import`.".to_owned(),
                |newer| format!("It needs federation v2.{}: link that.", newer.since),
            );
            let message = format!("`{name}` is not part of the linked specification. {advice}");
            self.error(code::INVALID_LINK_DIRECTIVE_USAGE, directive, message);
        }
    }
}

fn import_of(item: &Node<Value>) -> Option<(String, String)> {
    if let Some(name) = item.as_str() {
        return Some((name.to_owned(), name.to_owned()));
    }
    let fields = item.as_object()?;
    let find = |key: &str| {
        let field = fields.iter().find(|(name, _)| name.as_str() == key);
        field
            .and_then(|(_, value)| value.as_str())
            .map(str::to_owned)
    };
    let name = find("name")?;
    let local = find("as").unwrap_or_else(|| name.clone());
    (name.starts_with('@') == local.starts_with('@')).then_some((name, local))
}

impl Links {
    /// The foreign specification that a directive belongs to, and what that calls it.
    pub(crate) fn foreign_directive(&self, local: &str) -> Option<(&ForeignLink, String)> {
        self.foreign
            .iter()
            .find_map(|link| Some((link, link.directive(local)?)))
    }
}
