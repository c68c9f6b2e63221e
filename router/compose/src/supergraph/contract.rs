//! Contracts: hiding what a set of clients must not see, by tags.

use std::collections::{BTreeMap, BTreeSet};

use super::check::locate;
use super::model::{MergedBody, MergedField, MergedType, Supergraph};
use crate::code;
use crate::diagnostic::{Place, Report};
use crate::subgraph::model::{Notes, Subgraph};

/// Which part of a graph some clients may see. The rules are those of Apollo's contracts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contract {
    /// If there are any: fields of objects and interfaces, and unions, are hidden unless they or
    /// their type have one of these tags.
    pub include: BTreeSet<String>,
    /// Whatever has one of these tags is hidden, whether it is included or not; a type's tags are
    /// also those of its fields.
    pub exclude: BTreeSet<String>,
    /// Hide types that no visible field or argument leads to.
    pub hide_unreachable_types: bool,
}

/// Hides by `@inaccessible` what a contract does not show. Types of which nothing is left are
/// hidden too, and the fields that return them.
pub(crate) fn apply(
    supergraph: &mut Supergraph,
    contract: &Contract,
    subgraphs: &[Subgraph],
    report: &mut Report,
) {
    check_tags(supergraph, contract, subgraphs, report);
    for ty in supergraph.types.values_mut() {
        filter(ty, contract);
    }
    while hide_emptied(supergraph) {}
    if contract.hide_unreachable_types {
        let reachable = reachable(supergraph);
        for (name, ty) in &mut supergraph.types {
            ty.notes.inaccessible |= !reachable.contains(name);
        }
    }
    let query = supergraph.types.get("Query");
    if query.is_some_and(|query| query.notes.inaccessible) {
        let at = locate(subgraphs, "Query", None, None);
        let message = "The contract hides every query field. Include a tag that a field of \
            `Query` has, or exclude less.";
        report.error(code::NO_QUERIES, message, at);
    }
}

/// A tag that nothing has is likely misspelt, and what it should exclude is shown.
fn check_tags(
    supergraph: &Supergraph,
    contract: &Contract,
    subgraphs: &[Subgraph],
    report: &mut Report,
) {
    for tag in contract.include.union(&contract.exclude) {
        if super::features::any_notes(supergraph, |notes| notes.tags.contains(tag)) {
            continue;
        }
        let at = subgraphs
            .iter()
            .map(|subgraph| subgraph.at(Place::default()))
            .collect();
        let message = format!(
            "The contract names the tag `{tag}`, which nothing has. Correct the name, or add \
             `@tag(name: \"{tag}\")` to what it is about."
        );
        report.warn(code::CONTRACT_TAG_UNUSED, message, at);
    }
}

/// Whether a contract excludes an element with these notes, which inherits the tags of others.
fn is_excluded(contract: &Contract, notes: &Notes, inherited: &BTreeSet<String>) -> bool {
    let has = |tags: &BTreeSet<String>| !tags.is_disjoint(&contract.exclude);
    has(&notes.tags) || has(inherited)
}

fn is_included(contract: &Contract, notes: &Notes, inherited: &BTreeSet<String>) -> bool {
    contract.include.is_empty()
        || !notes.tags.is_disjoint(&contract.include)
        || !inherited.is_disjoint(&contract.include)
}

fn filter(ty: &mut MergedType, contract: &Contract) {
    let none = BTreeSet::new();
    let tags = ty.notes.tags.clone();
    ty.notes.inaccessible |= is_excluded(contract, &ty.notes, &none);
    match &mut ty.body {
        MergedBody::Scalar => {}
        MergedBody::Object(fields) | MergedBody::Interface(fields) => {
            for field in fields.values_mut() {
                field.notes.inaccessible |= is_excluded(contract, &field.notes, &tags)
                    || !is_included(contract, &field.notes, &tags);
                for argument in field.arguments.values_mut() {
                    argument.notes.inaccessible |= is_excluded(contract, &argument.notes, &none);
                }
            }
        }
        MergedBody::Union(_) => {
            ty.notes.inaccessible |= !is_included(contract, &ty.notes, &none);
        }
        MergedBody::Enum(values) => {
            for value in values.values_mut() {
                value.notes.inaccessible |= is_excluded(contract, &value.notes, &none);
            }
        }
        MergedBody::Input(fields) => {
            for field in fields.values_mut() {
                field.notes.inaccessible |= is_excluded(contract, &field.notes, &none);
            }
        }
    }
}

/// Hides types of which nothing is left with the fields that return them, and fields of interfaces
/// that an implementation does not show; true when there was something to hide.
fn hide_emptied(supergraph: &mut Supergraph) -> bool {
    let emptied: BTreeSet<String> = supergraph
        .types
        .values()
        .filter(|ty| !ty.notes.inaccessible && is_emptied(supergraph, ty))
        .map(|ty| ty.name.clone())
        .collect();
    // A type that is about to go is none that an interface must agree with.
    let partial = if emptied.is_empty() {
        partial_interfaces(supergraph)
    } else {
        BTreeSet::new()
    };
    if emptied.is_empty() && partial.is_empty() {
        return false;
    }
    for (name, ty) in &mut supergraph.types {
        ty.notes.inaccessible |= emptied.contains(name);
        if let MergedBody::Object(fields) | MergedBody::Interface(fields) = &mut ty.body {
            for (field_name, field) in fields {
                field.notes.inaccessible |= emptied.contains(field.ty.inner_named_type().as_str())
                    || partial.contains(&(name.clone(), field_name.clone()));
                for argument in field.arguments.values_mut() {
                    let target = argument.ty.inner_named_type().as_str();
                    argument.notes.inaccessible |=
                        emptied.contains(target) && !argument.is_required();
                }
            }
        }
    }
    true
}

fn is_emptied(supergraph: &Supergraph, ty: &MergedType) -> bool {
    let is_hidden = |name: &String| {
        let ty = supergraph.types.get(name);
        ty.is_some_and(|ty| ty.notes.inaccessible)
    };
    match &ty.body {
        MergedBody::Scalar => false,
        MergedBody::Object(fields) | MergedBody::Interface(fields) => {
            fields.values().all(|field| field.notes.inaccessible)
        }
        MergedBody::Union(members) => members.keys().all(is_hidden),
        MergedBody::Enum(values) => values.values().all(|value| value.notes.inaccessible),
        MergedBody::Input(fields) => fields.values().all(|field| field.notes.inaccessible),
    }
}

/// The visible fields of visible interfaces that a visible implementation hides.
fn partial_interfaces(supergraph: &Supergraph) -> BTreeSet<(String, String)> {
    let shown = |ty: &&MergedType| !ty.notes.inaccessible;
    let mut partial = BTreeSet::new();
    for ty in supergraph.types.values().filter(shown) {
        let hidden = ty.fields().into_iter().flatten();
        let hidden: Vec<_> = hidden
            .filter(|(_, field)| field.notes.inaccessible)
            .collect();
        for interface in ty.implements.keys() {
            let interface = supergraph.types.get(interface).filter(shown);
            let Some((interface, fields)) =
                interface.and_then(|interface| Some((interface, interface.fields()?)))
            else {
                continue;
            };
            for (name, _) in &hidden {
                if fields
                    .get(*name)
                    .is_some_and(|field| !field.notes.inaccessible)
                {
                    partial.insert((interface.name.clone(), (*name).clone()));
                }
            }
        }
    }
    partial
}

/// The types that visible elements lead to from the roots.
fn reachable(supergraph: &Supergraph) -> BTreeSet<String> {
    let mut implementations: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ty in supergraph.types.values() {
        for interface in ty.implements.keys() {
            implementations.entry(interface).or_default().push(&ty.name);
        }
    }
    let mut queue: Vec<&str> = vec!["Query", "Mutation", "Subscription"];
    let arguments = supergraph
        .directives
        .values()
        .flat_map(|directive| directive.arguments.values());
    queue.extend(arguments.map(|argument| argument.ty.inner_named_type().as_str()));
    let mut seen = BTreeSet::new();
    while let Some(name) = queue.pop() {
        let ty = supergraph.types.get(name);
        let Some(ty) = ty.filter(|ty| !ty.notes.inaccessible) else {
            continue;
        };
        if !seen.insert(name.to_owned()) {
            continue;
        }
        queue.extend(ty.implements.keys().map(String::as_str));
        queue.extend(implementations.get(name).into_iter().flatten());
        match &ty.body {
            MergedBody::Object(fields) | MergedBody::Interface(fields) => {
                fields
                    .values()
                    .for_each(|field| leads_to(field, &mut queue));
            }
            MergedBody::Union(members) => queue.extend(members.keys().map(String::as_str)),
            MergedBody::Input(fields) => {
                let shown = fields.values().filter(|field| !field.notes.inaccessible);
                queue.extend(shown.map(|field| field.ty.inner_named_type().as_str()));
            }
            MergedBody::Scalar | MergedBody::Enum(_) => {}
        }
    }
    seen
}

fn leads_to<'a>(field: &'a MergedField, queue: &mut Vec<&'a str>) {
    if field.notes.inaccessible {
        return;
    }
    queue.push(field.ty.inner_named_type().as_str());
    let shown = field.arguments.values();
    let shown = shown.filter(|argument| !argument.notes.inaccessible);
    queue.extend(shown.map(|argument| argument.ty.inner_named_type().as_str()));
}
