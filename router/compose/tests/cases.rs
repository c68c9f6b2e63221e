//! Runs every folder of `tests/cases`: composes its subgraphs and compares what comes out.
//!
//! `UPDATE_EXPECT=1 cargo test -p router-compose --test cases` writes the expectations anew.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::{EXPECTED, cases, inputs};
use router_compose::{
    Composition, Contract, Diagnostic, SubgraphInput, code, compose, compose_contract,
};
use serde_json::json;

/// Composes a case, under the contract of its `contract.txt` if it has one: lines `include TAG…`,
/// `exclude TAG…` and `hide-unreachable-types`.
fn compose_case(case: &Path, inputs: &[SubgraphInput]) -> Result<Composition, Vec<Diagnostic>> {
    let Ok(text) = fs::read_to_string(case.join("contract.txt")) else {
        return compose(inputs);
    };
    let mut contract = Contract::default();
    for line in text.lines() {
        let mut words = line.split_whitespace().map(str::to_owned);
        match words.next().as_deref() {
            Some("include") => contract.include.extend(words),
            Some("exclude") => contract.exclude.extend(words),
            Some("hide-unreachable-types") => contract.hide_unreachable_types = true,
            None => {}
            other => assert_eq!(other, None, "{}: contract.txt", case.display()),
        }
    }
    compose_contract(inputs, &contract)
}

/// What a result is expected to look like, file by file; empty means no file.
fn render(result: &Result<Composition, Vec<Diagnostic>>) -> [String; 4] {
    let lines = |diagnostics: &[Diagnostic]| {
        diagnostics
            .iter()
            .map(|diagnostic| format!("{diagnostic}\n"))
            .collect::<String>()
    };
    match result {
        Ok(composition) => [
            composition.supergraph_sdl.clone(),
            composition.api_sdl.clone(),
            lines(&composition.hints),
            String::new(),
        ],
        Err(errors) => [String::new(), String::new(), String::new(), lines(errors)],
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the test itself, not a setting"
)]
fn is_update() -> bool {
    std::env::var("UPDATE_EXPECT").is_ok_and(|value| value == "1")
}

#[test]
fn every_case_gives_what_it_expects() {
    let mut wrong = Vec::new();
    for case in cases() {
        let rendered = render(&compose_case(&case, &inputs(&case)));
        for (file, actual) in EXPECTED.iter().zip(rendered) {
            let path = case.join(file);
            let expected = fs::read_to_string(&path).unwrap_or_default();
            if expected == actual {
                continue;
            }
            if !is_update() {
                wrong.push(format!(
                    "--- {} expected\n{expected}\n--- got\n{actual}",
                    path.display()
                ));
            } else if actual.is_empty() {
                fs::remove_file(&path).unwrap();
            } else {
                fs::write(&path, actual).unwrap();
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_order_of_subgraphs_does_not_matter() {
    for case in cases() {
        let mut inputs = inputs(&case);
        let forward = render(&compose_case(&case, &inputs));
        inputs.reverse();
        let reversed = render(&compose_case(&case, &inputs));
        assert_eq!(forward, reversed, "{}", case.display());
        if let Some(first) = inputs.pop() {
            inputs.insert(inputs.len() / 2, first);
        }
        let shuffled = render(&compose_case(&case, &inputs));
        assert_eq!(forward, shuffled, "{}", case.display());
    }
}

#[test]
fn every_code_has_a_case_and_every_error_a_place() {
    let mut unseen: BTreeSet<&str> = code::ALL.iter().map(|(name, ..)| *name).collect();
    // Seen by the tests of satisfiability: a schema that meets the bounds would be large.
    unseen.remove(code::MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED);
    for case in cases() {
        let diagnostics = match compose_case(&case, &inputs(&case)) {
            Ok(composition) => composition.hints,
            Err(errors) => errors,
        };
        for diagnostic in diagnostics {
            assert!(
                !diagnostic.subgraphs.is_empty(),
                "{}: {diagnostic}",
                case.display()
            );
            assert!(
                diagnostic.message.ends_with('.'),
                "{}: {diagnostic}",
                case.display()
            );
            unseen.remove(diagnostic.code);
        }
    }
    assert_eq!(unseen, BTreeSet::new(), "codes without a case");
}

#[test]
fn a_diagnostic_has_a_form_for_tools() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/error_kinds_differ");
    let errors = compose(&inputs(&case)).unwrap_err();
    let place =
        |subgraph: &str, line: usize| json!({ "subgraph": subgraph, "line": line, "column": 1 });
    let expected = json!({
        "code": "TYPE_KIND_MISMATCH",
        "severity": "error",
        "message": "`Thing` is of different kinds: object type in `a`, interface in `b`, enum in `c`. \
                    Rename it or make it the same kind in every subgraph.",
        "subgraphs": [place("a", 11), place("b", 11), place("c", 7)],
    });
    assert_eq!(serde_json::to_value(&errors[0]).unwrap(), expected);
}

#[test]
fn the_readme_lists_every_code_as_it_is() {
    let readme = include_str!("../README.md");
    let (_, listed) = readme.split_once("\n## Codes\n").unwrap();
    let (listed, _) = listed.split_once("\nCodes that Apollo").unwrap();
    let listed: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let row =
        |(name, meaning, fix): &(&str, &str, &str)| format!("| `{name}` | {meaning} | {fix} |");
    let expected: Vec<String> = code::ALL.iter().map(row).collect();
    assert_eq!(listed, expected);
}
