//! The fixed part of a supergraph: links and the definitions of the join and link specifications.

use std::fmt::Write as _;

use super::features;
use super::model::{Link, Supergraph};
use super::notes;
use super::text::quoted;

const DEFINITIONS: &str = r#"directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
"#;

const JOIN_FIELD: &str = "directive @join__field(graph: join__Graph, requires: join__FieldSet, \
     provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: \
     Boolean{}) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION";

/// Since v0.4 of the join specification.
const JOIN_DIRECTIVE: &str = "directive @join__directive(graphs: [join__Graph!], name: String!, \
     args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION";

/// What `@context` needs.
const CONTEXT: [&str; 2] = [
    "directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION",
    "directive @context__fromContext(field: context__ContextFieldValue) on ARGUMENT_DEFINITION",
];

/// Since v0.5 of the join specification.
const CONTEXT_ARGUMENT: &str = "input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}
";

const TYPES: &str = r#"scalar link__Import

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
    let features = features::header(supergraph);
    let join = join_version(supergraph);
    out.push_str("schema\n  @link(url: \"https://specs.apollo.dev/link/v1.0\")");
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "\n  @link(url: \"https://specs.apollo.dev/join/v0.{join}\", for: EXECUTION)"
    );
    let has_contexts = supergraph.types.values().any(|ty| !ty.contexts.is_empty());
    if has_contexts {
        out.push_str("\n  @link(url: \"https://specs.apollo.dev/context/v0.1\", for: SECURITY)");
    }
    let foreign = supergraph.links.iter().map(foreign_link);
    for directive in features.links.into_iter().chain(foreign) {
        let _ = write!(out, "\n  {directive}");
    }
    notes::directives(out, supergraph, (false, "\n  "), &supergraph.schema_notes);
    out.push_str("\n{\n");
    for (operation, root) in [
        ("query", "Query"),
        ("mutation", "Mutation"),
        ("subscription", "Subscription"),
    ] {
        if supergraph.types.contains_key(root) {
            let _ = writeln!(out, "  {operation}: {root}");
        }
    }
    out.push_str("}\n\n");
    let mut definitions: Vec<String> = DEFINITIONS
        .split("\n\n")
        .map(|definition| definition.trim_end().to_owned())
        .collect();
    definitions.push(JOIN_FIELD.replace("{}", join_field_arguments(join)));
    if join >= 4 {
        definitions.push(JOIN_DIRECTIVE.to_owned());
    }
    if has_contexts {
        definitions.extend(CONTEXT.iter().map(|definition| (*definition).to_owned()));
    }
    definitions.extend(features.directives);
    definitions.extend(client_directives(supergraph));
    definitions.sort();
    out.push_str(&definitions.join("\n\n"));
    out.push_str("\n\nenum join__Graph {\n");
    for graph in &supergraph.graphs {
        let (name, url) = (quoted(&graph.name), quoted(&graph.url));
        let _ = writeln!(
            out,
            "  {} @join__graph(name: {name}, url: {url})",
            graph.value
        );
    }
    out.push_str("}\n\n");
    write_types(out, join, has_contexts);
    for scalar in features.scalars {
        let _ = writeln!(out, "\nscalar {scalar}");
    }
}

/// The minor version of the join specification: the first that has all that the subgraphs'
/// federation versions may need, as Apollo's composition chooses it.
fn join_version(supergraph: &Supergraph) -> u32 {
    match supergraph.minor {
        0..7 => 3,
        7 => 4,
        _ => 5,
    }
}

fn join_field_arguments(join: u32) -> &'static str {
    match join {
        0..4 => "",
        4 => ", overrideLabel: String",
        _ => ", overrideLabel: String, contextArguments: [join__ContextArgument!]",
    }
}

fn write_types(out: &mut String, join: u32, has_contexts: bool) {
    if has_contexts {
        out.push_str("scalar context__ContextFieldValue\n\n");
    }
    if join >= 5 {
        out.push_str(CONTEXT_ARGUMENT);
        out.push('\n');
    }
    if join >= 4 {
        out.push_str("scalar join__DirectiveArguments\n\n");
    }
    out.push_str("scalar join__FieldSet\n\n");
    if join >= 5 {
        out.push_str("scalar join__FieldValue\n\n");
    }
    out.push_str(TYPES);
}

fn foreign_link(link: &Link) -> String {
    let mut text = format!("@link(url: {}", quoted(&link.url));
    let imports: Vec<String> = link
        .imports
        .iter()
        .map(|(name, local)| features::import(name, local))
        .collect();
    // Writing to a String cannot fail.
    if !imports.is_empty() {
        let _ = write!(text, ", import: [{}]", imports.join(", "));
    }
    if let Some(purpose) = &link.purpose {
        let _ = write!(text, ", for: {purpose}");
    }
    text.push(')');
    text
}

/// Definitions of specified directives that the API schema has too.
pub(super) fn client_directives(supergraph: &Supergraph) -> Vec<String> {
    let mut definitions = Vec::new();
    if supergraph.types.values().any(|ty| ty.notes.one_of) {
        definitions.push(ONE_OF.to_owned());
    }
    definitions
}
