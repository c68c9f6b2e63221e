//! A small GraphQL executor over JSON: the inside of mock subgraphs, and of the model.

use apollo_compiler::{
    ExecutableDocument, Schema,
    executable::{Field, Selection, SelectionSet},
};
use serde_json::{Map, Value, json};

/// Gives the value of a field: type, field, arguments, the object it is on.
pub(crate) type Resolver = fn(&str, &str, &Value, &Value) -> Value;

/// One execution.
pub(crate) struct Run<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) resolver: Resolver,
    pub(crate) document: &'a ExecutableDocument,
    pub(crate) variables: &'a Map<String, Value>,
}

impl Run<'_> {
    /// What a subgraph answers: no check of any kind, so that tests can make it answer nonsense.
    pub(crate) fn object(&self, type_name: &str, source: &Value, sets: &[&SelectionSet]) -> Value {
        let mut fields: Vec<(String, Vec<&Field>)> = Vec::new();
        for set in sets {
            self.collect(type_name, set, &mut fields);
        }
        let mut object = Map::new();
        for (key, selected) in fields {
            let field = selected[0];
            let arguments = self.arguments(field);
            let name = field.name.as_str();
            let value = match name {
                "__typename" => json!(type_name),
                "_entities" => arguments["representations"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|representation| {
                        let name = representation["__typename"].as_str().unwrap();
                        let resolve = self.resolver;
                        let mut entity = resolve(name, "__entity", representation, representation);
                        if let Some(entity) = entity.as_object_mut() {
                            entity.entry("__typename").or_insert_with(|| json!(name));
                        }
                        entity
                    })
                    .collect(),
                _ => match source.get(name) {
                    Some(value) => value.clone(),
                    None => (self.resolver)(type_name, name, &arguments, source),
                },
            };
            let sets: Vec<_> = selected.iter().map(|field| &field.selection_set).collect();
            object.insert(key, self.value(field.ty().inner_named_type(), value, &sets));
        }
        Value::Object(object)
    }

    fn value(&self, declared: &str, value: Value, sets: &[&SelectionSet]) -> Value {
        match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.value(declared, item, sets))
                .collect(),
            Value::Object(_) if !sets[0].is_empty() => {
                let name = value["__typename"].as_str().unwrap_or(declared).to_owned();
                self.object(&name, &value, sets)
            }
            other => other,
        }
    }

    /// The specification's `CollectFields`.
    pub(crate) fn collect<'b>(
        &'b self,
        type_name: &str,
        set: &'b SelectionSet,
        fields: &mut Vec<(String, Vec<&'b Field>)>,
    ) {
        for selection in &set.selections {
            let off = |name: &str, value: bool| {
                let directive = selection.directives().get(name)?;
                let condition = directive.specified_argument_by_name("if")?;
                let is = match condition.as_variable() {
                    Some(name) => self.variables.get(name.as_str()).cloned()?,
                    None => json!(condition.to_bool()?),
                };
                Some(is == json!(value))
            };
            if off("skip", true) == Some(true) || off("include", false) == Some(true) {
                continue;
            }
            let (condition, inner) = match selection {
                Selection::Field(field) => {
                    let key = field.response_key().to_string();
                    match fields.iter_mut().find(|(found, _)| *found == key) {
                        Some((_, all)) => all.push(field),
                        None => fields.push((key, vec![field])),
                    }
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    (fragment.type_condition.as_ref(), &fragment.selection_set)
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.document.fragments[&spread.fragment_name];
                    (Some(fragment.type_condition()), &fragment.selection_set)
                }
            };
            let applies = |condition: &str| {
                condition == type_name || self.schema.is_subtype(condition, type_name)
            };
            if condition.is_none_or(|condition| applies(condition)) {
                self.collect(type_name, inner, fields);
            }
        }
    }

    /// Arguments with their defaults.
    pub(crate) fn arguments(&self, field: &Field) -> Value {
        let mut arguments = Map::new();
        for definition in &field.definition.arguments {
            let given = field.specified_argument_by_name(&definition.name);
            let value = given.or(definition.default_value.as_ref());
            if let Some(value) = value {
                arguments.insert(definition.name.to_string(), self.literal(value));
            }
        }
        Value::Object(arguments)
    }

    fn literal(&self, value: &apollo_compiler::ast::Value) -> Value {
        use apollo_compiler::ast::Value as Ast;
        match value {
            Ast::Variable(name) => self
                .variables
                .get(name.as_str())
                .cloned()
                .unwrap_or_default(),
            Ast::Null => Value::Null,
            Ast::Enum(name) => json!(name.as_str()),
            Ast::String(text) => json!(text),
            Ast::Boolean(flag) => json!(flag),
            Ast::Int(number) => json!(number.try_to_i32().unwrap()),
            Ast::Float(number) => json!(number.try_to_f64().unwrap()),
            Ast::List(items) => items.iter().map(|item| self.literal(item)).collect(),
            Ast::Object(members) => members
                .iter()
                .map(|(name, value)| (name.to_string(), self.literal(value)))
                .collect(),
        }
    }
}
