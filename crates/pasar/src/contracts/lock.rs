//! The lock of the event contracts: `schema/events.lock.json` remembers every member that was ever promised
//! to consumers. What they rely on stays; the file grows by itself and shrinks only on purpose.

use std::collections::BTreeMap;

use super::shape::{Member, Shape};

/// Kind of event → path of a member → its type, as [`Member::to_text`] writes it.
pub(crate) type Lock = BTreeMap<String, BTreeMap<String, String>>;

/// What `contracts` promise.
pub(crate) fn of(contracts: &BTreeMap<String, Shape>) -> Lock {
    let texts = |shape: &Shape| {
        shape
            .iter()
            .map(|(path, member)| (path.clone(), member.to_text()))
            .collect()
    };
    contracts
        .iter()
        .map(|(name, shape)| (name.clone(), texts(shape)))
        .collect()
}

/// Every promise of `lock` that `contracts` break, as a sentence that begins with the kind of event.
pub(crate) fn broken(lock: &Lock, contracts: &BTreeMap<String, Shape>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, promised) in lock {
        let sentences = match contracts.get(name) {
            Some(shape) => broken_by(promised, shape),
            None => vec!["is not published any more".to_owned()],
        };
        found.extend(
            sentences
                .into_iter()
                .map(|sentence| (name.clone(), sentence)),
        );
    }
    found
}

fn broken_by(promised: &BTreeMap<String, String>, shape: &Shape) -> Vec<String> {
    let mut sentences = Vec::new();
    for (path, before) in promised {
        match shape.get(path) {
            None => sentences.push(format!("`{path}` was removed")),
            Some(now) if now.to_text() != *before => sentences.push(changed(path, before, now)),
            Some(_) => {}
        }
    }
    for (path, member) in shape {
        let is_new = !promised.contains_key(path);
        // Inside something new it does not matter.
        let parent_is_old = parent(path).is_none_or(|parent| promised.contains_key(parent));
        if is_new && parent_is_old && member.required {
            sentences.push(format!(
                "`{path}` is new and required: events that are kept already do not have it"
            ));
        }
    }
    sentences
}

fn changed(path: &str, before: &str, now: &Member) -> String {
    match before.strip_prefix("optional ") {
        None if !now.required && now.kind == before => {
            format!("`{path}` was always there and is optional now")
        }
        Some(kind) if now.required && now.kind == kind => {
            format!(
                "`{path}` was optional and is required now: events that are kept already may not have it"
            )
        }
        _ => format!("`{path}` was {before} and is {} now", now.to_text()),
    }
}

/// The path of what holds the member, unless that is the payload itself.
fn parent(path: &str) -> Option<&str> {
    path.strip_suffix("[]")
        .or_else(|| path.strip_suffix("{}"))
        .or_else(|| path.rsplit_once('.').map(|(parent, _)| parent))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::contracts::shape;

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "id": { "type": "string" },
                "count": { "type": "integer", "format": "int32" },
                "note": { "type": ["string", "null"] },
                "lines": { "type": "array", "items": {
                    "type": "object",
                    "properties": { "sku": { "type": "string" } },
                    "required": ["sku"]
                } }
            },
            "required": ["id", "count", "lines"]
        })
    }

    fn contracts(schema: &Value) -> BTreeMap<String, Shape> {
        [("thing.happened".to_owned(), shape::of(schema))].into()
    }

    /// What `change` breaks of the contract above.
    fn breaks(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let lock = of(&contracts(&schema()));
        let mut changed = schema();
        change(&mut changed);
        let found = broken(&lock, &contracts(&changed));
        found.into_iter().map(|(_, sentence)| sentence).collect()
    }

    #[test]
    fn what_nobody_relies_on_may_change() {
        assert_eq!(breaks(|_| {}), Vec::<String>::new());
        let allowed = breaks(|schema| {
            schema["description"] = json!("Said better.");
            schema["properties"]["id"]["description"] = json!("Which.");
            schema["properties"]["extra"] = json!({ "type": "string" });
            schema["properties"]["lines"]["items"]["properties"]["more"] = json!({
                "type": "object",
                "properties": { "inside": { "type": "string" } },
                "required": ["inside"]
            });
        });
        assert_eq!(allowed, Vec::<String>::new());
    }

    #[test]
    fn a_new_required_member_is_refused_at_every_depth() {
        let found = breaks(|schema| {
            schema["properties"]["extra"] = json!({ "type": "string" });
            schema["required"] = json!(["id", "count", "lines", "extra"]);
            let line = &mut schema["properties"]["lines"]["items"];
            line["properties"]["price"] = json!({ "type": "integer" });
            line["required"] = json!(["sku", "price"]);
        });
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("`extra` is new and required"));
        assert!(found[1].starts_with("`lines[].price` is new and required"));
        let found = breaks(|schema| schema["required"] = json!(["id", "count", "lines", "note"]));
        assert!(
            found[0].starts_with("`note` was optional and is required"),
            "{found:?}"
        );
    }

    #[test]
    fn a_removed_member_is_refused() {
        let remove = |schema: &mut Value, name: &str| {
            schema["properties"].as_object_mut().unwrap().remove(name);
        };
        assert_eq!(
            breaks(|schema| remove(schema, "note")),
            ["`note` was removed"]
        );
        let found = breaks(|schema| remove(schema, "lines"));
        assert_eq!(found.len(), 3, "with all that it held: {found:?}");
        let found = breaks(|schema| schema["required"] = json!(["id", "lines"]));
        assert_eq!(found, ["`count` was always there and is optional now"]);
    }

    #[test]
    fn a_changed_type_is_refused() {
        let found = breaks(|schema| schema["properties"]["count"] = json!({ "type": "string" }));
        assert_eq!(found, ["`count` was integer(int32) and is string now"]);
        let found = breaks(|schema| schema["properties"]["id"]["type"] = json!(["string", "null"]));
        assert_eq!(found, ["`id` was string and is string|null now"]);
    }

    #[test]
    fn an_event_that_is_gone_is_refused_and_a_new_one_is_not() {
        let lock = of(&contracts(&schema()));
        let other = [("thing.renamed".to_owned(), shape::of(&schema()))].into();
        let found = broken(&lock, &other);
        assert_eq!(
            found,
            [(
                "thing.happened".to_owned(),
                "is not published any more".to_owned()
            )]
        );
    }
}
