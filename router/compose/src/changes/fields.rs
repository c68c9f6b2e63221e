//! Fields of object types and interfaces, and what every named thing has: a description, a deprecation.

use std::fmt::Display;

use apollo_compiler::{
    Name, Node,
    ast::Directive,
    collections::IndexMap,
    schema::{Component, FieldDefinition},
};

use super::{
    Criticality::{Breaking, Safe},
    Log,
    inputs::{self, Owner},
};

pub(super) fn compare(
    type_name: &Name,
    old: &IndexMap<Name, Component<FieldDefinition>>,
    new: &IndexMap<Name, Component<FieldDefinition>>,
    log: &mut Log,
) {
    for (name, before) in old {
        let coordinate = format!("{type_name}.{name}");
        let Some(now) = new.get(name) else {
            let message = match reason(&before.directives) {
                Some(_) => "The field, which was deprecated, was removed.",
                None => "The field was removed.",
            };
            log.add(Breaking, "FIELD_REMOVED", coordinate, message);
            continue;
        };
        described(
            before.description.as_ref(),
            now.description.as_ref(),
            &coordinate,
            log,
        );
        deprecated(&before.directives, &now.directives, &coordinate, log);
        if before.ty != now.ty {
            let (criticality, message) = if now.ty.is_assignable_to(&before.ty) {
                (
                    Safe,
                    format!("Its type was {}, now {}: it says more.", before.ty, now.ty),
                )
            } else {
                (
                    Breaking,
                    format!("Its type was {}, now {}.", before.ty, now.ty),
                )
            };
            log.add(criticality, "FIELD_TYPE_CHANGED", &coordinate, message);
        }
        let owner = Owner::Field(&coordinate);
        inputs::compare(&owner, &before.arguments, &now.arguments, log);
    }
    for name in new.keys() {
        if !old.contains_key(name) {
            let coordinate = format!("{type_name}.{name}");
            log.add(Safe, "FIELD_ADDED", coordinate, "The field was added.");
        }
    }
}

pub(super) fn described(
    before: Option<&Node<str>>,
    now: Option<&Node<str>>,
    coordinate: &impl Display,
    log: &mut Log,
) {
    let message = match (before, now) {
        (None, Some(_)) => "A description was added.",
        (Some(_), None) => "The description was removed.",
        (Some(before), Some(now)) if before != now => "The description was changed.",
        _ => return,
    };
    log.add(Safe, "DESCRIPTION_CHANGED", coordinate, message);
}

pub(super) fn deprecated<D>(before: D, now: D, coordinate: &impl Display, log: &mut Log)
where
    D: IntoIterator,
    D::Item: AsRef<Directive>,
{
    match (reason(before), reason(now)) {
        (None, Some(reason)) => {
            let message = format!("It was deprecated: {reason}");
            log.add(Safe, "DEPRECATION_ADDED", coordinate, message);
        }
        (Some(_), None) => {
            let message = "It is no longer deprecated.";
            log.add(Safe, "DEPRECATION_REMOVED", coordinate, message);
        }
        (Some(before), Some(now)) if before != now => {
            let message = format!("The reason of its deprecation was changed: {now}");
            log.add(Safe, "DEPRECATION_REASON_CHANGED", coordinate, message);
        }
        _ => {}
    }
}

/// Why it is deprecated, if it is.
fn reason<D>(directives: D) -> Option<String>
where
    D: IntoIterator,
    D::Item: AsRef<Directive>,
{
    let mut directives = directives.into_iter();
    let found = directives.find(|directive| directive.as_ref().name == "deprecated")?;
    let reason = found.as_ref().specified_argument_by_name("reason");
    let text = reason
        .and_then(|value| value.as_str())
        .unwrap_or("no reason is given");
    Some(text.to_owned())
}
