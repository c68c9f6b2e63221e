//! Prints the join directives: which subgraph has what, and how.

use std::fmt::Write as _;

use super::model::{ContextArgument, GraphIndex, JoinField, JoinType, Supergraph};
use super::text::quoted;

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
pub(super) fn ty(supergraph: &Supergraph, join: &JoinType) -> String {
    let mut text = format!("@join__type(graph: {}", graph(supergraph, join.graph));
    if let Some(key) = &join.key {
        // Writing to a String cannot fail.
        let _ = write!(text, ", key: {}", quoted(key));
    }
    let flags = [
        (join.extension, "extension: true"),
        (!join.resolvable, "resolvable: false"),
        (join.interface_object, "isInterfaceObject: true"),
    ];
    for (_, flag) in flags.iter().filter(|(is_set, _)| *is_set) {
        text.push_str(", ");
        text.push_str(flag);
    }
    text.push(')');
    text
}

/// `@join__field`.
pub(super) fn field(supergraph: &Supergraph, join: &JoinField) -> String {
    let mut arguments = Vec::new();
    if let Some(index) = join.graph {
        arguments.push(format!("graph: {}", graph(supergraph, index)));
    }
    let strings = [
        ("requires", &join.requires),
        ("provides", &join.provides),
        ("type", &join.ty),
        ("override", &join.overrides),
        ("overrideLabel", &join.override_label),
    ];
    for (name, value) in strings {
        let value = value.as_ref();
        arguments.extend(value.map(|value| format!("{name}: {}", quoted(value))));
    }
    if join.external {
        arguments.push("external: true".to_owned());
    }
    if join.used_overridden {
        arguments.push("usedOverridden: true".to_owned());
    }
    if !join.context_arguments.is_empty() {
        let values = join.context_arguments.iter();
        let values: Vec<String> = values
            .map(|argument| context_argument(supergraph, argument))
            .collect();
        arguments.push(format!("contextArguments: [{}]", values.join(", ")));
    }
    if arguments.is_empty() {
        return "@join__field".to_owned();
    }
    format!("@join__field({})", arguments.join(", "))
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
