//! Changes that the plan asks for: to representations before they are sent, to answers before they
//! are merged.

use crate::{
    plan::{Rewrite, RewriteAction, RewriteStep},
    value::{Value, typename},
};

/// Applies all `rewrites` to `value`.
pub(super) fn apply(value: &mut Value, rewrites: &[Rewrite]) {
    for rewrite in rewrites {
        apply_one(value, &rewrite.path, &rewrite.action);
    }
}

fn apply_one(value: &mut Value, path: &[RewriteStep], action: &RewriteAction) {
    match value {
        Value::Array(items) => {
            for item in items {
                apply_one(item, path, action);
            }
        }
        Value::Object(object) => match path {
            [RewriteStep::Types(types), rest @ ..] => {
                if types.admits(typename(object)) {
                    apply_one(value, rest, action);
                }
            }
            [RewriteStep::Key(key)] => match action {
                RewriteAction::SetTo(text) => {
                    if let Some(found) = object.get_mut(key.as_ref()) {
                        *found = text.as_ref().into();
                    }
                }
                RewriteAction::RenameTo(name) => {
                    if let Some(found) = object.remove(key.as_ref()) {
                        object.insert(name.as_ref(), found);
                    }
                }
            },
            [RewriteStep::Key(key), rest @ ..] => {
                if let Some(inner) = object.get_mut(key.as_ref()) {
                    apply_one(inner, rest, action);
                }
            }
            [] => {}
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json_bytes::json;

    use super::*;
    use crate::plan::TypeSet;

    fn rewrite(steps: Vec<RewriteStep>, action: RewriteAction) -> Rewrite {
        Rewrite {
            path: steps,
            action,
        }
    }

    #[test]
    fn a_type_is_set_and_a_key_is_renamed() {
        let types = TypeSet(Arc::new(["Media".to_owned(), "Book".to_owned()].into()));
        let mut value = json!([
            {"__typename": "Book", "x": {"alias": 1}},
            {"__typename": "Song", "x": [{"alias": 2}, null]},
        ]);
        let rewrites = [
            rewrite(
                vec![
                    RewriteStep::Types(types),
                    RewriteStep::Key("__typename".into()),
                ],
                RewriteAction::SetTo("Media".into()),
            ),
            rewrite(
                vec![
                    RewriteStep::Key("x".into()),
                    RewriteStep::Key("alias".into()),
                ],
                RewriteAction::RenameTo("name".into()),
            ),
        ];
        apply(&mut value, &rewrites);
        let expected = json!([
            {"__typename": "Media", "x": {"name": 1}},
            {"__typename": "Song", "x": [{"name": 2}, null]},
        ]);
        assert_eq!(value, expected);
    }
}
