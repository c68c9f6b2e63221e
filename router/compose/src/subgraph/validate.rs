//! The federation rules that one subgraph can break by itself.

use super::model::{Field, Kind, Subgraph, TypeDef};
use crate::code;
use crate::diagnostic::Report;

/// Checks all fields and types of a subgraph whose fields are marked.
pub(crate) fn validate(subgraph: &Subgraph, report: &mut Report) {
    for ty in subgraph.types.values() {
        check_interface_keys(subgraph, ty, report);
        check_interface_object(subgraph, ty, report);
        super::metadata_rules::check(subgraph, ty, report);
        for field in ty.fields().into_iter().flat_map(|fields| fields.values()) {
            if ty.kind() == Kind::Interface {
                check_interface_field(subgraph, ty, field, report);
            } else {
                check_external(subgraph, ty, field, report);
                check_override(subgraph, ty, field, report);
                check_shareable(subgraph, ty, field, report);
            }
        }
    }
}

fn check_interface_keys(subgraph: &Subgraph, ty: &TypeDef, report: &mut Report) {
    if ty.kind() != Kind::Interface || ty.keys.is_empty() {
        return;
    }
    if !subgraph.federation1 && subgraph.minor < 3 {
        for key in &ty.keys {
            let message = format!(
                "`@key` on the interface `{}` needs federation v2.3. Raise the version in `@link` \
                 of subgraph `{}` or remove the key.",
                ty.name, subgraph.name
            );
            let at = vec![subgraph.at(key.fields.place)];
            report.error(code::KEY_UNSUPPORTED_ON_INTERFACE, message, at);
        }
        return;
    }
    if subgraph.federation1 {
        return;
    }
    for implementation in subgraph.possible_types(&ty.name) {
        let Some(implementation) = subgraph.ty(implementation) else {
            continue;
        };
        for key in &ty.keys {
            // An interface that is resolved by a key gives objects that are resolved by it.
            let same = |own: &super::model::Key| {
                own.fields.text == key.fields.text && (own.resolvable || !key.resolvable)
            };
            if !implementation.keys.iter().any(same) {
                let message = format!(
                    "The interface `{}` has `@key(fields: \"{}\")` but its implementation `{}` \
                     has not, or not a resolvable one. Add the same key to `{}` in subgraph `{}`.",
                    ty.name,
                    key.fields.text,
                    implementation.name,
                    implementation.name,
                    subgraph.name
                );
                let at = vec![
                    subgraph.at(key.fields.place),
                    subgraph.at(implementation.place),
                ];
                report.error(code::INTERFACE_KEY_NOT_ON_IMPLEMENTATION, message, at);
            }
        }
    }
}

fn check_interface_object(subgraph: &Subgraph, ty: &TypeDef, report: &mut Report) {
    if ty.interface_object && ty.keys.is_empty() {
        let message = format!(
            "`{}` is an `@interfaceObject` without `@key`, so nothing can be asked of it. Add the \
             `@key` of the interface `{}`.",
            ty.name, ty.name
        );
        let at = vec![subgraph.at(ty.place)];
        report.error(code::INTERFACE_OBJECT_USAGE_ERROR, message, at);
    }
}

fn check_interface_field(subgraph: &Subgraph, ty: &TypeDef, field: &Field, report: &mut Report) {
    let at = vec![subgraph.at(field.place)];
    let coordinate = format!("{}.{}", ty.name, field.name);
    let mut refuse = |code: &'static str, directive: &str| {
        let message = format!(
            "`{directive}` on the interface field `{coordinate}` makes no sense. Remove it, or \
             put it on the field of the implementing types."
        );
        report.error(code, message, at.clone());
    };
    if field.external && !subgraph.federation1 {
        refuse(code::EXTERNAL_ON_INTERFACE, "@external");
    }
    if field.shareable && !subgraph.federation1 {
        refuse(code::INVALID_SHAREABLE_USAGE, "@shareable");
    }
    if field.override_from.is_some() {
        refuse(code::OVERRIDE_ON_INTERFACE, "@override");
    }
}

fn check_external(subgraph: &Subgraph, ty: &TypeDef, field: &Field, report: &mut Report) {
    if !field.external {
        return;
    }
    let at = vec![subgraph.at(field.place)];
    let coordinate = format!("{}.{}", ty.name, field.name);
    if field.notes.inaccessible || !field.notes.tags.is_empty() {
        let message = format!(
            "`{coordinate}` is `@external` in `{}`; its `@tag` and `@inaccessible` belong to the \
             subgraph that resolves it. Move them there.",
            subgraph.name
        );
        let code = code::MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL;
        report.error(code, message, at.clone());
    }
    if subgraph.federation1 {
        return;
    }
    if !field.used && !field.provided {
        let message = format!(
            "`{coordinate}` is `@external` but no `@key`, `@requires`, `@provides` or interface of \
             subgraph `{}` uses it. Remove the field, or the `@external` if the subgraph resolves \
             it.",
            subgraph.name
        );
        report.error(code::EXTERNAL_UNUSED, message, at.clone());
    }
    if field.provides.is_some() {
        let message = format!(
            "`{coordinate}` has `@external` and `@provides`: a field that is resolved elsewhere \
             provides nothing here. Remove one of the two."
        );
        report.error(
            code::EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE,
            message,
            at.clone(),
        );
    }
}

fn check_override(subgraph: &Subgraph, ty: &TypeDef, field: &Field, report: &mut Report) {
    let Some(override_from) = &field.override_from else {
        return;
    };
    let coordinate = format!("{}.{}", ty.name, field.name);
    let at = vec![subgraph.at(override_from.place)];
    if let Some(label) = override_from
        .label
        .as_deref()
        .filter(|label| !is_label(label))
    {
        let message = format!(
            "The label \"{label}\" of `@override` on `{coordinate}` is neither a percentage, like \
             \"percent(5)\" with at most 8 decimal places, nor a name of letters, digits and \
             `_-:./` that begins with a letter. Change it."
        );
        report.error(code::OVERRIDE_LABEL_INVALID, message, at.clone());
    }
    if ty.interface_object {
        let message = format!(
            "`{coordinate}` has `@override`, which is not possible on an `@interfaceObject`. \
             Remove it, and the field where it is now."
        );
        let code = code::OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE;
        report.error(code, message, at.clone());
    }
    if override_from.from == subgraph.name {
        let message = format!(
            "`@override` of `{coordinate}` names its own subgraph `{}`. Name the subgraph the \
             field is taken from.",
            subgraph.name
        );
        report.error(code::OVERRIDE_FROM_SELF_ERROR, message, at.clone());
    }
    if field.external {
        let message = format!(
            "`{coordinate}` has `@override` and `@external`: it cannot be taken over and be \
             resolved elsewhere. Remove one of the two."
        );
        report.error(code::OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE, message, at);
    }
}

/// A name, or a percentage from 0 to 100.
fn is_label(label: &str) -> bool {
    let percentage = label
        .strip_prefix("percent(")
        .and_then(|rest| rest.strip_suffix(')'));
    if let Some(number) = percentage {
        let is_number = |digits: &str, most: usize| {
            (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        return number == "100"
            || match number.split_once('.') {
                Some((whole, decimals)) => is_number(whole, 2) && is_number(decimals, 8),
                None => is_number(number, 2),
            };
    }
    let mut letters = label.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "_-:./".contains(letter))
}

fn check_shareable(subgraph: &Subgraph, ty: &TypeDef, field: &Field, report: &mut Report) {
    if ty.name == "Subscription" && field.shareable {
        let message = format!(
            "`Subscription.{}` is `@shareable`, but a subscription belongs to one subgraph. \
             Remove `@shareable`.",
            field.name
        );
        report.error(
            code::INVALID_FIELD_SHARING,
            message,
            vec![subgraph.at(field.place)],
        );
    }
}
