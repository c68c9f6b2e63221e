//! Prints the directives that any element may have.

use std::collections::BTreeSet;

use super::model::Supergraph;
use super::text::quoted;
use crate::subgraph::metadata::{Access, Conditions, ListSize};
use crate::subgraph::model::{DEFAULT_REASON, Notes};

/// Writes the directives of an element as a client sees them, or with everything that routers need,
/// each after a separator.
pub(super) fn directives(
    out: &mut String,
    supergraph: &Supergraph,
    (api, separator): (bool, &str),
    notes: &Notes,
) {
    if notes.is_empty() {
        return;
    }
    let mut directives = Vec::new();
    if !api {
        carried(supergraph, notes, &mut directives);
    }
    if let Some(url) = &notes.specified_by {
        directives.push(format!("@specifiedBy(url: {})", quoted(url)));
    }
    if notes.one_of {
        directives.push("@oneOf".to_owned());
    }
    if let Some(reason) = &notes.deprecated {
        directives.push(match reason.as_str() {
            DEFAULT_REASON => "@deprecated".to_owned(),
            reason => format!("@deprecated(reason: {})", quoted(reason)),
        });
    }
    for directive in directives {
        out.push_str(separator);
        out.push_str(&directive);
    }
}

fn carried(supergraph: &Supergraph, notes: &Notes, directives: &mut Vec<String>) {
    let local = |name: &'static str| local(supergraph, name);
    for (format, graphs) in &notes.cache_tags {
        let graphs = graphs.iter().filter_map(|graph| {
            let graph = supergraph.graphs.get(*graph)?;
            Some(graph.value.as_str())
        });
        directives.push(format!(
            "@join__directive(graphs: [{}], name: \"federation__cacheTag\", args: {{format: {}}})",
            graphs.collect::<Vec<_>>().join(", "),
            quoted(format)
        ));
    }
    if notes.inaccessible {
        directives.push(format!("@{}", local("inaccessible")));
    }
    let tag = local("tag");
    let tags = notes.tags.iter();
    directives.extend(tags.map(|name| format!("@{tag}(name: {})", quoted(name))));
    access(supergraph, &notes.access, directives);
    if let Some(weight) = notes.cost {
        directives.push(format!("@{}(weight: {weight})", local("cost")));
    }
    if let Some(size) = &notes.list_size {
        directives.push(format!("@{}{}", local("listSize"), list_size(size)));
    }
    directives.extend(notes.custom.iter().map(ToString::to_string));
}

/// What the supergraph calls a directive of federation.
fn local<'s>(supergraph: &'s Supergraph, name: &'static str) -> &'s str {
    supergraph.names.get(name).map_or(name, String::as_str)
}

fn access(supergraph: &Supergraph, access: &Access, directives: &mut Vec<String>) {
    let local = |name: &'static str| local(supergraph, name);
    if access.authenticated {
        directives.push(format!("@{}", local("authenticated")));
    }
    if let Some(scopes) = &access.scopes {
        let name = local("requiresScopes");
        directives.push(format!("@{name}(scopes: {})", conditions(scopes)));
    }
    if let Some(policies) = &access.policies {
        let name = local("policy");
        directives.push(format!("@{name}(policies: {})", conditions(policies)));
    }
}

fn conditions(conditions: &Conditions) -> String {
    let set = |names: &BTreeSet<String>| strings(names.iter());
    let sets: Vec<String> = conditions.iter().map(set).collect();
    format!("[{}]", sets.join(", "))
}

fn strings<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.map(|name| quoted(name)).collect();
    format!("[{}]", names.join(", "))
}

fn list_size(size: &ListSize) -> String {
    let slicing = size.slicing_arguments.as_ref();
    let sized = size.sized_fields.as_ref();
    let arguments = [
        size.assumed_size.map(|size| format!("assumedSize: {size}")),
        slicing.map(|names| format!("slicingArguments: {}", strings(names.iter()))),
        sized.map(|names| format!("sizedFields: {}", strings(names.iter()))),
        size.require_one_slicing_argument
            .map(|one| format!("requireOneSlicingArgument: {one}")),
    ];
    let given: Vec<String> = arguments.into_iter().flatten().collect();
    if given.is_empty() {
        return String::new();
    }
    format!("({})", given.join(", "))
}
