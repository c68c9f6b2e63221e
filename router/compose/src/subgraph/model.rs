//! A subgraph's schema in the form that merging needs: plain data, every element with its place.

use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::Node;
use apollo_compiler::ast::{DirectiveLocation, Type, Value};
use apollo_compiler::collections::IndexMap;

use super::fieldset::FieldSet;
use super::link::Links;
use super::metadata::{Access, Application, CacheTags, ListSize};
use crate::diagnostic::{Place, SourceLocation};

/// One subgraph, parsed, validated and resolved.
#[derive(Debug)]
pub(crate) struct Subgraph {
    pub(crate) name: String,
    pub(crate) url: String,
    /// Its value in the `join__Graph` enum.
    pub(crate) graph: String,
    pub(crate) federation1: bool,
    /// Minor version of federation 2.
    pub(crate) minor: u32,
    pub(crate) types: BTreeMap<String, TypeDef>,
    /// From an interface to the object types that implement it.
    pub(crate) implementations: BTreeMap<String, BTreeSet<String>>,
    /// Definitions of directives that clients may write in operations.
    pub(crate) executable_directives: BTreeMap<String, DirectiveDef>,
    /// Definitions of the directives that `@composeDirective` names.
    pub(crate) composed_directives: BTreeMap<String, DirectiveDef>,
    /// Tags, `@inaccessible` and directives to keep that are on the schema itself.
    pub(crate) schema_notes: Notes,
    /// What it calls things.
    pub(crate) links: Links,
}

/// A type of a subgraph; root types have their default names here.
#[derive(Debug)]
pub(crate) struct TypeDef {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) description: Option<String>,
    pub(crate) notes: Notes,
    pub(crate) keys: Vec<Key>,
    /// Only `extend type`, or `@extends`.
    pub(crate) extension: bool,
    /// It must be `defined` in some other subgraph.
    pub(crate) needs_base: bool,
    /// Written without `extend`, whatever directives it has.
    pub(crate) defined: bool,
    pub(crate) implements: IndexMap<String, Place>,
    /// An object that stands for all implementations of the interface of its name elsewhere.
    pub(crate) interface_object: bool,
    /// The names of its `@context`s.
    pub(crate) contexts: IndexMap<String, Place>,
    pub(crate) body: Body,
}

/// What a type consists of.
#[derive(Debug)]
pub(crate) enum Body {
    Scalar,
    Object(IndexMap<String, Field>),
    Interface(IndexMap<String, Field>),
    Union(IndexMap<String, Place>),
    Enum(IndexMap<String, EnumValue>),
    Input(IndexMap<String, InputValue>),
}

/// The kinds of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    Input,
}

/// A field of an object or interface.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) description: Option<String>,
    pub(crate) ty: Type,
    pub(crate) arguments: IndexMap<String, InputValue>,
    pub(crate) notes: Notes,
    /// Not resolved by this subgraph, or only on some paths.
    pub(crate) external: bool,
    pub(crate) shareable: bool,
    pub(crate) requires: Option<FieldSet>,
    pub(crate) provides: Option<FieldSet>,
    pub(crate) override_from: Option<Override>,
    /// Selected by a `@key`, of its own type or, nested, of another.
    pub(crate) in_key: bool,
    /// Selected by some `@provides`, so resolved here on some paths although `@external`.
    pub(crate) provided: bool,
    /// Selected by a `@key`, `@requires` or `@provides`, or needed for an interface.
    pub(crate) used: bool,
}

/// `@override(from:, label:)`.
#[derive(Debug, Clone)]
pub(crate) struct Override {
    pub(crate) from: String,
    /// The field is taken over only where this label is on.
    pub(crate) label: Option<String>,
    pub(crate) place: Place,
}

/// An argument or input field.
#[derive(Debug, Clone)]
pub(crate) struct InputValue {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) description: Option<String>,
    pub(crate) ty: Type,
    pub(crate) default: Option<Node<Value>>,
    pub(crate) notes: Notes,
    /// Given by the router, not by clients.
    pub(crate) from_context: Option<ContextValue>,
}

/// `@fromContext(field:)`.
#[derive(Debug, Clone)]
pub(crate) struct ContextValue {
    pub(crate) context: String,
    /// What it selects of the type that sets the context.
    pub(crate) fields: FieldSet,
}

/// The definition of a directive that clients may write in operations, or that
/// `@composeDirective` names.
#[derive(Debug)]
pub(crate) struct DirectiveDef {
    pub(crate) place: Place,
    pub(crate) description: Option<String>,
    pub(crate) arguments: IndexMap<String, InputValue>,
    pub(crate) repeatable: bool,
    /// Sorted; those in operations only where clients write the directive.
    pub(crate) locations: Vec<DirectiveLocation>,
}

/// A value of an enum.
#[derive(Debug)]
pub(crate) struct EnumValue {
    pub(crate) place: Place,
    pub(crate) description: Option<String>,
    pub(crate) notes: Notes,
}

/// `@key`.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) fields: FieldSet,
    pub(crate) resolvable: bool,
    /// The key is on an extension of the type. With federation 1, only `@extends` says so: its
    /// `extend type` is a habit without meaning.
    pub(crate) extension: bool,
}

/// What `@deprecated` means when it gives no reason.
pub(crate) const DEFAULT_REASON: &str = "No longer supported";

/// The directives that any element may have and that are carried over into the supergraph.
#[derive(Debug, Default, Clone)]
pub(crate) struct Notes {
    pub(crate) tags: BTreeSet<String>,
    pub(crate) inaccessible: bool,
    /// The reason of `@deprecated`.
    pub(crate) deprecated: Option<String>,
    /// The url of `@specifiedBy`.
    pub(crate) specified_by: Option<String>,
    pub(crate) one_of: bool,
    pub(crate) access: Access,
    /// The weight of `@cost`.
    pub(crate) cost: Option<i32>,
    pub(crate) list_size: Option<ListSize>,
    pub(crate) cache_tags: CacheTags,
    /// Of directives that `@composeDirective` names.
    pub(crate) custom: Vec<Application>,
}

impl Notes {
    /// Whether there is nothing to carry over, as of most elements.
    pub(crate) fn is_empty(&self) -> bool {
        self.tags.is_empty()
            && !self.inaccessible
            && self.deprecated.is_none()
            && self.specified_by.is_none()
            && !self.one_of
            && self.access.is_open()
            && self.cost.is_none()
            && self.list_size.is_none()
            && self.cache_tags.is_empty()
            && self.custom.is_empty()
    }
}

/// Whether a name is that of a scalar that schemas do not define.
pub(crate) fn is_built_in_scalar(name: &str) -> bool {
    matches!(name, "String" | "ID" | "Int" | "Boolean" | "Float")
}

impl Kind {
    /// As it is called in messages.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Object => "object type",
            Self::Interface => "interface",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Input => "input type",
        }
    }
}

impl TypeDef {
    pub(crate) fn kind(&self) -> Kind {
        match self.body {
            Body::Scalar => Kind::Scalar,
            Body::Object(_) => Kind::Object,
            Body::Interface(_) => Kind::Interface,
            Body::Union(_) => Kind::Union,
            Body::Enum(_) => Kind::Enum,
            Body::Input(_) => Kind::Input,
        }
    }

    /// What it is in the supergraph.
    pub(crate) fn merged_kind(&self) -> Kind {
        if self.interface_object {
            Kind::Interface
        } else {
            self.kind()
        }
    }

    /// The fields of an object or interface.
    pub(crate) fn fields(&self) -> Option<&IndexMap<String, Field>> {
        match &self.body {
            Body::Object(fields) | Body::Interface(fields) => Some(fields),
            _ => None,
        }
    }

    pub(crate) fn fields_mut(&mut self) -> Option<&mut IndexMap<String, Field>> {
        match &mut self.body {
            Body::Object(fields) | Body::Interface(fields) => Some(fields),
            _ => None,
        }
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields()?.get(name)
    }

    pub(crate) fn is_composite(&self) -> bool {
        matches!(
            self.body,
            Body::Object(_) | Body::Interface(_) | Body::Union(_)
        )
    }
}

impl InputValue {
    /// Must be given by the caller.
    pub(crate) fn is_required(&self) -> bool {
        self.ty.is_non_null() && self.default.is_none()
    }
}

/// Finds out which object types implement each interface.
pub(crate) fn implementations(
    types: &BTreeMap<String, TypeDef>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, ty) in types.iter().filter(|(_, ty)| ty.kind() == Kind::Object) {
        for interface in ty.implements.keys() {
            let known = found.entry(interface.clone()).or_default();
            known.insert(name.clone());
        }
    }
    found
}

impl Subgraph {
    pub(crate) fn at(&self, place: Place) -> SourceLocation {
        place.within(&self.name)
    }

    pub(crate) fn ty(&self, name: &str) -> Option<&TypeDef> {
        self.types.get(name)
    }

    /// Whether a type of this name is one of the roots.
    pub(crate) fn is_root(name: &str) -> bool {
        matches!(name, "Query" | "Mutation" | "Subscription")
    }

    /// The object types that a value of this type may have here.
    pub(crate) fn possible_types(&self, name: &str) -> BTreeSet<&str> {
        let Some(ty) = self.types.get_key_value(name) else {
            return BTreeSet::new();
        };
        match &ty.1.body {
            Body::Object(_) => BTreeSet::from([ty.0.as_str()]),
            Body::Union(members) => members.keys().map(String::as_str).collect(),
            Body::Interface(_) => {
                let known = self.implementations.get(name).into_iter().flatten();
                known.map(String::as_str).collect()
            }
            _ => BTreeSet::new(),
        }
    }
}
