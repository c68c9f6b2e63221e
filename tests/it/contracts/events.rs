//! The catalogue of events: a contract and a sample of each, and nothing else.

use std::collections::BTreeSet;

use harness::golden::events_dir;
use serde_json::Value;

/// The names of the files in the catalogue that end in `suffix`, without it.
fn names(suffix: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(events_dir()).unwrap();
    let files = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files
        .filter_map(|file| file.strip_suffix(suffix).map(str::to_owned))
        .collect()
}

fn read(file: &str) -> Value {
    let text = std::fs::read_to_string(events_dir().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

// Issue 3, item 3: every state change writes its event, with schema and golden sample.
#[test]
fn every_event_has_a_contract_and_a_sample_and_there_are_no_others() {
    let declared: BTreeSet<String> = pasar::subgraphs::ALL
        .iter()
        .flat_map(|subgraph| (subgraph.events)())
        .map(|contract| contract.event_type.to_owned())
        .collect();
    assert!(!declared.is_empty());
    assert_eq!(
        names(".schema.json"),
        declared,
        "cargo xtask schema writes the contracts"
    );
    assert_eq!(
        names(".sample.json"),
        declared,
        "the tests of events write samples with UPDATE_EXPECT=1"
    );
    let files = std::fs::read_dir(events_dir()).unwrap().count();
    assert_eq!(
        files,
        2 * declared.len(),
        "something else lies in the catalogue"
    );
}

#[test]
fn every_sample_is_an_envelope_whose_payload_fits_its_contract() {
    let members: BTreeSet<&str> = [
        "eventId",
        "eventType",
        "eventTime",
        "aggregateType",
        "aggregateId",
        "version",
        "payload",
        "actor",
        "traceparent",
    ]
    .into();
    for name in names(".sample.json") {
        let sample = read(&format!("{name}.sample.json"));
        let keys: BTreeSet<&str> = sample
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, members, "{name}");
        assert_eq!(sample["eventType"], name.as_str());
        assert!(sample["version"].as_i64().unwrap() >= 1, "{name}");
        let schema = read(&format!("{name}.schema.json"));
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&sample["payload"])
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

// Consumers read payloads by their schema only: it must say what may be there.
#[test]
fn every_contract_describes_an_object_with_named_members() {
    for name in names(".schema.json") {
        let schema = read(&format!("{name}.schema.json"));
        assert_eq!(schema["type"], "object", "{name}");
        assert!(
            schema["properties"]
                .as_object()
                .is_some_and(|members| !members.is_empty()),
            "{name}"
        );
        let described = schema["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        assert!(described, "{name} does not say when it is published");
    }
}
