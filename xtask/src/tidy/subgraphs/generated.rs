//! Rules for what is generated from subgraphs, or belongs to one: schemas, databases, events.

use std::collections::BTreeMap;

use super::code_of;
use crate::tidy::{Problem, tree::Tree};

/// What `schema/events/` has for each event.
const EVENT_FILES: &[&str] = &[".schema.json", ".sample.json"];

const EVENT_ADVICE: &str =
    "write the schema by `cargo xtask schema` and the sample by its test with UPDATE_EXPECT=1";

/// Generated files of subgraphs that are gone, or that nobody owns.
pub(super) fn owners(tree: &Tree) -> Vec<Problem> {
    let subgraphs = tree.subgraphs();
    let composed = ["api.graphql", "supergraph.graphql"];
    let schemas = tree
        .children("schema/")
        .into_iter()
        .filter(|file| file.ends_with(".graphql") && !composed.contains(file))
        .map(|file| ("schema/", file));
    let migrations = tree
        .children("migrations/")
        .into_iter()
        // Of the event log (crates/service/src/bus/log), and what every subgraph has.
        .filter(|folder| !["events", "shared"].contains(folder))
        .map(|file| ("migrations/", file));
    schemas
        .chain(migrations)
        .filter(|(_, file)| {
            let owner = file.split('.').next().unwrap_or(file);
            *file != "README.md" && !subgraphs.contains(owner)
        })
        .map(|(folder, file)| {
            Problem::in_file(
                &format!("{folder}{file}"),
                "it belongs to no subgraph: remove it, or begin its name with its owner's",
            )
        })
        .collect()
}

/// The samples and schemas of events against the types of events that the subgraphs declare.
pub(super) fn events(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut declared = BTreeMap::new();
    for (path, text) in tree.texts_in("subgraphs/") {
        for (number, line) in text.lines().enumerate() {
            if let Some(kind) = declared_event(line)
                && let Some(other) = declared.insert(kind, path)
            {
                let message = format!("{other} publishes `{kind}` too: an event has one owner");
                problems.push(Problem::at(path, number + 1, message));
            }
        }
    }
    for (kind, path) in &declared {
        for ending in EVENT_FILES {
            if !tree.has(&format!("schema/events/{kind}{ending}")) {
                let message =
                    format!("`{kind}` lacks schema/events/{kind}{ending}: {EVENT_ADVICE}");
                problems.push(Problem::in_file(path, message));
            }
        }
    }
    for file in tree.children("schema/events/") {
        let kind = EVENT_FILES.iter().find_map(|it| file.strip_suffix(it));
        if file != "README.md" && !kind.is_some_and(|kind| declared.contains_key(kind)) {
            problems.push(Problem::in_file(
                &format!("schema/events/{file}"),
                "no subgraph publishes this event: remove the file, or name it like its EVENT_TYPE",
            ));
        }
    }
    problems
}

/// `const EVENT_TYPE: &'static str = "shop.opened";` declares `shop.opened`.
fn declared_event(line: &str) -> Option<&str> {
    let (before, rest) = code_of(line).split_once('"')?;
    let (kind, _) = rest.split_once('"')?;
    before.contains("const EVENT_TYPE").then_some(kind)
}
