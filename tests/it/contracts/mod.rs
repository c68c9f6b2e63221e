//! What the checked-in contracts promise, and that nothing is left untested.

mod coverage;
mod events;
mod migrations;
#[cfg(all(
    feature = "catalog",
    feature = "identity",
    feature = "inventory",
    feature = "notifications",
    feature = "reviews",
    feature = "search",
    feature = "sellers"
))]
mod names;

use async_graphql::parser::{
    parse_schema,
    types::{ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition},
};

/// A field of `Query` or `Mutation`.
#[derive(Debug, Clone)]
pub(crate) struct RootField {
    pub(crate) name: String,
    pub(crate) is_mutation: bool,
    pub(crate) is_nullable: bool,
    pub(crate) is_inaccessible: bool,
}

/// The root fields of one subgraph, without those that federation adds.
pub(crate) fn root_fields(subgraph: &service::Subgraph) -> Vec<RootField> {
    let document = parse_schema((subgraph.sdl)()).unwrap();
    let roots = ["Query", "Mutation"].map(|root| of_type(&document, root));
    roots.into_iter().flatten().collect()
}

fn of_type(document: &ServiceDocument, root: &str) -> Vec<RootField> {
    let types = document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(found) if found.node.name.node == root => Some(&found.node),
            _ => None,
        });
    types.flat_map(|found| fields(found, root)).collect()
}

fn fields(found: &TypeDefinition, root: &str) -> Vec<RootField> {
    let TypeKind::Object(object) = &found.kind else {
        panic!("{root} is no object")
    };
    let of_federation = ["_service", "_entities"];
    let fields = object.fields.iter().map(|field| &field.node);
    fields
        .filter(|field| !of_federation.contains(&field.name.node.as_str()))
        .map(|field| RootField {
            name: field.name.node.to_string(),
            is_mutation: root == "Mutation",
            is_nullable: field.ty.node.nullable,
            is_inaccessible: field
                .directives
                .iter()
                .any(|directive| directive.node.name.node == "inaccessible"),
        })
        .collect()
}
