//! Diagnostics name the file or URL that a schema was read from, so that people and tools can open it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use router_compose::{Diagnostic, SubgraphInput, compose};
use serde_json::json;

const LINK: &str = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\")\n";

/// What is wrong, as people and as tools read it.
fn wrong(inputs: &[SubgraphInput]) -> (String, serde_json::Value) {
    let errors = compose(inputs).unwrap_err();
    (text(&errors), json!(errors))
}

fn text(diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|one| format!("{one}\n"));
    lines.collect()
}

fn subgraph(name: &str, sdl: &str) -> SubgraphInput {
    let url = format!("http://{name}.example/graphql");
    SubgraphInput::new(name, url, format!("{LINK}{sdl}"))
}

#[test]
fn a_place_is_a_file_with_line_and_column() {
    let (text, json) = wrong(&[
        subgraph("a", "type Query { x: Int }").read_from("schemas/a.graphql"),
        subgraph("b", "type Query {\n  x: Int\n}").read_from("http://localhost:4001/graphql"),
        subgraph("c", "type Query { x: Int }"),
    ]);
    assert_eq!(
        text,
        "error[INVALID_FIELD_SHARING] at schemas/a.graphql:2:14 (a), \
         http://localhost:4001/graphql:3:3 (b), c:2:14: `Query.x` is resolved by `a`, `b` and `c` \
         but is not `@shareable` in `a`, `b` and `c`. Add `@shareable` in all of them if they give \
         the same value, or keep the field in one subgraph, with `@external` or `@override` \
         elsewhere.\n"
    );
    let places = json!([
        { "subgraph": "a", "line": 2, "column": 14, "file": "schemas/a.graphql" },
        { "subgraph": "b", "line": 3, "column": 3, "file": "http://localhost:4001/graphql" },
        { "subgraph": "c", "line": 2, "column": 14 },
    ]);
    assert_eq!(json[0]["subgraphs"], places);
}

#[test]
fn a_whole_subgraph_is_its_file() {
    let (text, json) = wrong(&[subgraph("a", "type A { x: Int }").read_from("schemas/a.graphql")]);
    assert!(
        text.starts_with("error[NO_QUERIES] at schemas/a.graphql (a): "),
        "{text}"
    );
    let place = json!({ "subgraph": "a", "line": 0, "column": 0, "file": "schemas/a.graphql" });
    assert_eq!(json[0]["subgraphs"], json!([place]));
}

#[test]
fn every_stage_names_files() {
    let stages = [
        ("INVALID_GRAPHQL", "type Query {"),
        ("INVALID_GRAPHQL", "type Query { x: Missing }"),
        (
            "KEY_INVALID_FIELDS",
            "type Query { x: Int } type A @federation__key(fields: \"x\") { y: Int }",
        ),
        (
            "EXTERNAL_MISSING_ON_BASE",
            "type Query { a: A } type A @federation__key(fields: \"x\") { x: Int @federation__external }",
        ),
        (
            "REFERENCED_INACCESSIBLE",
            "type Query { a: A } type A @federation__inaccessible { x: Int }",
        ),
        (
            "SATISFIABILITY_ERROR",
            "type Query { a: A } type A @federation__key(fields: \"x\") { x: Int }",
        ),
    ];
    for (code, sdl) in stages {
        let other = "type A @federation__key(fields: \"z\") { z: Int w: Int }";
        let mut inputs = vec![subgraph("a", sdl).read_from("schemas/a.graphql")];
        if code == "SATISFIABILITY_ERROR" {
            inputs.push(subgraph("b", other).read_from("schemas/b.graphql"));
        }
        let errors = compose(&inputs).unwrap_err();
        assert_eq!(errors[0].code, code, "{}", text(&errors));
        for place in errors.iter().flat_map(|error| &error.subgraphs) {
            let file = format!("schemas/{}.graphql", place.subgraph);
            assert_eq!(
                place.file.as_deref(),
                Some(file.as_str()),
                "{}",
                text(&errors)
            );
        }
    }
}

#[test]
fn hints_name_files_too() {
    let described = |name: &str, words: &str| {
        let sdl = format!("type Query {{ {name}: Int }} \"{words}\" scalar Shared");
        subgraph(name, &sdl).read_from(format!("schemas/{name}.graphql"))
    };
    let composed = compose(&[described("a", "one"), described("b", "two")]).unwrap();
    assert!(
        text(&composed.hints).starts_with(
            "warning[INCONSISTENT_DESCRIPTION] at schemas/a.graphql:2:23 (a), \
             schemas/b.graphql:2:23 (b): "
        ),
        "{}",
        text(&composed.hints)
    );
}

#[test]
fn files_tell_subgraphs_of_one_name_apart() {
    let inputs = [
        subgraph("a", "type Query { x: Missing }").read_from("one.graphql"),
        subgraph("a", "type Query { y: Missing }").read_from("two.graphql"),
    ];
    let (text, _) = wrong(&inputs);
    let lines: Vec<&str> = text.lines().collect();
    let [repeated, one, two] = lines.try_into().unwrap();
    assert_eq!(
        repeated,
        "error[INVALID_SUBGRAPH_NAME] at one.graphql (a), two.graphql (a): Two subgraphs are \
         called `a`. Rename one."
    );
    assert!(one.contains("at one.graphql:2:17 (a): "), "{text}");
    assert!(two.contains("at two.graphql:2:17 (a): "), "{text}");
    let reversed = compose(&[inputs[1].clone(), inputs[0].clone()]).unwrap_err();
    assert_eq!(self::text(&reversed), text);
}
