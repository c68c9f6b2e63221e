//! `@link`: which specifications a schema uses and what it calls their directives.

use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Directive, Document, Value};

use super::parse::{each_directive, place_of_span};
use super::spec::{self, FederationDirective, Meaning};
use crate::code;
use crate::diagnostic::{Report, SourceLocation};

const APOLLO_SPECS: &str = "https://specs.apollo.dev/";

/// The names a schema uses for the things of the federation specification.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// The schema has no `@link` to federation: its directives have their federation 1 meaning.
    pub(crate) federation1: bool,
    /// Minor version of federation 2.
    pub(crate) minor: u32,
    /// What `@link` itself is called.
    pub(crate) link_name: String,
    /// From the local name of a directive, without the `@`.
    pub(crate) directives: BTreeMap<String, &'static FederationDirective>,
    /// From the specification's name of a type to the local one.
    types: BTreeMap<&'static str, String>,
    /// Prefixes of linked specifications; their types are not part of the API.
    pub(crate) prefixes: BTreeSet<String>,
}

impl Links {
    /// What a directive of that local name means, if it is a federation directive.
    pub(crate) fn meaning(&self, local: &str) -> Option<Meaning> {
        self.directives
            .get(local)
            .map(|directive| directive.meaning)
    }

    /// The local name of a type of the specification.
    pub(crate) fn type_name(&self, name: &str) -> String {
        let default = || format!("federation__{name}");
        self.types.get(name).cloned().unwrap_or_else(default)
    }
}

struct Reader<'a> {
    document: &'a Document,
    subgraph: &'a str,
    report: &'a mut Report,
    /// No link was wrong.
    certain: bool,
}

/// Reads all `@link` applications and refuses what is unknown or unsupported.
/// Gives nothing when what the names in the schema mean is not certain.
pub(crate) fn read(document: &Document, subgraph: &str, report: &mut Report) -> Option<Links> {
    let mut reader = Reader {
        document,
        subgraph,
        report,
        certain: true,
    };
    let mut links = Links {
        federation1: true,
        link_name: "link".to_owned(),
        ..Links::default()
    };
    let applications = schema_directives(document);
    for directive in &applications {
        let is_link_spec = text(directive, "url")
            .and_then(split_url)
            .is_some_and(|url| url.identity == "https://specs.apollo.dev/link");
        if is_link_spec && let Some(alias) = text(directive, "as") {
            alias.clone_into(&mut links.link_name);
        }
    }
    links.prefixes.insert(links.link_name.clone());
    for directive in &applications {
        if directive.name.as_str() == links.link_name {
            reader.read_link(directive, &mut links);
        }
    }
    if links.federation1 {
        for name in spec::FEDERATION_1 {
            if let Some(directive) = spec::directive(name) {
                links
                    .directives
                    .entry((*name).to_owned())
                    .or_insert(directive);
            }
        }
        links.types.insert("FieldSet", "_FieldSet".to_owned());
    }
    reader.refuse_unsupported(&links);
    reader.certain.then_some(links)
}

/// The directives applied to the schema, by definition or extension.
fn schema_directives(document: &Document) -> Vec<&Node<Directive>> {
    let on_schema = |definition: &&Definition| {
        matches!(
            definition,
            Definition::SchemaDefinition(_) | Definition::SchemaExtension(_)
        )
    };
    let schemas = document.definitions.iter().filter(on_schema);
    schemas
        .flat_map(|definition| definition.directives().iter())
        .collect()
}

struct Url<'a> {
    identity: &'a str,
    name: &'a str,
    version: Option<(u32, u32)>,
}

/// Splits `https://host/path/name/v1.2` into identity, name and version.
fn split_url(url: &str) -> Option<Url<'_>> {
    let url = url.trim_end_matches('/');
    let (head, last) = url.rsplit_once('/')?;
    let Some((major, minor)) = last.strip_prefix('v').and_then(|rest| rest.split_once('.')) else {
        return Some(Url {
            identity: url,
            name: last,
            version: None,
        });
    };
    let version = major.parse().ok().zip(minor.parse().ok());
    let (_, name) = head.rsplit_once('/')?;
    Some(Url {
        identity: head,
        name,
        version,
    })
}

fn text<'a>(directive: &'a Node<Directive>, argument: &str) -> Option<&'a str> {
    directive.specified_argument_by_name(argument)?.as_str()
}

impl Reader<'_> {
    fn location(&self, directive: &Node<Directive>) -> Vec<SourceLocation> {
        let place = place_of_span(directive.location(), &self.document.sources);
        vec![place.within(self.subgraph)]
    }

    fn error(&mut self, code: &'static str, directive: &Node<Directive>, message: String) {
        let location = self.location(directive);
        self.report.error(code, message, location);
        self.certain &= code == code::UNSUPPORTED_FEATURE;
    }

    fn read_link(&mut self, directive: &Node<Directive>, links: &mut Links) {
        let Some(raw) = text(directive, "url") else {
            let message = "A `@link` needs a `url` string. Write \
                `@link(url: \"https://specs.apollo.dev/federation/v2.5\", import: […])`.";
            self.error(
                code::INVALID_LINK_DIRECTIVE_USAGE,
                directive,
                message.to_owned(),
            );
            return;
        };
        let Some(url) = split_url(raw) else {
            let message = format!(
                "`{raw}` is not the url of a specification. Write it like \
                 \"https://specs.apollo.dev/federation/v2.5\"."
            );
            self.error(code::INVALID_LINK_IDENTIFIER, directive, message);
            return;
        };
        let alias = text(directive, "as").unwrap_or(url.name).to_owned();
        let Some(version) = url.version else {
            let message =
                format!("The url `{raw}` has no version. End it with one, for example `/v2.5`.");
            self.error(code::INVALID_LINK_IDENTIFIER, directive, message);
            return;
        };
        let Some(name) = url.identity.strip_prefix(APOLLO_SPECS) else {
            self.refuse_security(directive, raw);
            return;
        };
        links.prefixes.insert(alias.clone());
        match name {
            "link" => self.check_link_version(directive, version),
            "federation" if !links.federation1 => {
                let message = "The federation specification is linked twice. Put all imports into \
                    one `@link`.";
                self.error(
                    code::INVALID_LINK_DIRECTIVE_USAGE,
                    directive,
                    message.to_owned(),
                );
            }
            "federation" => self.read_federation(directive, version, &alias, links),
            "cost" => {
                for name in ["cost", "listSize"] {
                    self.add_default(name, &format!("{alias}__{name}"), links);
                }
                self.read_imports(directive, u32::MAX, &alias, links);
            }
            "tag" | "inaccessible" | "authenticated" | "requiresScopes" | "policy" => {
                self.add_default(name, &alias, links);
            }
            _ => {
                let message = format!(
                    "The specification `{raw}` is not supported. Remove this `@link` and what \
                     it brings from subgraph `{}`.",
                    self.subgraph
                );
                self.error(code::UNSUPPORTED_FEATURE, directive, message);
            }
        }
    }

    fn check_link_version(&mut self, directive: &Node<Directive>, (major, minor): (u32, u32)) {
        if (major, minor) != (1, 0) {
            let message = format!("Version v{major}.{minor} of `@link` is not known. Use v1.0.");
            self.error(code::UNKNOWN_LINK_VERSION, directive, message);
        }
    }

    /// A foreign specification may be ignored unless it says that this is dangerous.
    fn refuse_security(&mut self, directive: &Node<Directive>, url: &str) {
        let purpose = directive
            .specified_argument_by_name("for")
            .and_then(|value| value.as_enum());
        if let Some(purpose) = purpose {
            let message = format!(
                "`@link` to `{url}` says `for: {purpose}`, but this specification is unknown \
                 and must not be ignored. Remove the link or its `for`."
            );
            self.error(code::UNSUPPORTED_LINKED_FEATURE, directive, message);
        }
    }

    fn add_default(&mut self, name: &str, local: &str, links: &mut Links) {
        if let Some(directive) = spec::directive(name) {
            links.directives.insert(local.to_owned(), directive);
        }
    }

    fn read_federation(
        &mut self,
        directive: &Node<Directive>,
        version: (u32, u32),
        alias: &str,
        links: &mut Links,
    ) {
        let (major, minor) = version;
        if major != 2 || minor > spec::NEWEST_MINOR {
            let message = format!(
                "Federation v{major}.{minor} is not known. Use v2.0 to v2.{}.",
                spec::NEWEST_MINOR
            );
            self.error(code::UNKNOWN_FEDERATION_LINK_VERSION, directive, message);
        }
        links.federation1 = false;
        links.minor = minor;
        for directive in spec::DIRECTIVES
            .iter()
            .filter(|directive| directive.since <= minor)
        {
            links
                .directives
                .insert(format!("{alias}__{}", directive.name), directive);
        }
        for name in spec::SPEC_TYPES {
            links.types.insert(name, format!("{alias}__{name}"));
        }
        self.read_imports(directive, minor, alias, links);
    }

    fn read_imports(
        &mut self,
        directive: &Node<Directive>,
        minor: u32,
        alias: &str,
        links: &mut Links,
    ) {
        let Some(value) = directive.specified_argument_by_name("import") else {
            return;
        };
        let Some(items) = value.as_list() else {
            let message = "The `import` of a `@link` must be a list of names.".to_owned();
            self.error(code::INVALID_LINK_DIRECTIVE_USAGE, directive, message);
            return;
        };
        for item in items {
            match import_of(item) {
                Some((name, local)) => {
                    self.import(directive, (&name, &local), minor, (alias, links));
                }
                None => {
                    let message = format!(
                        "`{item}` cannot be imported. Write \"@name\" or {{name: \"@name\", \
                         as: \"@other\"}}."
                    );
                    self.error(code::INVALID_LINK_DIRECTIVE_USAGE, directive, message);
                }
            }
        }
    }

    fn import(
        &mut self,
        directive: &Node<Directive>,
        (name, local): (&str, &str),
        minor: u32,
        (alias, links): (&str, &mut Links),
    ) {
        let known = match name.strip_prefix('@') {
            Some(bare) => spec::directive(bare)
                .filter(|found| found.since <= minor)
                .map(|found| {
                    let local = local.trim_start_matches('@').to_owned();
                    links.directives.remove(&format!("{alias}__{bare}"));
                    links.directives.insert(local, found);
                }),
            None => spec::SPEC_TYPES
                .iter()
                .find(|found| **found == name)
                .map(|found| {
                    links.types.insert(found, local.to_owned());
                }),
        };
        if known.is_none() {
            let newer = spec::directive(name.trim_start_matches('@'));
            let advice = newer.map_or_else(
                || "Remove it from `import`.".to_owned(),
                |newer| format!("It needs federation v2.{}: raise the version.", newer.since),
            );
            let message = format!("`{name}` is not part of the linked specification. {advice}");
            self.error(code::INVALID_LINK_DIRECTIVE_USAGE, directive, message);
        }
    }

    /// Says which applied directives are known to federation but not to this composer.
    fn refuse_unsupported(&mut self, links: &Links) {
        let mut refused = Vec::new();
        each_directive(self.document, &mut |directive| {
            let Some(known) = links.directives.get(directive.name.as_str()) else {
                return;
            };
            if known.meaning == Meaning::Unsupported {
                let message = format!(
                    "`@{}` in subgraph `{}` is not supported yet. Remove it from the schema that \
                     is composed, or compose with a tool that knows it and give the router the \
                     finished supergraph.",
                    known.name, self.subgraph
                );
                refused.push((directive.clone(), message));
            }
            let label = directive.specified_argument_by_name("label");
            if known.meaning == Meaning::Override && label.is_some_and(|label| !label.is_null()) {
                let message = format!(
                    "`@override(label:)` in subgraph `{}` is not supported yet. Remove `label` to \
                     move the field at once.",
                    self.subgraph
                );
                refused.push((directive.clone(), message));
            }
        });
        for (directive, message) in refused {
            self.error(code::UNSUPPORTED_FEATURE, &directive, message);
        }
    }
}

/// The name that an import item brings and what it is called here.
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
