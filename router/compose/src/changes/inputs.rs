//! What clients send: arguments and fields of input types.

use std::fmt;

use apollo_compiler::{
    Name, Node,
    schema::{InputObjectType, InputValueDefinition},
};

use super::{
    Criticality::{Breaking, Dangerous, Safe},
    Log, fields,
};

/// Whose inputs are compared.
pub(super) enum Owner<'a> {
    /// A field, by its coordinate.
    Field(&'a str),
    Directive(&'a Name),
    Object(&'a Name),
}

/// Codes of changes.
struct Codes {
    added: &'static str,
    removed: &'static str,
    retyped: &'static str,
    default: &'static str,
}

impl Owner<'_> {
    fn coordinate(&self, name: &Name) -> String {
        match self {
            Self::Field(field) => format!("{field}({name}:)"),
            Self::Directive(directive) => format!("@{directive}({name}:)"),
            Self::Object(object) => format!("{object}.{name}"),
        }
    }

    const fn codes(&self) -> Codes {
        match self {
            Self::Field(_) => Codes {
                added: "FIELD_ARGUMENT_ADDED",
                removed: "FIELD_ARGUMENT_REMOVED",
                retyped: "FIELD_ARGUMENT_TYPE_CHANGED",
                default: "FIELD_ARGUMENT_DEFAULT_CHANGED",
            },
            Self::Directive(_) => Codes {
                added: "DIRECTIVE_ARGUMENT_ADDED",
                removed: "DIRECTIVE_ARGUMENT_REMOVED",
                retyped: "DIRECTIVE_ARGUMENT_TYPE_CHANGED",
                default: "DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED",
            },
            Self::Object(_) => Codes {
                added: "INPUT_FIELD_ADDED",
                removed: "INPUT_FIELD_REMOVED",
                retyped: "INPUT_FIELD_TYPE_CHANGED",
                default: "INPUT_FIELD_DEFAULT_VALUE_CHANGED",
            },
        }
    }
}

pub(super) fn compare<V>(owner: &Owner<'_>, old: &[V], new: &[V], log: &mut Log)
where
    V: AsRef<InputValueDefinition>,
{
    let codes = owner.codes();
    for before in old.iter().map(AsRef::as_ref) {
        let coordinate = owner.coordinate(&before.name);
        match find(new, &before.name) {
            None => log.add(Breaking, codes.removed, coordinate, "It was removed."),
            Some(now) => one(&codes, &coordinate, before, now, log),
        }
    }
    for now in new.iter().map(AsRef::as_ref) {
        if find(old, &now.name).is_some() {
            continue;
        }
        let (criticality, message) = if now.is_required() {
            (Breaking, "It was added and is required.")
        } else {
            (
                Dangerous,
                "It was added; whoever leaves it out may get another answer.",
            )
        };
        log.add(
            criticality,
            codes.added,
            owner.coordinate(&now.name),
            message,
        );
    }
}

fn find<'a, V>(all: &'a [V], name: &Name) -> Option<&'a InputValueDefinition>
where
    V: AsRef<InputValueDefinition>,
{
    let mut all = all.iter().map(AsRef::as_ref);
    all.find(|one| one.name == *name)
}

pub(super) fn object(before: &InputObjectType, now: &InputObjectType, log: &mut Log) {
    let name = &before.name;
    let one_of = |object: &InputObjectType| object.directives.has("oneOf");
    match (one_of(before), one_of(now)) {
        (false, true) => {
            let message = "Exactly one of its fields must be given now.";
            log.add(Breaking, "INPUT_ONE_OF_ADDED", name, message);
        }
        (true, false) => {
            let message = "More or less than one of its fields may be given now.";
            log.add(Safe, "INPUT_ONE_OF_REMOVED", name, message);
        }
        _ => {}
    }
    let values = |object: &InputObjectType| -> Vec<Node<InputValueDefinition>> {
        let fields = object.fields.values();
        fields.map(|field| field.node.clone()).collect()
    };
    compare(&Owner::Object(name), &values(before), &values(now), log);
}

fn one(
    codes: &Codes,
    coordinate: &str,
    before: &InputValueDefinition,
    now: &InputValueDefinition,
    log: &mut Log,
) {
    fields::described(
        before.description.as_ref(),
        now.description.as_ref(),
        &coordinate,
        log,
    );
    fields::deprecated(&before.directives, &now.directives, &coordinate, log);
    if before.ty != now.ty {
        let (criticality, more) = if before.ty.is_assignable_to(&now.ty) {
            (Safe, ": it accepts more")
        } else {
            (Breaking, "")
        };
        let message = format!("Its type was {}, now {}{more}.", before.ty, now.ty);
        log.add(criticality, codes.retyped, coordinate, message);
    }
    if before.default_value == now.default_value {
        return;
    }
    let shown = |value: &InputValueDefinition| Shown(value).to_string();
    let message = format!("Its default was {}, now {}.", shown(before), shown(now));
    // Without its default what must not be null must be given.
    let criticality = if now.is_required() && !before.is_required() && before.ty.is_non_null() {
        Breaking
    } else {
        Dangerous
    };
    log.add(criticality, codes.default, coordinate, message);
}

struct Shown<'a>(&'a InputValueDefinition);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.default_value {
            Some(value) => write!(formatter, "{}", value.serialize().no_indent()),
            None => formatter.write_str("nothing"),
        }
    }
}
