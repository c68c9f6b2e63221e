//! What changes between two schemas means for clients, with the specification's own validation as a second
//! opinion: an operation that was valid and is no more is what a breaking change is.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use apollo_compiler::{ExecutableDocument, Schema};
use router_compose::changes::{Change, Criticality, changes};

/// What both schemas of a case have.
const BASE: &str = "scalar Day interface Node { id: ID! } interface Named { name: String } \
     type Other implements Node { id: ID! }";

/// `criticality code coordinate` of each change.
fn found(old: &str, new: &str) -> Vec<String> {
    let line = |change: &Change| {
        let (criticality, code) = (change.criticality, change.code);
        format!("{criticality} {code} {}", change.coordinate)
    };
    changes(old, new).unwrap().iter().map(line).collect()
}

fn is_valid(schema: &str, operation: &str) -> bool {
    let schema = Schema::parse_and_validate(schema, "schema.graphql").unwrap();
    ExecutableDocument::parse_and_validate(&schema, operation, "operation.graphql").is_ok()
}

#[test]
fn cases() {
    let mut checked = 0;
    for block in include_str!("changes.txt").split("\n\n") {
        let all = |mark: &'static str| {
            block
                .lines()
                .filter_map(move |line| line.strip_prefix(mark))
        };
        let (Some(old), Some(new)) = (all("- ").next(), all("+ ").next()) else {
            continue;
        };
        let operation = all("? ").next().unwrap();
        let expected: Vec<&str> = all("> ").collect();
        let (old, new) = (format!("{BASE} {old}"), format!("{BASE} {new}"));
        assert_eq!(found(&old, &new), expected, "{block}");
        assert_eq!(found(&old, &old), [""; 0], "{block}");
        assert!(is_valid(&old, operation), "{block}");
        let breaks = expected.iter().any(|line| line.starts_with("breaking"));
        assert_eq!(is_valid(&new, operation), !breaks, "{block}");
        checked += 1;
    }
    assert!(checked >= 38, "{checked}");
}

// The specification's validation does not see these: the operation stays valid, its answer changes shape.
#[test]
fn answers_of_another_shape_are_breaking() {
    for (old, new) in [
        ("Int!", "Int"),
        ("[Int!]", "[Int]"),
        ("Int", "String"),
        ("Int", "[Int]"),
        ("[Int]", "Int"),
        ("Node", "Other"),
    ] {
        let schema = |ty: &str| format!("{BASE} type Query {{ a: {ty} }}");
        let expected = ["breaking FIELD_TYPE_CHANGED Query.a"];
        assert_eq!(
            found(&schema(old), &schema(new)),
            expected,
            "{old} -> {new}"
        );
    }
}

#[test]
fn a_new_value_matters_where_clients_may_meet_it() {
    let sent = "type Query { a(e: E): Int } enum E";
    let told = "type Query { e: E a(e: E): Int } enum E";
    let with = |before: &str, values: &str| format!("{before} {{ {values} }}");
    for (before, expected) in [
        (told, "dangerous ENUM_VALUE_ADDED E.B"),
        (sent, "safe ENUM_VALUE_ADDED E.B"),
    ] {
        assert_eq!(found(&with(before, "A"), &with(before, "A B")), [expected]);
    }
}

// The library that validates does not know `@oneOf`.
#[test]
fn exactly_one_field_is_less_than_any() {
    let any = "type Query { a(i: I): Int } input I { x: Int y: Int }";
    let one = any.replace("input I", "input I @oneOf");
    assert_eq!(found(any, &one), ["breaking INPUT_ONE_OF_ADDED I"]);
    assert_eq!(found(&one, any), ["safe INPUT_ONE_OF_REMOVED I"]);
}

#[test]
fn another_specification_of_a_scalar_is_dangerous() {
    let old = "type Query { a: Day } scalar Day @specifiedBy(url: \"https://a\")";
    let expected = ["dangerous SCALAR_SPECIFIED_BY_CHANGED Day"];
    assert_eq!(found(old, &old.replace("//a", "//b")), expected);
}

#[test]
fn the_worst_comes_first_and_what_is_no_schema_is_named() {
    let old = "type Query { a: Int b(e: E): E } enum E { A }";
    let new = "\"Asks.\" type Query { b(e: E): E } enum E { A B }";
    let found = changes(old, new).unwrap();
    let criticalities: Vec<_> = found.iter().map(|change| change.criticality).collect();
    assert_eq!(
        criticalities,
        [
            Criticality::Breaking,
            Criticality::Dangerous,
            Criticality::Safe
        ]
    );
    let wrong = |old, new| changes(old, new).unwrap_err().to_string();
    assert!(wrong("type", new).starts_with("the older schema"));
    assert!(wrong(old, "type").starts_with("the newer schema"));
}

#[test]
fn the_marketplace_has_not_changed_since_itself() {
    let api = include_str!("../../../schema/api.graphql");
    assert_eq!(found(api, api), [""; 0]);
    let without = api.replacen("  displayName: String", "  shownName: String", 1);
    let found = found(api, &without);
    assert!(found[0].starts_with("breaking FIELD_REMOVED"), "{found:?}");
}
