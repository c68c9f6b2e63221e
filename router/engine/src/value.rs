//! JSON values inside the engine.
//!
//! `serde_json_bytes`: strings of a subgraph's answer are slices of the received body, so parsing,
//! merging and copying an entity to many places share one allocation; and `apollo-compiler` speaks
//! the same type for variables and introspection.

use serde_json_bytes::ByteString;

/// A JSON value.
pub(crate) use serde_json_bytes::Value;

/// A JSON object.
pub(crate) type Object = serde_json_bytes::Map<ByteString, Value>;

/// The same value as `serde_json` has it, which is what a call to a subgraph carries.
pub(crate) fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => serde_json::Value::Number(number.clone()),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Object(object) => serde_json::Value::Object(to_json_object(object)),
    }
}

/// The same object as `serde_json` has it.
pub(crate) fn to_json_object(object: &Object) -> serde_json::Map<String, serde_json::Value> {
    object
        .iter()
        .map(|(key, value)| (key.as_str().to_owned(), to_json(value)))
        .collect()
}

/// The value of `__typename`, if there is one.
pub(crate) fn typename(object: &Object) -> Option<&str> {
    object.get("__typename").and_then(Value::as_str)
}

/// What kind of value it is, for messages.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
