//! Entities: which are asked for, what the subgraph is told about them, and where the answers go.

use std::collections::HashSet;

use indexmap::IndexSet;

use super::{merge::merge, path, rewrites};
use crate::{
    error::PathSegment,
    plan::{EntityGroup, Require, RequiredField, Step},
    value::{Object, Value, to_json, typename},
};

/// What one group of an entity fetch asks for. Equal representations are asked for once.
pub(super) struct Batch {
    representations: IndexSet<Value>,
    targets: Vec<Target>,
    /// List positions of all targets, one after the other.
    positions: Vec<u32>,
}

/// A place in the data that waits for an entity.
struct Target {
    /// Which of the group's paths leads there.
    path: usize,
    /// Its part of [`Batch::positions`].
    positions: std::ops::Range<usize>,
    /// Nothing when the entity cannot be named, because a part of its key is missing.
    representation: Option<usize>,
}

impl Batch {
    /// Collects the entities of `group` from the data so far.
    pub(super) fn collect(data: &Value, group: &EntityGroup) -> Self {
        let mut batch = Self {
            representations: IndexSet::new(),
            targets: Vec::new(),
            positions: Vec::new(),
        };
        for (path, steps) in group.paths.iter().enumerate() {
            path::visit(data, steps, &mut |object, positions| {
                let representation = represent(object, &group.requires).map(|mut value| {
                    rewrites::apply(&mut value, &group.input_rewrites);
                    batch.representations.insert_full(value).0
                });
                let start = batch.positions.len();
                batch.positions.extend_from_slice(positions);
                batch.targets.push(Target {
                    path,
                    positions: start..batch.positions.len(),
                    representation,
                });
            });
        }
        batch
    }

    pub(super) fn is_empty(&self) -> bool {
        self.representations.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.representations.len()
    }

    /// Whether there is a representation of this number.
    pub(super) fn contains(&self, index: usize) -> bool {
        index < self.representations.len()
    }

    /// The value of the variable for `_entities(representations:)`.
    pub(super) fn variable(&self) -> serde_json::Value {
        self.representations.iter().map(to_json).collect()
    }

    /// Merges the answer, a list as long as the representations, and gives back the places of
    /// elements that are no entities. Fails when the answer is no such list.
    pub(super) fn merge(
        &self,
        data: &mut Value,
        group: &EntityGroup,
        entities: Value,
        interfaces: &HashSet<String>,
    ) -> Result<Vec<Vec<PathSegment>>, &'static str> {
        let Value::Array(mut entities) = entities else {
            return Err("_entities is not a list");
        };
        if entities.len() != self.representations.len() {
            return Err("_entities has not one element per representation");
        }
        for entity in &mut entities {
            rewrites::apply(entity, &group.output_rewrites);
        }
        let mut waiting = vec![0_u32; entities.len()];
        let asked = |target: &Target| target.representation;
        for index in self.targets.iter().filter_map(asked) {
            waiting[index] += 1;
        }
        let mut nonsense = Vec::new();
        for target in &self.targets {
            let Some(index) = target.representation else {
                continue;
            };
            waiting[index] -= 1;
            let entity = match &mut entities[index] {
                Value::Object(entity) if waiting[index] == 0 => std::mem::take(entity),
                Value::Object(entity) => entity.clone(),
                Value::Null => continue,
                _ => {
                    nonsense.push(self.response_path(data, group, target));
                    continue;
                }
            };
            let (steps, positions) = self.place(group, target);
            if let Some(object) = path::find(data, steps, positions) {
                merge(object, entity, interfaces);
            }
        }
        Ok(nonsense)
    }

    /// Where the entities are in the response that `chosen` chooses by their representation.
    pub(super) fn places(
        &self,
        data: &Value,
        group: &EntityGroup,
        chosen: impl Fn(Option<usize>) -> bool,
    ) -> Vec<Vec<PathSegment>> {
        self.targets
            .iter()
            .filter(|target| chosen(target.representation))
            .map(|target| self.response_path(data, group, target))
            .collect()
    }

    fn place<'a>(&'a self, group: &'a EntityGroup, target: &Target) -> (&'a [Step], &'a [u32]) {
        let positions = self.positions.get(target.positions.clone());
        (&group.paths[target.path], positions.unwrap_or_default())
    }

    fn response_path(
        &self,
        data: &Value,
        group: &EntityGroup,
        target: &Target,
    ) -> Vec<PathSegment> {
        let (steps, positions) = self.place(group, target);
        path::response_path(data, steps, positions)
    }
}

/// What the subgraph is told about `object`, or nothing when something it must know is missing.
fn represent(object: &Object, requires: &[Require]) -> Option<Value> {
    let mut representation = Object::new();
    add(object, requires, &mut representation)?;
    (!representation.is_empty()).then_some(Value::Object(representation))
}

fn add(object: &Object, requires: &[Require], representation: &mut Object) -> Option<()> {
    for require in requires {
        match require {
            Require::Field(field) => {
                let value = match object.get(field.source.as_ref())? {
                    Value::Null if field.nullable => Value::Null,
                    Value::Null => return None,
                    value => represent_value(value, field)?,
                };
                match representation.get_mut(field.key.as_ref()) {
                    Some(existing) => merge_representations(existing, value),
                    None => {
                        representation.insert(field.key.as_ref(), value);
                    }
                }
            }
            Require::Fragment { types, children } => {
                if types.admits(typename(object)) {
                    add(object, children, representation)?;
                }
            }
        }
    }
    Some(())
}

fn represent_value(value: &Value, field: &RequiredField) -> Option<Value> {
    if field.children.is_empty() {
        return Some(value.clone());
    }
    match value {
        Value::Null => Some(Value::Null),
        Value::Array(items) => items
            .iter()
            .map(|item| represent_value(item, field))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        Value::Object(object) => {
            let mut inner = Object::new();
            add(object, &field.children, &mut inner)?;
            Some(Value::Object(inner))
        }
        _ => None,
    }
}

/// A field may be required by several fragments; each brings its part.
fn merge_representations(target: &mut Value, source: Value) {
    match (target, source) {
        (Value::Object(target), Value::Object(source)) => {
            for (key, value) in source {
                match target.get_mut(key.as_str()) {
                    Some(existing) => merge_representations(existing, value),
                    None => {
                        target.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(source)) => {
            for (target, source) in target.iter_mut().zip(source) {
                merge_representations(target, source);
            }
        }
        _ => {}
    }
}
