//! The federation specification as a table: its directives, since which version, and their definitions.

/// What a federation directive means, whatever a schema calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Meaning {
    Key,
    Requires,
    Provides,
    External,
    Shareable,
    Override,
    Tag,
    Inaccessible,
    Extends,
    ComposeDirective,
    InterfaceObject,
    Context,
    FromContext,
    Authenticated,
    RequiresScopes,
    Policy,
    Cost,
    ListSize,
    CacheTag,
}

/// A directive of the federation specification.
#[derive(Debug)]
pub(crate) struct FederationDirective {
    pub(crate) name: &'static str,
    pub(crate) meaning: Meaning,
    /// Minor version of federation 2 that brought it.
    pub(crate) since: u32,
    /// The definition after its name; `{X}` stands for the local name of the specification's type X.
    definition: &'static str,
}

/// The newest minor version of federation 2 that is understood.
pub(crate) const NEWEST_MINOR: u32 = 12;

/// The minor version that brought `@override(label:)`.
const LABEL_SINCE: u32 = 7;

/// The types of the specification that definitions refer to.
pub(crate) const SPEC_TYPES: &[&str] = &["FieldSet", "Scope", "Policy", "ContextFieldValue"];

const fn row(
    name: &'static str,
    meaning: Meaning,
    since: u32,
    definition: &'static str,
) -> FederationDirective {
    FederationDirective {
        name,
        meaning,
        since,
        definition,
    }
}

/// Every directive of federation 2.
pub(crate) const DIRECTIVES: &[FederationDirective] = &[
    row(
        "key",
        Meaning::Key,
        0,
        "(fields: {FieldSet}!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE",
    ),
    row(
        "requires",
        Meaning::Requires,
        0,
        "(fields: {FieldSet}!) on FIELD_DEFINITION",
    ),
    row(
        "provides",
        Meaning::Provides,
        0,
        "(fields: {FieldSet}!) on FIELD_DEFINITION",
    ),
    row(
        "external",
        Meaning::External,
        0,
        "(reason: String) on OBJECT | FIELD_DEFINITION",
    ),
    row(
        "shareable",
        Meaning::Shareable,
        0,
        "repeatable on OBJECT | FIELD_DEFINITION",
    ),
    row(
        "override",
        Meaning::Override,
        0,
        "(from: String!, label: String) on FIELD_DEFINITION",
    ),
    row(
        "tag",
        Meaning::Tag,
        0,
        "(name: String!) repeatable on FIELD_DEFINITION | INTERFACE | OBJECT | UNION | \
         ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | \
         INPUT_FIELD_DEFINITION | SCHEMA",
    ),
    row(
        "inaccessible",
        Meaning::Inaccessible,
        0,
        "on FIELD_DEFINITION | INTERFACE | OBJECT | UNION | ARGUMENT_DEFINITION | SCALAR | \
         ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION",
    ),
    row("extends", Meaning::Extends, 0, "on OBJECT | INTERFACE"),
    row(
        "composeDirective",
        Meaning::ComposeDirective,
        1,
        "(name: String) repeatable on SCHEMA",
    ),
    row("interfaceObject", Meaning::InterfaceObject, 3, "on OBJECT"),
    row(
        "authenticated",
        Meaning::Authenticated,
        5,
        "on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
    ),
    row(
        "requiresScopes",
        Meaning::RequiresScopes,
        5,
        "(scopes: [[{Scope}!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
    ),
    row(
        "policy",
        Meaning::Policy,
        6,
        "(policies: [[{Policy}!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
    ),
    row(
        "context",
        Meaning::Context,
        8,
        "(name: String!) repeatable on INTERFACE | OBJECT | UNION",
    ),
    row(
        "fromContext",
        Meaning::FromContext,
        8,
        "(field: {ContextFieldValue}) on ARGUMENT_DEFINITION",
    ),
    row(
        "cost",
        Meaning::Cost,
        9,
        "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | \
         INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
    ),
    row(
        "listSize",
        Meaning::ListSize,
        9,
        "(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], \
         requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION",
    ),
    row(
        "cacheTag",
        Meaning::CacheTag,
        12,
        "(format: String!) repeatable on OBJECT | FIELD_DEFINITION",
    ),
];

/// The directives a schema without a `@link` to federation may use.
pub(crate) const FEDERATION_1: &[&str] = &[
    "key",
    "requires",
    "provides",
    "external",
    "extends",
    "tag",
    "inaccessible",
];

/// The directives of federation 2 that a schema without such a `@link` may define and then use.
pub(crate) const WHERE_DEFINED: &[&str] = &[
    "shareable",
    "override",
    "composeDirective",
    "interfaceObject",
];

/// The directive of that name in the specification.
pub(crate) fn directive(name: &str) -> Option<&'static FederationDirective> {
    DIRECTIVES.iter().find(|directive| directive.name == name)
}

impl FederationDirective {
    /// The SDL definition of this directive under a local name, in a minor version of federation 2.
    pub(crate) fn definition(
        &self,
        local: &str,
        minor: u32,
        type_name: &dyn Fn(&str) -> String,
    ) -> String {
        let space = if self.definition.starts_with('(') {
            ""
        } else {
            " "
        };
        let mut text = format!("directive @{local}{space}");
        let mut rest = self.definition;
        // Names of the specification's own types are in braces.
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            text.push_str(&type_name(name));
            rest = after;
        }
        text.push_str(rest);
        if minor < LABEL_SINCE {
            text = text.replace(", label: String", "");
        }
        text
    }
}
