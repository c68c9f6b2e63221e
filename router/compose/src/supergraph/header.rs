//! The fixed part of a supergraph: links and the definitions of the join and link specifications.

use std::fmt::Write as _;

use super::model::{MergedBody, MergedType, Supergraph};
use super::text::quoted;
use crate::subgraph::model::Notes;

const DEFINITIONS: &str = r#"directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
"#;

const TAG: &str = "directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | \
     INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | \
     INPUT_FIELD_DEFINITION";
const INACCESSIBLE: &str = "directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | \
     UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | \
     INPUT_FIELD_DEFINITION";

const TYPES: &str = r#"scalar join__FieldSet

scalar link__Import

enum link__Purpose {
  """
  `SECURITY` features provide metadata necessary to securely resolve fields.
  """
  SECURITY

  """
  `EXECUTION` features provide metadata necessary for operation execution.
  """
  EXECUTION
}
"#;

/// The definition of `@oneOf`, which older tools do not have built in.
pub(super) const ONE_OF: &str = "directive @oneOf on INPUT_OBJECT";

/// Writes everything that comes before the types of the graph.
pub(super) fn write(out: &mut String, supergraph: &Supergraph) {
    let has_tag = any_notes(supergraph, |notes| !notes.tags.is_empty());
    let has_inaccessible = any_notes(supergraph, |notes| notes.inaccessible);
    out.push_str("schema\n  @link(url: \"https://specs.apollo.dev/link/v1.0\")\n");
    out.push_str("  @link(url: \"https://specs.apollo.dev/join/v0.3\", for: EXECUTION)\n");
    if has_tag {
        out.push_str("  @link(url: \"https://specs.apollo.dev/tag/v0.3\")\n");
    }
    if has_inaccessible {
        out.push_str(
            "  @link(url: \"https://specs.apollo.dev/inaccessible/v0.2\", for: SECURITY)\n",
        );
    }
    out.push_str("{\n");
    for (operation, root) in [
        ("query", "Query"),
        ("mutation", "Mutation"),
        ("subscription", "Subscription"),
    ] {
        if supergraph.types.contains_key(root) {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  {operation}: {root}");
        }
    }
    out.push_str("}\n\n");
    let mut definitions: Vec<String> = DEFINITIONS
        .split("\n\n")
        .map(|definition| definition.trim_end().to_owned())
        .collect();
    if has_tag {
        definitions.push(TAG.to_owned());
    }
    if has_inaccessible {
        definitions.push(INACCESSIBLE.to_owned());
    }
    definitions.extend(client_directives(supergraph));
    definitions.sort();
    out.push_str(&definitions.join("\n\n"));
    out.push_str("\n\nenum join__Graph {\n");
    for graph in &supergraph.graphs {
        let (name, url) = (quoted(&graph.name), quoted(&graph.url));
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  {} @join__graph(name: {name}, url: {url})",
            graph.value
        );
    }
    out.push_str("}\n\n");
    out.push_str(TYPES);
}

/// Definitions of specified directives that the API schema has too.
pub(super) fn client_directives(supergraph: &Supergraph) -> Vec<String> {
    let mut definitions = Vec::new();
    if supergraph.types.values().any(|ty| ty.notes.one_of) {
        definitions.push(ONE_OF.to_owned());
    }
    definitions
}

fn any_notes(supergraph: &Supergraph, test: impl Fn(&Notes) -> bool) -> bool {
    supergraph
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
