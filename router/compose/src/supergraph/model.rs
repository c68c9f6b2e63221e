//! The merged schema as plain data.

use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::Node;
use apollo_compiler::ast::{DirectiveLocation, Type, Value};
use apollo_compiler::collections::IndexMap;

use super::features::Names;
use crate::subgraph::model::{Kind, Notes};

/// Index of a subgraph in the sorted list of subgraphs.
pub(crate) type GraphIndex = usize;

/// A composed schema.
#[derive(Debug)]
pub(crate) struct Supergraph {
    pub(crate) graphs: Vec<Graph>,
    /// The newest minor version of federation 2 that a subgraph uses.
    pub(crate) minor: u32,
    pub(crate) types: BTreeMap<String, MergedType>,
    /// Directives that clients may use in operations.
    pub(crate) directives: BTreeMap<String, MergedDirective>,
    /// Directives that `@composeDirective` keeps.
    pub(crate) composed: BTreeMap<String, MergedDirective>,
    /// Specifications of the directives that are kept.
    pub(crate) links: Vec<Link>,
    /// What is said of the schema itself.
    pub(crate) schema_notes: Notes,
    /// What federation's carried directives are called here.
    pub(crate) names: Names,
}

/// A link to a specification that is not Apollo's.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) url: String,
    /// The specification's name, which types of it have as a prefix.
    pub(crate) name: String,
    pub(crate) purpose: Option<String>,
    /// From the specification's name of a directive to the local one, without the `@`.
    pub(crate) imports: Vec<(String, String)>,
}

/// One subgraph of a composed schema.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Its value in the `join__Graph` enum.
    pub(crate) value: String,
    pub(crate) name: String,
    pub(crate) url: String,
}

/// A type of a composed schema.
#[derive(Debug)]
pub(crate) struct MergedType {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) notes: Notes,
    pub(crate) joins: Vec<JoinType>,
    /// From the interface's name to the subgraphs that say so.
    pub(crate) implements: BTreeMap<String, Vec<GraphIndex>>,
    /// Its `@context`s, each with its subgraph.
    pub(crate) contexts: Vec<(GraphIndex, String)>,
    pub(crate) body: MergedBody,
}

/// What a merged type consists of.
#[derive(Debug)]
pub(crate) enum MergedBody {
    Scalar,
    Object(IndexMap<String, MergedField>),
    Interface(IndexMap<String, MergedField>),
    Union(BTreeMap<String, Vec<GraphIndex>>),
    Enum(IndexMap<String, MergedValue>),
    Input(IndexMap<String, MergedInput>),
}

/// `@join__type`.
#[derive(Debug)]
pub(crate) struct JoinType {
    pub(crate) graph: GraphIndex,
    pub(crate) key: Option<String>,
    pub(crate) extension: bool,
    pub(crate) resolvable: bool,
    pub(crate) interface_object: bool,
}

/// `@join__field`.
#[derive(Debug, Default)]
pub(crate) struct JoinField {
    /// Nothing for a field that only an `@interfaceObject` gives.
    pub(crate) graph: Option<GraphIndex>,
    pub(crate) requires: Option<String>,
    pub(crate) provides: Option<String>,
    pub(crate) ty: Option<String>,
    pub(crate) external: bool,
    pub(crate) overrides: Option<String>,
    pub(crate) override_label: Option<String>,
    pub(crate) used_overridden: bool,
    pub(crate) context_arguments: Vec<ContextArgument>,
}

/// A `join__ContextArgument`: an argument that the router gives.
#[derive(Debug)]
pub(crate) struct ContextArgument {
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) graph: GraphIndex,
    /// The context's name in that subgraph.
    pub(crate) context: String,
    pub(crate) selection: String,
}

/// A merged field of an object or interface.
#[derive(Debug)]
pub(crate) struct MergedField {
    pub(crate) description: Option<String>,
    pub(crate) ty: Type,
    pub(crate) arguments: IndexMap<String, MergedInput>,
    pub(crate) notes: Notes,
    /// Empty when every subgraph that has the type resolves the field the same way.
    pub(crate) joins: Vec<JoinField>,
    /// The subgraphs a request can get the field from.
    pub(crate) resolvers: BTreeSet<GraphIndex>,
    /// Of those, the ones that resolve it only while a label of `@override` is on, or off.
    pub(crate) labels: BTreeMap<GraphIndex, (String, bool)>,
}

/// A merged argument or input field.
#[derive(Debug)]
pub(crate) struct MergedInput {
    pub(crate) description: Option<String>,
    pub(crate) ty: Type,
    pub(crate) default: Option<Node<Value>>,
    pub(crate) notes: Notes,
    pub(crate) joins: Vec<JoinField>,
}

/// The definition of a directive that clients may use in operations, or that is kept.
#[derive(Debug)]
pub(crate) struct MergedDirective {
    pub(crate) description: Option<String>,
    pub(crate) arguments: IndexMap<String, MergedInput>,
    pub(crate) repeatable: bool,
    pub(crate) locations: Vec<DirectiveLocation>,
}

/// A merged enum value.
#[derive(Debug)]
pub(crate) struct MergedValue {
    pub(crate) description: Option<String>,
    pub(crate) notes: Notes,
    pub(crate) graphs: Vec<GraphIndex>,
}

impl Link {
    /// Whether a type has the specification's prefix.
    pub(crate) fn owns(&self, ty: &str) -> bool {
        let prefix = ty.split_once("__").map(|(prefix, _)| prefix);
        prefix == Some(self.name.as_str())
    }
}

impl MergedType {
    pub(crate) fn kind(&self) -> Kind {
        match self.body {
            MergedBody::Scalar => Kind::Scalar,
            MergedBody::Object(_) => Kind::Object,
            MergedBody::Interface(_) => Kind::Interface,
            MergedBody::Union(_) => Kind::Union,
            MergedBody::Enum(_) => Kind::Enum,
            MergedBody::Input(_) => Kind::Input,
        }
    }

    /// The fields of an object or interface.
    pub(crate) fn fields(&self) -> Option<&IndexMap<String, MergedField>> {
        match &self.body {
            MergedBody::Object(fields) | MergedBody::Interface(fields) => Some(fields),
            _ => None,
        }
    }

    pub(crate) fn fields_mut(&mut self) -> Option<&mut IndexMap<String, MergedField>> {
        match &mut self.body {
            MergedBody::Object(fields) | MergedBody::Interface(fields) => Some(fields),
            _ => None,
        }
    }
}

impl MergedInput {
    /// Must be given by the caller.
    pub(crate) fn is_required(&self) -> bool {
        self.ty.is_non_null() && self.default.is_none()
    }
}
