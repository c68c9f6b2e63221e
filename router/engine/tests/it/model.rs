//! What the answer should be: the specification's `ExecuteSelectionSet` and `CompleteValue`, written
//! down as plainly as possible.

use apollo_compiler::{
    ast::Type,
    executable::{Field, SelectionSet},
    schema::ExtendedType,
};
use serde_json::{Map, Value, json};

use crate::executor::Run;

/// The parent must become null.
pub(crate) struct MustBeNull;

/// The fields of an object of type `type_name`.
pub(crate) fn object(
    run: &Run<'_>,
    type_name: &str,
    source: &Value,
    sets: &[&SelectionSet],
) -> Result<Value, MustBeNull> {
    let mut fields: Vec<(String, Vec<&Field>)> = Vec::new();
    for set in sets {
        run.collect(type_name, set, &mut fields);
    }
    let mut object = Map::new();
    for (key, selected) in fields {
        let field = selected[0];
        let name = field.name.as_str();
        let value = if name == "__typename" {
            json!(type_name)
        } else {
            let value = match source.get(name) {
                Some(value) => value.clone(),
                None => (run.resolver)(type_name, name, &run.arguments(field), source),
            };
            let definition = run.schema.type_field(type_name, name).unwrap();
            let sets: Vec<_> = selected.iter().map(|field| &field.selection_set).collect();
            complete(run, &definition.ty, value, &sets)?
        };
        object.insert(key, value);
    }
    Ok(Value::Object(object))
}

fn complete(
    run: &Run<'_>,
    ty: &Type,
    value: Value,
    sets: &[&SelectionSet],
) -> Result<Value, MustBeNull> {
    let completed = match (ty, value) {
        (_, Value::Null) => Err(MustBeNull),
        (Type::List(item) | Type::NonNullList(item), Value::Array(items)) => items
            .into_iter()
            .map(|value| complete(run, item, value, sets))
            .collect(),
        (Type::List(_) | Type::NonNullList(_), _) => Err(MustBeNull),
        (Type::Named(name) | Type::NonNullNamed(name), value) => named(run, name, value, sets),
    };
    match completed {
        Err(MustBeNull) if !ty.is_non_null() => Ok(Value::Null),
        completed => completed,
    }
}

fn named(
    run: &Run<'_>,
    name: &str,
    value: Value,
    sets: &[&SelectionSet],
) -> Result<Value, MustBeNull> {
    match &run.schema.types[name] {
        ExtendedType::Object(_) if value.is_object() => object(run, name, &value, sets),
        ExtendedType::Interface(_) | ExtendedType::Union(_) => match value["__typename"].as_str() {
            Some(real) if run.schema.is_subtype(name, real) => object(run, real, &value, sets),
            _ => Err(MustBeNull),
        },
        ExtendedType::Enum(definition) => match value.as_str() {
            Some(found) if definition.values.contains_key(found) => Ok(value),
            _ => Err(MustBeNull),
        },
        ExtendedType::Scalar(_) => match (name, &value) {
            ("Int", Value::Number(number)) if number.is_i64() => Ok(value),
            ("Float", Value::Number(_))
            | ("String" | "ID", Value::String(_))
            | ("Boolean", Value::Bool(_)) => Ok(value),
            ("Int" | "Float" | "String" | "ID" | "Boolean", _) => Err(MustBeNull),
            _ => Ok(value),
        },
        _ => Err(MustBeNull),
    }
}
