//! Finds the places in the data to which a plan's path leads.
//!
//! A place is kept as the list positions on the way to it; the names are in the path. It is looked
//! up again when the answer arrives, because other answers may have been merged meanwhile.

use std::sync::Arc;

use crate::{
    error::PathSegment,
    plan::Step,
    value::{Object, Value, typename},
};

/// Calls `visit` with every object that `steps` lead to, and the list positions on the way.
pub(super) fn visit(value: &Value, steps: &[Step], visit_object: &mut dyn FnMut(&Object, &[u32])) {
    walk(value, steps, &mut Vec::new(), visit_object);
}

fn walk(
    value: &Value,
    steps: &[Step],
    positions: &mut Vec<u32>,
    visit_object: &mut dyn FnMut(&Object, &[u32]),
) {
    match (value, steps) {
        (Value::Array(items), _) => {
            // A list where the path names none is a list in a list, or a subgraph's mistake.
            let rest = match steps {
                [Step::List, rest @ ..] => rest,
                _ => steps,
            };
            for (position, item) in (0..).zip(items) {
                positions.push(position);
                walk(item, rest, positions, visit_object);
                positions.pop();
            }
        }
        (Value::Object(object), []) => visit_object(object, positions),
        (Value::Object(object), [Step::Field(name), rest @ ..]) => {
            if let Some(value) = object.get(name.as_ref()) {
                walk(value, rest, positions, visit_object);
            }
        }
        (Value::Object(object), [Step::Types(types), rest @ ..])
            if types.admits(typename(object)) =>
        {
            walk(value, rest, positions, visit_object);
        }
        // The innermost of several list levels may be named once more than there are lists.
        (Value::Object(_), [Step::List, rest @ ..]) => walk(value, rest, positions, visit_object),
        _ => {}
    }
}

/// The object at a place, if it is still there.
pub(super) fn find<'a>(
    value: &'a mut Value,
    steps: &[Step],
    positions: &[u32],
) -> Option<&'a mut Object> {
    match value {
        Value::Array(items) => {
            let (position, positions) = positions.split_first()?;
            let item = items.get_mut(*position as usize)?;
            let rest = match steps {
                [Step::List, rest @ ..] => rest,
                _ => steps,
            };
            find(item, rest, positions)
        }
        Value::Object(object) => {
            let mut steps = steps;
            // Conditions held when the place was found.
            while let [Step::Types(_) | Step::List, rest @ ..] = steps {
                steps = rest;
            }
            match steps {
                [Step::Field(name), rest @ ..] => {
                    find(object.get_mut(name.as_ref())?, rest, positions)
                }
                _ => Some(object),
            }
        }
        _ => None,
    }
}

/// The response path of a place.
pub(super) fn response_path(value: &Value, steps: &[Step], positions: &[u32]) -> Vec<PathSegment> {
    let mut path = Vec::new();
    let (mut value, mut steps, mut positions) = (value, steps, positions);
    loop {
        match (value, steps) {
            (Value::Array(items), _) => {
                let Some((position, rest)) = positions.split_first() else {
                    return path;
                };
                let position = *position as usize;
                path.push(PathSegment::Index(position));
                positions = rest;
                if let [Step::List, rest @ ..] = steps {
                    steps = rest;
                }
                let Some(item) = items.get(position) else {
                    return path;
                };
                value = item;
            }
            (Value::Object(object), [Step::Field(name), rest @ ..]) => {
                path.push(PathSegment::Field(Arc::clone(name)));
                let Some(inner) = object.get(name.as_ref()) else {
                    return path;
                };
                value = inner;
                steps = rest;
            }
            (_, [_, rest @ ..]) => steps = rest,
            (_, []) => return path,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json_bytes::json;

    use super::*;

    fn field(name: &str) -> Step {
        Step::Field(name.into())
    }

    fn places(data: &Value, steps: &[Step]) -> Vec<Vec<u32>> {
        let mut found = Vec::new();
        visit(data, steps, &mut |_, positions| {
            found.push(positions.to_vec());
        });
        found
    }

    #[test]
    fn lists_in_lists_are_entered_whether_or_not_the_path_names_each_level() {
        let mut data = json!({"grid": [[{"id": 1}, null], [], [{"id": 2}, {"id": 3}]]});
        let expected = vec![vec![0, 0], vec![2, 0], vec![2, 1]];
        for steps in [
            vec![field("grid"), Step::List],
            vec![field("grid"), Step::List, Step::List],
            vec![field("grid")],
        ] {
            assert_eq!(places(&data, &steps), expected);
            let object = find(&mut data, &steps, &[2, 1]).expect("it was just visited");
            assert_eq!(object.get("id"), Some(&json!(3)));
            let path = serde_json::to_value(response_path(&data, &steps, &[2, 1])).unwrap();
            assert_eq!(path, serde_json::json!(["grid", 2, 1]));
        }
    }

    #[test]
    fn type_conditions_choose_objects() {
        let types = crate::plan::TypeSet(Arc::new(["Book".to_owned()].into()));
        let steps = [
            field("all"),
            Step::List,
            Step::Types(types),
            field("author"),
        ];
        let mut data = json!({"all": [
            {"__typename": "Song", "author": {"id": 1}},
            {"__typename": "Book", "author": {"id": 2}},
            "nonsense",
        ]});
        assert_eq!(places(&data, &steps), vec![vec![1]]);
        let object = find(&mut data, &steps, &[1]).expect("it was just visited");
        assert_eq!(object.get("id"), Some(&json!(2)));
    }
}
