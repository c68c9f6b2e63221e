//! The specifications a supergraph links besides `link` and `join`: those whose directives it uses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::model::{MergedBody, MergedType, Supergraph};
use super::text::quoted;
use crate::subgraph::model::Notes;

/// A specification whose directives are carried over.
struct Feature {
    /// The end of its url.
    spec: &'static str,
    /// `SECURITY` where a router that does not know it must refuse the supergraph.
    purpose: Option<&'static str>,
    directives: &'static [FeatureDirective],
}

struct FeatureDirective {
    name: &'static str,
    /// What follows the name; `{}` stands for the specification's prefix.
    definition: &'static str,
    /// A scalar of the specification that the definition refers to.
    scalar: Option<&'static str>,
    used: fn(&Notes) -> bool,
}

const EVERYWHERE: &str = "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | \
     SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION";

const FEATURES: &[Feature] = &[
    Feature {
        spec: "tag/v0.3",
        purpose: None,
        directives: &[FeatureDirective {
            name: "tag",
            definition: "(name: String!) repeatable on EVERYWHERE | SCHEMA",
            scalar: None,
            used: |notes| !notes.tags.is_empty(),
        }],
    },
    Feature {
        spec: "inaccessible/v0.2",
        purpose: Some("SECURITY"),
        directives: &[FeatureDirective {
            name: "inaccessible",
            definition: " on EVERYWHERE",
            scalar: None,
            used: |notes| notes.inaccessible,
        }],
    },
    Feature {
        spec: "authenticated/v0.1",
        purpose: Some("SECURITY"),
        directives: &[FeatureDirective {
            name: "authenticated",
            definition: " on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
            scalar: None,
            used: |notes| notes.access.authenticated,
        }],
    },
    Feature {
        spec: "requiresScopes/v0.1",
        purpose: Some("SECURITY"),
        directives: &[FeatureDirective {
            name: "requiresScopes",
            definition: "(scopes: [[{}__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | \
                         SCALAR | ENUM",
            scalar: Some("Scope"),
            used: |notes| notes.access.scopes.is_some(),
        }],
    },
    Feature {
        spec: "policy/v0.1",
        purpose: Some("SECURITY"),
        directives: &[FeatureDirective {
            name: "policy",
            definition: "(policies: [[{}__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | \
                         SCALAR | ENUM",
            scalar: Some("Policy"),
            used: |notes| notes.access.policies.is_some(),
        }],
    },
    Feature {
        spec: "cost/v0.1",
        purpose: None,
        directives: &[
            FeatureDirective {
                name: "cost",
                definition: "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | \
                             INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
                scalar: None,
                used: |notes| notes.cost.is_some(),
            },
            FeatureDirective {
                name: "listSize",
                definition: "(assumedSize: Int, slicingArguments: [String!], sizedFields: \
                             [String!], requireOneSlicingArgument: Boolean = true) on \
                             FIELD_DEFINITION",
                scalar: None,
                used: |notes| notes.list_size.is_some(),
            },
        ],
    },
];

/// From a carried directive to what subgraphs agree to call it, where that is another name.
pub(crate) type Names = BTreeMap<&'static str, String>;

/// The directives that are carried over under the name that subgraphs give them.
pub(crate) fn carried() -> impl Iterator<Item = &'static str> {
    let directives = FEATURES.iter().flat_map(|feature| feature.directives);
    directives.map(|directive| directive.name)
}

/// What the header needs for the features that a supergraph uses.
#[derive(Default)]
pub(super) struct Header {
    /// Applications of `@link`, in a fixed order.
    pub(super) links: Vec<String>,
    pub(super) directives: Vec<String>,
    pub(super) scalars: Vec<String>,
}

/// The links and definitions of all features in use.
pub(super) fn header(supergraph: &Supergraph) -> Header {
    let mut header = Header::default();
    for feature in FEATURES {
        let directives = feature.directives.iter();
        let used = directives.filter(|directive| any_notes(supergraph, directive.used));
        let used: Vec<_> = used.collect();
        if !used.is_empty() {
            add(&mut header, feature, &used, &supergraph.names);
        }
    }
    // Its directives are `@join__directive`s.
    if any_notes(supergraph, |notes| !notes.cache_tags.is_empty()) {
        let link = "@link(url: \"https://specs.apollo.dev/cacheTag/v0.1\", for: EXECUTION)";
        header.links.push(link.to_owned());
    }
    header
}

fn add(header: &mut Header, feature: &Feature, used: &[&FeatureDirective], names: &Names) {
    let spec_name = feature.spec.split('/').next().unwrap_or_default();
    let local = |name: &'static str| names.get(name).map_or(name, String::as_str);
    let mut link = format!(
        "@link(url: {}",
        quoted(&format!("https://specs.apollo.dev/{}", feature.spec))
    );
    let import = |directive: &&FeatureDirective| import(directive.name, local(directive.name));
    // A directive that is called like its specification needs no import.
    let is_imported = |directive: &&&FeatureDirective| local(directive.name) != spec_name;
    let imports: Vec<String> = used.iter().filter(is_imported).map(import).collect();
    if !imports.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(link, ", import: [{}]", imports.join(", "));
    }
    if let Some(purpose) = feature.purpose {
        let _ = write!(link, ", for: {purpose}");
    }
    link.push(')');
    header.links.push(link);
    for directive in used {
        let definition = directive.definition.replace("{}", spec_name);
        let definition = definition.replace("EVERYWHERE", EVERYWHERE);
        let name = local(directive.name);
        header
            .directives
            .push(format!("directive @{name}{definition}"));
        let scalar = directive
            .scalar
            .map(|scalar| format!("{spec_name}__{scalar}"));
        header.scalars.extend(scalar);
    }
}

/// An item of the `import` of a `@link`, for a directive.
pub(super) fn import(name: &str, local: &str) -> String {
    let (name, local) = (format!("@{name}"), format!("@{local}"));
    if name == local {
        return quoted(&name);
    }
    format!("{{name: {}, as: {}}}", quoted(&name), quoted(&local))
}

/// Whether anything in the supergraph has notes that pass a test.
pub(super) fn any_notes(supergraph: &Supergraph, test: impl Fn(&Notes) -> bool) -> bool {
    test(&supergraph.schema_notes)
        || supergraph
            .types
            .values()
            .any(|ty| test(&ty.notes) || any_member(ty, &test))
}

fn any_member(ty: &MergedType, test: &impl Fn(&Notes) -> bool) -> bool {
    match &ty.body {
        MergedBody::Object(fields) | MergedBody::Interface(fields) => {
            fields.values().any(|field| {
                test(&field.notes)
                    || field
                        .arguments
                        .values()
                        .any(|argument| test(&argument.notes))
            })
        }
        MergedBody::Enum(values) => values.values().any(|value| test(&value.notes)),
        MergedBody::Input(fields) => fields.values().any(|field| test(&field.notes)),
        MergedBody::Scalar | MergedBody::Union(_) => false,
    }
}
