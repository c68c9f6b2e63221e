//! The subgraphs compose to the checked-in supergraph also as they describe themselves.

use std::fs;

use harness::{child, deployment::repository};
use router_compose::changes::changes;

use super::shop;

/// `pasar schema` writes it; the library leaves it out of `_service`.
const NOT_SAID: &str = " @specifiedBy(url: \"https://datatracker.ietf.org/doc/html/rfc3339\")";

/// `supergraph.yaml`, with the schemas asked from the running subgraphs instead of read from files,
/// and the routing URLs as they are without an environment.
fn by_introspection() -> String {
    let text = fs::read_to_string(repository().join("supergraph.yaml")).unwrap();
    let line = |line: &str| {
        if let Some(file) = line.trim().strip_prefix("file: ./schema/") {
            let name = file.strip_suffix(".graphql").unwrap().to_uppercase();
            return format!("      subgraph_url: ${{env.PASAR_{name}_URL}}\n");
        }
        match line.split_once(":-") {
            Some((_, default)) => {
                let url = default.strip_suffix('}').unwrap();
                format!("    routing_url: {url}\n")
            }
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

/// The lines of every definition, sorted, as their words, sorted: `pasar schema` sorts fields and arguments,
/// what a subgraph says of itself is in the order of its source.
fn definitions(sdl: &str) -> Vec<Vec<Vec<&str>>> {
    let lines = |definition| {
        let lines = str::lines(definition).map(words);
        // Without those of brackets alone, and where NOT_SAID was.
        sorted(lines.filter(|line| !line.is_empty()))
    };
    sdl.split("\n\n").map(lines).collect()
}

fn words(line: &str) -> Vec<&str> {
    let is_gap = |letter: char| letter.is_whitespace() || "(),".contains(letter);
    sorted(line.split(is_gap).filter(|word| !word.is_empty()))
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items
}

// Issue 5, item 1: `schema.subgraph_url` introspects.
#[tokio::test]
async fn the_running_subgraphs_describe_the_supergraph_that_is_checked_in() {
    let shop = shop().await;
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("supergraph.yaml");
    let yaml = by_introspection();
    let asked = yaml.matches("subgraph_url: ${env.PASAR_").count();
    assert_eq!(asked, pasar::subgraphs::ALL.len(), "{yaml}");
    fs::write(&input, yaml).unwrap();
    let out = folder.path().join("supergraph.graphql");
    let paths = [&input, &out].map(|path| path.to_str().unwrap());
    let arguments = ["compose", "--input", paths[0], "--out", paths[1]];
    let outcome = child::run(&arguments, shop.split.environment());
    assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
    for name in ["supergraph.graphql", "api.graphql"] {
        let composed = fs::read_to_string(folder.path().join(name)).unwrap();
        let checked_in = fs::read_to_string(repository().join("schema").join(name)).unwrap();
        let checked_in = checked_in.replace(NOT_SAID, "");
        if name == "api.graphql" {
            let found = changes(&checked_in, &composed).unwrap();
            assert!(found.is_empty(), "{found:?}");
        }
        let (composed, checked_in) = (definitions(&composed), definitions(&checked_in));
        assert_eq!(composed.len(), checked_in.len(), "{name}");
        for (asked, known) in composed.iter().zip(&checked_in) {
            assert_eq!(asked, known, "{name}");
        }
    }
}
