//! `docs/events-catalogue.md`: every event with its topic, payload and readers.

use std::collections::BTreeMap;

use service::{Consumer, Subgraph, outbox::EventContract};

use super::shape;

/// The catalogue of what `subgraphs` publish and `consumers` read.
pub(crate) fn text(subgraphs: &[&Subgraph], consumers: &[Consumer]) -> String {
    let mut text = String::from(
        "<!-- Written by `cargo xtask schema`; do not edit. -->\n\
         # Catalogue of events\n\n\
         What each subgraph publishes (docs/events.md says how). The key of a record is the aggregate's id. \
         `[]` is each item of a list, `{}` each value of a map.\n",
    );
    for subgraph in subgraphs {
        let mut topics: BTreeMap<String, Vec<EventContract>> = BTreeMap::new();
        for contract in (subgraph.events)() {
            let topic = format!("{}.{}", subgraph.name, contract.aggregate_type);
            topics.entry(topic).or_default().push(contract);
        }
        for (topic, contracts) in topics {
            section(&mut text, &topic, &contracts, consumers);
        }
    }
    text
}

fn section(text: &mut String, topic: &str, contracts: &[EventContract], consumers: &[Consumer]) {
    let readers: Vec<String> = consumers
        .iter()
        .filter(|consumer| consumer.topics.contains(&topic))
        .map(|consumer| format!("`{}`", consumer.name))
        .collect();
    let readers = if readers.is_empty() {
        "nobody yet".to_owned()
    } else {
        readers.join(", ")
    };
    text.push_str(&format!("\n## Topic `{topic}`\n\nRead by {readers}.\n"));
    for contract in contracts {
        let name = contract.event_type;
        let description = contract.payload_schema["description"]
            .as_str()
            .unwrap_or_default();
        let description = one_line(description);
        text.push_str(&format!(
            "\n### `{name}`\n\n{description} [Schema](../schema/events/{name}.schema.json), \
             [sample](../schema/events/{name}.sample.json).\n\n| member | type | |\n|---|---|---|\n"
        ));
        for (path, member) in shape::of(&contract.payload_schema) {
            // Items of lists of plain values say nothing of their own.
            if (path.ends_with("[]") || path.ends_with("{}")) && member.description.is_empty() {
                continue;
            }
            let kind = member.to_text().replace('|', " or ");
            let description = one_line(&member.description);
            text.push_str(&format!("| `{path}` | {kind} | {description} |\n"));
        }
    }
}

/// For a cell of a table.
fn one_line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}
