//! Prints the join directives: which subgraph has what, and how.

use super::model::{ContextArgument, GraphIndex, JoinField, JoinType, Supergraph};
use super::text::{push_quoted, quoted};

/// The value of a subgraph in the `join__Graph` enum.
pub(super) fn graph(supergraph: &Supergraph, index: GraphIndex) -> &str {
    let graph = supergraph.graphs.get(index);
    graph.map_or("", |graph| graph.value.as_str())
}

/// The name of a context in the supergraph.
pub(super) fn context(supergraph: &Supergraph, index: GraphIndex, name: &str) -> String {
    let graph = supergraph.graphs.get(index);
    let graph = graph.map_or("", |graph| graph.name.as_str());
    format!("{graph}__{name}")
}

/// `@join__type`.
pub(super) fn ty(out: &mut String, supergraph: &Supergraph, join: &JoinType) {
    out.push_str("@join__type(graph: ");
    out.push_str(graph(supergraph, join.graph));
    if let Some(key) = &join.key {
        out.push_str(", key: ");
        push_quoted(out, key);
    }
    let flags = [
        (join.extension, ", extension: true"),
        (!join.resolvable, ", resolvable: false"),
        (join.interface_object, ", isInterfaceObject: true"),
    ];
    for (_, flag) in flags.iter().filter(|(is_set, _)| *is_set) {
        out.push_str(flag);
    }
    out.push(')');
}

/// A directive of the join specification that ties a subgraph to a name.
pub(super) fn named(
    out: &mut String,
    supergraph: &Supergraph,
    (directive, index): (&str, GraphIndex),
    (argument, name): (&str, &str),
) {
    out.push_str(directive);
    out.push_str("(graph: ");
    out.push_str(graph(supergraph, index));
    out.push_str(", ");
    out.push_str(argument);
    out.push_str(": ");
    push_quoted(out, name);
    out.push(')');
}

/// `@join__field`.
pub(super) fn field(out: &mut String, supergraph: &Supergraph, join: &JoinField) {
    let start = out.len();
    out.push_str("@join__field");
    // Before the first argument is a parenthesis, before the others a comma.
    let mut before = "(";
    let mut next = |out: &mut String, name: &str| {
        out.push_str(before);
        out.push_str(name);
        before = ", ";
    };
    if let Some(index) = join.graph {
        next(out, "graph: ");
        out.push_str(graph(supergraph, index));
    }
    let strings = [
        ("requires: ", &join.requires),
        ("provides: ", &join.provides),
        ("type: ", &join.ty),
        ("override: ", &join.overrides),
        ("overrideLabel: ", &join.override_label),
    ];
    for (name, value) in strings {
        if let Some(value) = value {
            next(out, name);
            push_quoted(out, value);
        }
    }
    if join.external {
        next(out, "external: true");
    }
    if join.used_overridden {
        next(out, "usedOverridden: true");
    }
    if !join.context_arguments.is_empty() {
        let values = join.context_arguments.iter();
        let values: Vec<String> = values
            .map(|argument| context_argument(supergraph, argument))
            .collect();
        next(out, "contextArguments: [");
        out.push_str(&values.join(", "));
        out.push(']');
    }
    if out.len() > start + "@join__field".len() {
        out.push(')');
    }
}

/// Fields in braces; conditions as they are.
fn selection(text: &str) -> String {
    if text.starts_with("...") {
        format!(" {text}")
    } else {
        format!(" {{ {text} }}")
    }
}

fn context_argument(supergraph: &Supergraph, argument: &ContextArgument) -> String {
    format!(
        "{{context: {}, name: {}, type: {}, selection: {}}}",
        quoted(&context(supergraph, argument.graph, &argument.context)),
        quoted(&argument.name),
        quoted(&argument.ty),
        quoted(&selection(&argument.selection))
    )
}
