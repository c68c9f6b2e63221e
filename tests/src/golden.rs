//! Golden samples of events: what is published is what `schema/events/` shows.

use std::path::PathBuf;

use serde_json::Value;
use service::EventContract;

/// The folder of the event catalogue.
#[must_use]
pub fn events_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("schema/events")
}

/// Asserts that `event` equals its golden sample and that its payload fits its contract.
/// `UPDATE_EXPECT=1` writes the sample instead.
#[track_caller]
pub fn assert_golden_event(contracts: &[EventContract], event: &Value) {
    let event_type = event["eventType"].as_str().unwrap();
    let contract = contracts
        .iter()
        .find(|contract| contract.event_type == event_type)
        .unwrap_or_else(|| panic!("`{event_type}` is published but not in events::contracts()"));
    let validator = jsonschema::validator_for(&contract.payload_schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&event["payload"])
        .map(|error| error.to_string())
        .collect();
    assert!(
        errors.is_empty(),
        "`{event_type}` does not fit its contract: {errors:?}"
    );

    let file = events_dir().join(format!("{event_type}.sample.json"));
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    if std::env::var("UPDATE_EXPECT").is_ok() {
        std::fs::create_dir_all(events_dir()).unwrap();
        std::fs::write(&file, format!("{event:#}\n")).unwrap();
        return;
    }
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| {
        panic!("no golden sample of `{event_type}`: run the test with UPDATE_EXPECT=1")
    });
    let golden: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        *event, golden,
        "`{event_type}` differs from schema/events (UPDATE_EXPECT=1 writes)"
    );
}
