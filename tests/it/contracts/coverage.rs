//! Nothing that clients can ask for is without a test. The lists of gaps may only shrink.

use std::path::{Path, PathBuf};

use harness::deployment::repository;

use super::root_fields;

/// Root fields that no document of the tests uses.
const UNUSED: [&str; 0] = [];
/// Root fields that no access test names.
const WITHOUT_ACCESS_TEST: [&str; 0] = [];
/// Root query fields that take the whole answer with them when their subgraph is down.
const NOT_NULLABLE: [&str; 0] = [];

/// The sources of the tests below `folder`, with their paths.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// Whether `text` has `word`, not as a part of another one, followed by what follows a field.
fn uses(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let (before, after) = (before.chars().next_back(), rest.strip_prefix(word));
        let after = after.and_then(|rest| rest.chars().next());
        !before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'))
            && after.is_some_and(|letter| matches!(letter, '(' | ' ' | '{' | '"' | '\n'))
    })
}

/// Compares what is missing with what is known to be missing.
#[track_caller]
fn assert_gaps(what: &str, mut missing: Vec<String>, known: &[&str]) {
    missing.sort();
    missing.dedup();
    assert_eq!(missing, known, "{what}");
}

// Issue 3, item 7
#[test]
fn every_root_field_is_used_by_a_document_of_the_tests() {
    let sources = sources(&repository().join("tests/it"));
    let all = pasar::subgraphs::ALL
        .iter()
        .flat_map(|subgraph| root_fields(subgraph));
    let unused = all
        .map(|field| field.name)
        .filter(|name| !sources.iter().any(|(_, text)| uses(text, name)));
    assert_gaps("root fields that no test uses", unused.collect(), &UNUSED);
}

// T-RBAC
#[test]
fn every_root_field_is_in_the_access_tests_of_its_subgraph() {
    let mut missing = Vec::new();
    for subgraph in pasar::subgraphs::ALL {
        let folder = repository().join("tests/it").join(subgraph.name);
        let access: Vec<_> = sources(&folder)
            .into_iter()
            .filter(|(path, _)| path.to_str().unwrap().contains("access"))
            .collect();
        let fields = root_fields(subgraph).into_iter().map(|field| field.name);
        missing.extend(fields.filter(|name| !access.iter().any(|(_, text)| uses(text, name))));
    }
    assert_gaps(
        "root fields without access test",
        missing,
        &WITHOUT_ACCESS_TEST,
    );
}

// docs/conventions.md: a dead subgraph costs a field, not the page.
#[test]
fn every_root_query_field_can_be_null() {
    let all = pasar::subgraphs::ALL
        .iter()
        .flat_map(|subgraph| root_fields(subgraph));
    let strict = all
        .filter(|field| !field.is_mutation && !field.is_nullable && !field.is_inaccessible)
        .map(|field| field.name);
    assert_gaps(
        "root query fields that cannot be null",
        strict.collect(),
        &NOT_NULLABLE,
    );
}

#[test]
fn a_field_is_found_where_it_is_asked_for_only() {
    for text in [
        "{ seller(id: 1)",
        "{ seller { id",
        "query{seller{id}}",
        "(\"seller\", \"id\")",
    ] {
        assert!(uses(text, "seller"), "{text}");
    }
    for text in [
        "sellers(",
        "sellerRegister(",
        "bestseller(",
        "app.seller(",
        "seller_id ",
    ] {
        assert!(!uses(text, "seller"), "{text}");
    }
}
