//! A schema as data that can be changed and written out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use indexmap::IndexMap;
use router_compose::SubgraphInput;

/// One subgraph.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) name: String,
    /// Minor version of federation 2.
    pub(super) minor: u32,
    pub(super) types: IndexMap<String, Type>,
    /// It defines `@custom` and composes it.
    pub(super) custom: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Type {
    /// `type`, `interface`, `union`, `enum`, `input` or `scalar`.
    pub(super) keyword: &'static str,
    pub(super) implements: Vec<String>,
    pub(super) directives: Vec<String>,
    /// Fields, values or members.
    pub(super) members: IndexMap<String, Member>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Member {
    /// Each as it is written: `x: Int = 1`.
    pub(super) arguments: Vec<String>,
    /// Empty for values and members of unions.
    pub(super) ty: String,
    pub(super) default: Option<&'static str>,
    pub(super) directives: Vec<String>,
}

/// Directives of federation and the minor version that brought them.
const IMPORTS: [(&str, u32); 16] = [
    ("@key", 0),
    ("@shareable", 0),
    ("@external", 0),
    ("@requires", 0),
    ("@provides", 0),
    ("@override", 0),
    ("@inaccessible", 0),
    ("@tag", 0),
    ("@composeDirective", 1),
    ("@interfaceObject", 3),
    ("@authenticated", 5),
    ("@requiresScopes", 5),
    ("@policy", 6),
    ("@override(from: \"a\", label", 7),
    ("@cost", 9),
    ("@listSize", 9),
];

impl Type {
    pub(super) fn new(keyword: &'static str) -> Self {
        Self {
            keyword,
            implements: Vec::new(),
            directives: Vec::new(),
            members: IndexMap::new(),
        }
    }

    pub(super) fn with(mut self, directive: &str) -> Self {
        self.directives.push(directive.to_owned());
        self
    }

    pub(super) fn field(mut self, name: &str, ty: &str) -> Self {
        self.members.insert(name.to_owned(), Member::of(ty));
        self
    }
}

impl Member {
    pub(super) fn of(ty: &str) -> Self {
        Self {
            ty: ty.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn with(mut self, directive: &str) -> Self {
        self.directives.push(directive.to_owned());
        self
    }

    pub(super) fn has(&self, directive: &str) -> bool {
        self.directives.iter().any(|one| one.starts_with(directive))
    }
}

impl Schema {
    pub(super) fn input(&self) -> SubgraphInput {
        SubgraphInput::new(&self.name, format!("http://{}", self.name), self.sdl())
    }

    fn sdl(&self) -> String {
        let mut body = String::new();
        for (name, ty) in &self.types {
            write_type(&mut body, name, ty);
        }
        if self.custom {
            body.push_str("directive @custom on OBJECT | FIELD_DEFINITION | INTERFACE | ENUM\n");
        }
        let used = |directive: &str| {
            self.custom && directive == "@composeDirective"
                || body.match_indices(directive).any(|(at, _)| {
                    let rest = body.get(at + directive.len()..).unwrap_or_default();
                    !rest.starts_with(|next: char| next.is_alphanumeric())
                })
        };
        let used: Vec<&(&str, u32)> = IMPORTS.iter().filter(|(name, _)| used(name)).collect();
        let needed = used.iter().map(|(_, minor)| *minor).max().unwrap_or(0);
        let minor = self.minor.max(needed);
        let imports: BTreeSet<String> = used
            .iter()
            .map(|(name, _)| format!("\"{}\"", name.split('(').next().unwrap_or_default()))
            .collect();
        let imports = imports.into_iter().collect::<Vec<_>>().join(", ");
        let mut sdl = format!(
            "extend schema @link(url: \"https://specs.apollo.dev/link/v1.0\") @link(url: \
             \"https://specs.apollo.dev/federation/v2.{minor}\", import: [{imports}])"
        );
        if self.custom {
            sdl.push_str(
                " @link(url: \"https://example.com/custom/v1.0\", import: [\"@custom\"]) \
                 @composeDirective(name: \"@custom\")",
            );
        }
        format!("{sdl}\n{body}")
    }
}

fn write_type(out: &mut String, name: &str, ty: &Type) {
    write!(out, "{} {name}", ty.keyword).unwrap();
    if !ty.implements.is_empty() {
        write!(out, " implements {}", ty.implements.join(" & ")).unwrap();
    }
    for directive in &ty.directives {
        write!(out, " {directive}").unwrap();
    }
    if ty.keyword == "union" {
        let members: Vec<&str> = ty.members.keys().map(String::as_str).collect();
        write!(out, " = {}", members.join(" | ")).unwrap();
    } else if ty.keyword != "scalar" {
        out.push_str(" {\n");
        for (name, member) in &ty.members {
            write_member(out, name, member);
        }
        out.push('}');
    }
    out.push('\n');
}

fn write_member(out: &mut String, name: &str, member: &Member) {
    write!(out, "  {name}").unwrap();
    if !member.arguments.is_empty() {
        write!(out, "({})", member.arguments.join(", ")).unwrap();
    }
    if !member.ty.is_empty() {
        write!(out, ": {}", member.ty).unwrap();
    }
    if let Some(default) = member.default {
        write!(out, " = {default}").unwrap();
    }
    for directive in &member.directives {
        write!(out, " {directive}").unwrap();
    }
    out.push('\n');
}
