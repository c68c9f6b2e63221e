//! Directives that clients may write; those on schemas are nothing to them.

use apollo_compiler::{Node, Schema, ast::DirectiveLocation, schema::DirectiveDefinition};

use super::{
    Criticality::{Breaking, Safe},
    Log, fields,
    inputs::{self, Owner},
};

pub(super) fn compare(old: &Schema, new: &Schema, log: &mut Log) {
    for before in own(old) {
        let coordinate = format!("@{}", before.name);
        match own(new).find(|now| now.name == before.name) {
            None => log.add(
                Breaking,
                "DIRECTIVE_REMOVED",
                coordinate,
                "The directive was removed.",
            ),
            Some(now) => one(&coordinate, before, now, log),
        }
    }
    for now in own(new) {
        if !own(old).any(|before| before.name == now.name) {
            let coordinate = format!("@{}", now.name);
            log.add(
                Safe,
                "DIRECTIVE_ADDED",
                coordinate,
                "The directive was added.",
            );
        }
    }
}

/// Those with a place in operations.
fn own(schema: &Schema) -> impl Iterator<Item = &Node<DirectiveDefinition>> {
    let all = schema.directive_definitions.values();
    all.filter(|directive| !directive.is_built_in() && places(directive).next().is_some())
}

/// Where it may stand in an operation.
fn places(directive: &DirectiveDefinition) -> impl Iterator<Item = DirectiveLocation> {
    use DirectiveLocation as At;
    let is_executable = |place: &DirectiveLocation| {
        matches!(
            place,
            At::Query
                | At::Mutation
                | At::Subscription
                | At::Field
                | At::FragmentDefinition
                | At::FragmentSpread
                | At::InlineFragment
                | At::VariableDefinition
        )
    };
    directive.locations.iter().copied().filter(is_executable)
}

fn one(coordinate: &str, before: &DirectiveDefinition, now: &DirectiveDefinition, log: &mut Log) {
    fields::described(
        before.description.as_ref(),
        now.description.as_ref(),
        &coordinate,
        log,
    );
    for place in places(before) {
        if !now.locations.contains(&place) {
            let message = format!("It may no longer stand at {place}.");
            log.add(Breaking, "DIRECTIVE_LOCATION_REMOVED", coordinate, message);
        }
    }
    for place in places(now) {
        if !before.locations.contains(&place) {
            let message = format!("It may stand at {place} now.");
            log.add(Safe, "DIRECTIVE_LOCATION_ADDED", coordinate, message);
        }
    }
    match (before.repeatable, now.repeatable) {
        (true, false) => {
            let message = "It may no longer stand twice in one place.";
            log.add(
                Breaking,
                "DIRECTIVE_REPEATABLE_REMOVED",
                coordinate,
                message,
            );
        }
        (false, true) => {
            let message = "It may stand more than once in one place now.";
            log.add(Safe, "DIRECTIVE_REPEATABLE_ADDED", coordinate, message);
        }
        _ => {}
    }
    let owner = Owner::Directive(&before.name);
    inputs::compare(&owner, &before.arguments, &now.arguments, log);
}
