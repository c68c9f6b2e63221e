//! Types, one by one.

use std::collections::HashSet;

use apollo_compiler::{
    Name, Schema,
    collections::{IndexMap, IndexSet},
    schema::{
        Component, ComponentName, EnumType, ExtendedType, FieldDefinition, ScalarType, UnionType,
    },
};

use super::{
    Criticality::{Breaking, Dangerous, Safe},
    Log, fields, inputs,
};

pub(super) fn compare(old: &Schema, new: &Schema, log: &mut Log) {
    roots(old, new, log);
    let answered = answered(new);
    for (name, before) in own(old) {
        match new.types.get(name) {
            None => log.add(Breaking, "TYPE_REMOVED", name, "The type was removed."),
            Some(now) => one(name, before, now, &answered, log),
        }
    }
    for (name, _) in own(new) {
        if !old.types.contains_key(name) {
            log.add(Safe, "TYPE_ADDED", name, "The type was added.");
        }
    }
}

/// The types that the schema itself defines.
fn own(schema: &Schema) -> impl Iterator<Item = (&Name, &ExtendedType)> {
    let types = schema.types.iter();
    types.filter(|(_, definition)| !definition.is_built_in())
}

fn roots(old: &Schema, new: &Schema, log: &mut Log) {
    let (before, now) = (&old.schema_definition, &new.schema_definition);
    for (kind, before, now) in [
        ("query", &before.query, &now.query),
        ("mutation", &before.mutation, &now.mutation),
        ("subscription", &before.subscription, &now.subscription),
    ] {
        let coordinate = format!("schema.{kind}");
        let code = "SCHEMA_ROOT_TYPE_CHANGED";
        match (before, now) {
            (Some(before), Some(now)) if before.name != now.name => {
                let message = format!("Its type was {}, now {}.", before.name, now.name);
                log.add(Breaking, code, coordinate, message);
            }
            (Some(_), None) => log.add(Breaking, code, coordinate, "There are none any more."),
            (None, Some(_)) => log.add(Safe, code, coordinate, "There were none before."),
            _ => {}
        }
    }
}

/// Types of fields: what clients can meet in answers.
fn answered(schema: &Schema) -> HashSet<&Name> {
    let mut names = HashSet::new();
    for definition in schema.types.values() {
        let fields = match definition {
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            _ => continue,
        };
        names.extend(fields.values().map(|field| field.ty.inner_named_type()));
    }
    names
}

fn one(
    name: &Name,
    before: &ExtendedType,
    now: &ExtendedType,
    answered: &HashSet<&Name>,
    log: &mut Log,
) {
    fields::described(before.description(), now.description(), name, log);
    match (before, now) {
        (ExtendedType::Object(before), ExtendedType::Object(now)) => {
            let before = (&before.implements_interfaces, &before.fields);
            let now = (&now.implements_interfaces, &now.fields);
            composite(name, before, now, log);
        }
        (ExtendedType::Interface(before), ExtendedType::Interface(now)) => {
            let before = (&before.implements_interfaces, &before.fields);
            let now = (&now.implements_interfaces, &now.fields);
            composite(name, before, now, log);
        }
        (ExtendedType::Union(before), ExtendedType::Union(now)) => members(before, now, log),
        (ExtendedType::Enum(before), ExtendedType::Enum(now)) => {
            values(before, now, answered.contains(name), log);
        }
        (ExtendedType::InputObject(before), ExtendedType::InputObject(now)) => {
            inputs::object(before, now, log);
        }
        (ExtendedType::Scalar(before), ExtendedType::Scalar(now)) => scalar(before, now, log),
        (before, now) => {
            let message = format!("It was {}, now it is {}.", kind(before), kind(now));
            log.add(Breaking, "TYPE_KIND_CHANGED", name, message);
        }
    }
}

const fn kind(definition: &ExtendedType) -> &'static str {
    match definition {
        ExtendedType::Scalar(_) => "a scalar",
        ExtendedType::Object(_) => "an object type",
        ExtendedType::Interface(_) => "an interface",
        ExtendedType::Union(_) => "a union",
        ExtendedType::Enum(_) => "an enum",
        ExtendedType::InputObject(_) => "an input type",
    }
}

/// The interfaces that an object type or an interface implements, and its fields.
type Composite<'a> = (
    &'a IndexSet<ComponentName>,
    &'a IndexMap<Name, Component<FieldDefinition>>,
);

fn composite(name: &Name, old: Composite<'_>, new: Composite<'_>, log: &mut Log) {
    let ((before, old), (now, new)) = (old, new);
    fields::compare(name, old, new, log);
    for interface in before.difference(now) {
        let message = format!("It no longer implements {}.", interface.name);
        log.add(Breaking, "OBJECT_TYPE_INTERFACE_REMOVED", name, message);
    }
    for interface in now.difference(before) {
        let message = format!(
            "It implements {} now, so it may come where that is asked for.",
            interface.name
        );
        log.add(Dangerous, "OBJECT_TYPE_INTERFACE_ADDED", name, message);
    }
}

fn members(before: &UnionType, now: &UnionType, log: &mut Log) {
    let name = &before.name;
    for member in before.members.difference(&now.members) {
        let message = format!("{} is no longer a member.", member.name);
        log.add(Breaking, "UNION_MEMBER_REMOVED", name, message);
    }
    for member in now.members.difference(&before.members) {
        let message = format!("{} is a member now; clients may not know it.", member.name);
        log.add(Dangerous, "UNION_MEMBER_ADDED", name, message);
    }
}

fn values(before: &EnumType, now: &EnumType, is_answered: bool, log: &mut Log) {
    let name = &before.name;
    for (value, definition) in &before.values {
        let coordinate = format!("{name}.{value}");
        match now.values.get(value) {
            None => log.add(
                Breaking,
                "ENUM_VALUE_REMOVED",
                coordinate,
                "The value was removed.",
            ),
            Some(now) => {
                fields::described(
                    definition.description.as_ref(),
                    now.description.as_ref(),
                    &coordinate,
                    log,
                );
                fields::deprecated(&definition.directives, &now.directives, &coordinate, log);
            }
        }
    }
    for value in now.values.keys() {
        if before.values.contains_key(value) {
            continue;
        }
        let coordinate = format!("{name}.{value}");
        let (criticality, message) = if is_answered {
            (Dangerous, "The value was added; clients may not know it.")
        } else {
            (Safe, "The value was added; only clients send this enum.")
        };
        log.add(criticality, "ENUM_VALUE_ADDED", coordinate, message);
    }
}

fn scalar(before: &ScalarType, now: &ScalarType, log: &mut Log) {
    let url = |scalar: &ScalarType| {
        let directive = scalar.directives.get("specifiedBy")?;
        let url = directive.specified_argument_by_name("url")?;
        url.as_str().map(str::to_owned)
    };
    let (before_url, now_url) = (url(before), url(now));
    if before_url != now_url {
        let shown = |url: Option<String>| url.unwrap_or_else(|| "nothing".to_owned());
        let message = format!(
            "It was specified by {}, now by {}.",
            shown(before_url),
            shown(now_url)
        );
        log.add(
            Dangerous,
            "SCALAR_SPECIFIED_BY_CHANGED",
            &before.name,
            message,
        );
    }
}
