//! `@link`: which specifications a schema uses and what it calls their directives.

use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::Node;
use apollo_compiler::ast::{Definition, Directive, Document};

use super::imports::ForeignLink;
use super::parse::{Parsed, each_directive};
use super::spec::{self, FederationDirective, Meaning};
use crate::code;
use crate::diagnostic::{Place, Report};
use crate::sdl::Places;

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
    pub(super) types: BTreeMap<&'static str, String>,
    /// Prefixes of linked specifications; their types are not part of the API.
    pub(crate) prefixes: BTreeSet<String>,
    /// Specifications that are not Apollo's.
    pub(crate) foreign: Vec<ForeignLink>,
    /// From the specification's name of a directive to what the schema calls it where it first
    /// applies it.
    pub(crate) used: BTreeMap<&'static str, (String, Place)>,
    /// The local names of the directives that `@composeDirective` keeps, without the `@`.
    pub(crate) composed: BTreeMap<String, Place>,
}

/// The directives of the specification of costs.
const COST: [&str; 2] = ["cost", "listSize"];

/// What the names of the specification's types begin with that a schema does not import.
const DEFAULT_PREFIX: &str = "federation__";

impl Links {
    /// What a directive of that local name means, if it is a federation directive.
    pub(crate) fn meaning(&self, local: &str) -> Option<Meaning> {
        self.directives
            .get(local)
            .map(|directive| directive.meaning)
    }

    /// Whether a local name is that of a type of the specification.
    pub(crate) fn is_spec_type(&self, local: &str) -> bool {
        let by_prefix = local.strip_prefix(DEFAULT_PREFIX);
        by_prefix
            .is_some_and(|name| spec::SPEC_TYPES.contains(&name) && !self.types.contains_key(name))
            || self.types.values().any(|known| known == local)
    }

    /// The local name of a type of the specification.
    pub(crate) fn type_name(&self, name: &str) -> String {
        let default = || format!("{DEFAULT_PREFIX}{name}");
        self.types.get(name).cloned().unwrap_or_else(default)
    }
}

pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    places: &'a Places,
    pub(super) subgraph: &'a str,
    pub(super) report: &'a mut Report,
    /// No link was wrong.
    certain: bool,
    /// Links to single directives of federation.
    direct: Vec<(&'static FederationDirective, Node<Directive>)>,
}

/// Reads all `@link` applications and refuses what is unknown or unsupported.
/// Gives nothing when what the names in the schema mean is not certain.
pub(crate) fn read(parsed: &Parsed, subgraph: &str, report: &mut Report) -> Option<Links> {
    let document = &parsed.document;
    let mut reader = Reader {
        document,
        places: &parsed.places,
        subgraph,
        report,
        certain: true,
        direct: Vec::new(),
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
        let defined = spec::WHERE_DEFINED.iter();
        let defined = defined.filter(|name| reader.defines(name));
        for name in spec::FEDERATION_1.iter().chain(defined) {
            if let Some(directive) = spec::directive(name) {
                links
                    .directives
                    .entry((*name).to_owned())
                    .or_insert(directive);
            }
        }
        links.types.insert("FieldSet", "_FieldSet".to_owned());
    }
    reader.hint_upgrades(&links);
    reader.note_used(&mut links);
    reader.read_composed(&mut links);
    reader.refuse_ignored_security(&links);
    reader.certain.then_some(links)
}

/// The directives applied to the schema, by definition or extension.
pub(super) fn schema_directives(document: &Document) -> Vec<&Node<Directive>> {
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

pub(super) struct Url<'a> {
    pub(super) identity: &'a str,
    pub(super) name: &'a str,
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

pub(super) fn text<'a>(directive: &'a Node<Directive>, argument: &str) -> Option<&'a str> {
    directive.specified_argument_by_name(argument)?.as_str()
}

impl Reader<'_> {
    pub(super) fn place(&self, directive: &Node<Directive>) -> Place {
        self.places.directive(directive)
    }

    pub(super) fn error(
        &mut self,
        code: &'static str,
        directive: &Node<Directive>,
        message: String,
    ) {
        let location = vec![self.place(directive).within(self.subgraph)];
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
            self.read_foreign(directive, (&url, version), &alias, links);
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
                self.note_direct(name, directive);
                for name in COST {
                    self.add_default(name, &format!("{alias}__{name}"), links);
                }
                let is_part = |name: &str, _| COST.contains(&name);
                self.read_imports(directive, &is_part, &alias, links);
            }
            "tag" | "inaccessible" | "authenticated" | "requiresScopes" | "policy" => {
                self.note_direct(name, directive);
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

    /// A foreign specification must not be ignored when it says that this is dangerous; it is not
    /// ignored when one of its directives is kept.
    fn refuse_ignored_security(&mut self, links: &Links) {
        for link in &links.foreign {
            let Some(purpose) = &link.purpose else {
                continue;
            };
            let mut composed = links.composed.keys();
            if composed.any(|name| link.directive(name).is_some()) {
                continue;
            }
            let message = format!(
                "`@link` to `{}` says `for: {purpose}`, but this specification is unknown and must \
                 not be ignored. Remove the link or its `for`.",
                link.identity
            );
            let at = vec![link.place.within(self.subgraph)];
            self.report
                .error(code::UNSUPPORTED_LINKED_FEATURE, message, at);
            self.certain = false;
        }
    }

    fn note_used(&mut self, links: &mut Links) {
        let mut used = BTreeMap::new();
        each_directive(self.document, &mut |directive| {
            let local = directive.name.as_str();
            if let Some(known) = links.directives.get(local) {
                let place = || (local.to_owned(), self.place(directive));
                used.entry(known.name).or_insert_with(place);
            }
        });
        links.used = used;
    }

    fn note_direct(&mut self, name: &str, directive: &Node<Directive>) {
        let known = spec::directive(name);
        self.direct
            .extend(known.map(|known| (known, directive.clone())));
    }

    /// A directive that is linked by itself is part of a newer federation than the schema links.
    fn hint_upgrades(&mut self, links: &Links) {
        if links.federation1 {
            return;
        }
        for (known, directive) in std::mem::take(&mut self.direct) {
            if known.since <= links.minor {
                continue;
            }
            let message = format!(
                "Subgraph `{}` links federation v2.{} but also `@{}`, which came with v2.{}. Link \
                 federation v2.{} or newer.",
                self.subgraph, links.minor, known.name, known.since, known.since
            );
            let at = vec![self.place(&directive).within(self.subgraph)];
            self.report
                .info(code::IMPLICITLY_UPGRADED_FEDERATION_VERSION, message, at);
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
        self.read_imports(directive, &|_, since| since <= minor, alias, links);
    }
}
