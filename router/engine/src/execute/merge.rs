//! Merges answers into the data so far.

use std::collections::HashSet;

use crate::value::{Object, Value};

/// Merges `source` into `target`, deeply. Two subgraphs may both answer a shared field; a `null`
/// never hides what another subgraph has said.
pub(super) fn merge(target: &mut Object, source: Object, interfaces: &HashSet<String>) {
    if target.is_empty() {
        *target = source;
        return;
    }
    for (key, value) in source {
        match target.get_mut(key.as_str()) {
            Some(existing) if key.as_str() == "__typename" => {
                merge_typename(existing, value, interfaces);
            }
            Some(existing) => merge_value(existing, value, interfaces),
            None => {
                target.insert(key, value);
            }
        }
    }
}

fn merge_value(target: &mut Value, source: Value, interfaces: &HashSet<String>) {
    match (target, source) {
        (Value::Object(target), Value::Object(source)) => merge(target, source, interfaces),
        (Value::Array(target), Value::Array(source)) if target.len() == source.len() => {
            for (target, source) in target.iter_mut().zip(source) {
                merge_value(target, source, interfaces);
            }
        }
        // Nonsense from one subgraph does not destroy what another has said.
        (_, Value::Null) | (Value::Object(_) | Value::Array(_), _) => {}
        (target, source) => *target = source,
    }
}

/// A subgraph with an interface object names the interface; that must not replace the real type.
fn merge_typename(target: &mut Value, source: Value, interfaces: &HashSet<String>) {
    let vague = |value: &Value| value.as_str().is_none_or(|name| interfaces.contains(name));
    if vague(target) || !vague(&source) {
        *target = source;
    }
}

#[cfg(test)]
mod tests {
    use serde_json_bytes::json;

    use super::*;

    fn merged(target: Value, source: Value) -> Value {
        let (Value::Object(mut target), Value::Object(source)) = (target, source) else {
            unreachable!("tests merge objects")
        };
        merge(&mut target, source, &HashSet::from(["Media".to_owned()]));
        Value::Object(target)
    }

    #[test]
    fn objects_and_lists_of_one_length_are_merged_deeply() {
        let merged = merged(
            json!({"a": {"b": 1}, "l": [{"x": 1}, null], "n": {"x": 1}, "m": {"x": 1}}),
            json!({"a": {"c": 2}, "l": [{"y": 2}, {"y": 3}], "n": null, "m": "nonsense"}),
        );
        let expected = json!({
            "a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": 2}, {"y": 3}], "n": {"x": 1}, "m": {"x": 1}
        });
        assert_eq!(merged, expected);
    }

    #[test]
    fn the_name_of_an_interface_does_not_replace_the_name_of_a_type() {
        let book = json!({"__typename": "Book"});
        let media = json!({"__typename": "Media"});
        assert_eq!(merged(book.clone(), media.clone()), book);
        assert_eq!(merged(media, book.clone()), book);
    }
}
