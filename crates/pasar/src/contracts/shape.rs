//! What of a payload's JSON Schema consumers depend on: which members there are, of what type, and whether
//! they are always there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// How deep members are followed; payloads are shallow, and a schema may refer to itself.
const DEPTH: usize = 12;

/// Each member by its path, such as `changes[].newPrice.currency`.
pub(crate) type Shape = BTreeMap<String, Member>;

/// One member of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// `string`, `integer(int64)`, `object|null` …
    pub(crate) kind: String,
    pub(crate) required: bool,
    pub(crate) description: String,
}

impl Member {
    /// As the lock file holds it.
    pub(crate) fn to_text(&self) -> String {
        let optional = if self.required { "" } else { "optional " };
        format!("{optional}{}", self.kind)
    }
}

/// The shape of the payloads that `schema` describes.
pub(crate) fn of(schema: &Value) -> Shape {
    let mut shape = Shape::new();
    let none = Map::new();
    let definitions = schema
        .get("$defs")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    Walk {
        definitions,
        shape: &mut shape,
    }
    .members(schema, "", DEPTH);
    shape
}

struct Walk<'a> {
    definitions: &'a Map<String, Value>,
    shape: &'a mut Shape,
}

impl<'a> Walk<'a> {
    /// The schema itself, or what it refers to.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..DEPTH {
            let name = schema
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix("#/$defs/"));
            match name.and_then(|name| self.definitions.get(name)) {
                Some(found) => schema = found,
                None => break,
            }
        }
        schema
    }

    fn members(&mut self, schema: &'a Value, path: &str, depth: usize) {
        let schema = self.not_null(schema);
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return;
        };
        let required: Vec<&str> = list(schema, "required")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        for (name, member) in properties {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            self.member(member, &path, required.contains(&name.as_str()), depth);
        }
    }

    fn member(&mut self, schema: &'a Value, path: &str, required: bool, depth: usize) {
        let description = [schema, self.not_null(schema)]
            .iter()
            .find_map(|schema| schema.get("description")?.as_str())
            .unwrap_or_default();
        let member = Member {
            kind: self.kind(schema),
            required,
            description: description.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        self.shape.insert(path.to_owned(), member);
        if depth == 0 {
            return;
        }
        let inner = self.not_null(schema);
        self.members(inner, path, depth - 1);
        if let Some(items) = inner.get("items") {
            self.member(items, &format!("{path}[]"), true, depth - 1);
        }
        if let Some(values) = inner
            .get("additionalProperties")
            .filter(|it| it.is_object())
        {
            self.member(values, &format!("{path}{{}}"), true, depth - 1);
        }
    }

    /// Without the alternative `null`.
    fn not_null(&self, schema: &'a Value) -> &'a Value {
        let schema = self.resolve(schema);
        let mut alternatives = list(schema, "anyOf")
            .iter()
            .filter(|one| one.get("type").and_then(Value::as_str) != Some("null"));
        match (alternatives.next(), alternatives.next()) {
            (Some(only), None) => self.resolve(only),
            _ => schema,
        }
    }

    fn kind(&self, schema: &'a Value) -> String {
        let schema = self.resolve(schema);
        let mut kinds: Vec<String> = match schema.get("type") {
            Some(Value::String(kind)) => vec![kind.clone()],
            Some(Value::Array(kinds)) => kinds
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => ["anyOf", "oneOf", "allOf"]
                .iter()
                .flat_map(|word| list(schema, word))
                .map(|one| self.kind(one))
                .collect(),
        };
        // The values of an enumeration may grow: consumers are ready for unknown ones.
        kinds.sort();
        kinds.dedup();
        kinds.sort_by_key(|kind| kind == "null");
        let mut kind = kinds.join("|");
        if kind.is_empty() {
            "any".clone_into(&mut kind);
        }
        match schema.get("format").and_then(Value::as_str) {
            Some(format) => format!("{kind}({format})"),
            None => kind,
        }
    }
}

fn list<'a>(schema: &'a Value, name: &str) -> &'a [Value] {
    schema
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(schema: &Value) -> Vec<(String, String)> {
        let shape = of(schema);
        shape
            .iter()
            .map(|(path, member)| (path.clone(), member.to_text()))
            .collect()
    }

    #[test]
    fn members_are_found_at_every_depth() {
        let schema = json!({
            "type": "object",
            "properties": {
                "id": { "type": "string", "pattern": "^x$", "description": "Which." },
                "note": { "type": ["string", "null"] },
                "price": { "anyOf": [{ "$ref": "#/$defs/Money" }, { "type": "null" }] },
                "tags": { "type": "object", "additionalProperties": { "type": "string" } },
                "changes": { "type": "array", "items": { "$ref": "#/$defs/Change" } }
            },
            "required": ["id", "changes"],
            "$defs": {
                "Money": {
                    "type": "object",
                    "properties": {
                        "minor": { "type": "integer", "format": "int64" },
                        "currency": { "oneOf": [
                            { "type": "string", "const": "IDR" }, { "type": "string", "const": "USD" }
                        ] }
                    },
                    "required": ["minor"]
                },
                "Change": { "type": "object", "properties": { "next": { "$ref": "#/$defs/Change" } } }
            }
        });
        let found = texts(&schema);
        let expected = [
            ("changes", "array"),
            ("changes[]", "object"),
            ("changes[].next", "optional object"),
            ("id", "string"),
            ("note", "optional string|null"),
            ("price", "optional object|null"),
            ("price.currency", "optional string"),
            ("price.minor", "integer(int64)"),
            ("tags", "optional object"),
            ("tags{}", "string"),
        ];
        for (path, text) in expected {
            assert!(
                found.contains(&(path.to_owned(), text.to_owned())),
                "{path}: {found:?}"
            );
        }
        // A schema that refers to itself ends somewhere.
        assert!(found.len() < 40);
        assert_eq!(of(&schema)["id"].description, "Which.");
    }
}
