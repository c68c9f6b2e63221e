//! Default values must be values of their type, which the GraphQL library does not check.

use apollo_compiler::Schema;
use apollo_compiler::ast::{Type, Value};
use apollo_compiler::schema::{ExtendedType, InputObjectType, InputValueDefinition};
use apollo_compiler::validation::Valid;

use crate::code;
use crate::diagnostic::Report;
use crate::sdl::Places;

/// Names of a type, its member, and the member's argument.
type Element<'a> = (&'a str, &'a str, Option<&'a str>);

/// Reports every default value that does not fit its type.
pub(crate) fn check(schema: &Valid<Schema>, places: &Places, subgraph: &str, report: &mut Report) {
    each_misfit(schema, &mut |(ty, member, argument), input, problem| {
        let coordinate = argument.map_or_else(
            || format!("{ty}.{member}"),
            |name| format!("{ty}.{member}({name}:)"),
        );
        let message = format!(
            "The default value of `{coordinate}` is not a `{}`: {problem}. Correct the schema of \
             subgraph `{subgraph}`.",
            input.ty
        );
        let place = places.name(&input.name);
        report.error(code::INVALID_GRAPHQL, message, vec![place.within(subgraph)]);
    });
}

/// Calls back for every default value that does not fit its type, with what is wrong.
pub(crate) fn each_misfit(
    schema: &Valid<Schema>,
    visit: &mut dyn FnMut(Element<'_>, &InputValueDefinition, String),
) {
    let mut look = |element: Element<'_>, input: &InputValueDefinition| {
        let default = input.default_value.as_ref();
        if let Some(problem) = default.and_then(|value| problem(schema, &input.ty, value)) {
            visit(element, input, problem);
        }
    };
    for (name, ty) in schema.types.iter().filter(|(_, ty)| !ty.is_built_in()) {
        let fields = match ty {
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            ExtendedType::InputObject(input) => {
                for field in input.fields.values() {
                    look((name, &field.name, None), field);
                }
                continue;
            }
            _ => continue,
        };
        for field in fields.values() {
            for argument in &field.arguments {
                look((name, &field.name, Some(&argument.name)), argument);
            }
        }
    }
}

/// What is wrong with a value of a type. Values are only as deep as the parser lets them be.
fn problem(schema: &Valid<Schema>, ty: &Type, value: &Value) -> Option<String> {
    let text = || value.serialize().no_indent().to_string();
    if value.is_null() {
        return ty.is_non_null().then(|| "it must not be null".to_owned());
    }
    if ty.is_list() {
        let item = ty.item_type();
        return match value {
            Value::List(items) => items.iter().find_map(|one| problem(schema, item, one)),
            // A single value stands for a list of it.
            single => problem(schema, item, single),
        };
    }
    let name = ty.inner_named_type();
    let fits = match (name.as_str(), schema.types.get(name)?) {
        ("Int", _) => matches!(value, Value::Int(number) if number.try_to_i32().is_ok()),
        ("Float", _) => matches!(value, Value::Int(_) | Value::Float(_)),
        ("String", _) => matches!(value, Value::String(_)),
        ("Boolean", _) => matches!(value, Value::Boolean(_)),
        ("ID", _) => matches!(value, Value::String(_) | Value::Int(_)),
        (_, ExtendedType::Enum(definition)) => {
            matches!(value, Value::Enum(value) if definition.values.contains_key(value))
        }
        (_, ExtendedType::InputObject(input)) => match value {
            Value::Object(_) => return object_problem(schema, input, value),
            _ => false,
        },
        _ => true,
    };
    (!fits).then(|| format!("{} is no `{name}`", text()))
}

fn object_problem(
    schema: &Valid<Schema>,
    input: &InputObjectType,
    value: &Value,
) -> Option<String> {
    let given = value.as_object()?;
    for (name, value) in given {
        let Some(field) = input.fields.get(name) else {
            return Some(format!("`{}` has no field `{name}`", input.name));
        };
        if let Some(problem) = problem(schema, &field.ty, value) {
            return Some(problem);
        }
    }
    let mut required = input.fields.values().filter(|field| field.is_required());
    let missing = required.find(|field| !given.iter().any(|(name, _)| *name == field.name));
    missing.map(|field| format!("`{}.{}` is missing", input.name, field.name))
}
