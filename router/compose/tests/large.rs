//! Sets of subgraphs that are huge, or made to be costly: composition ends, on a small stack, and
//! what it says stays small. Each takes seconds at most in a debug build; one that takes minutes
//! counts as a hang.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::sync::mpsc;
use std::time::Duration;

use router_compose::{Composition, Diagnostic, SubgraphInput, code, compose};

const LINK: &str = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: \
     [\"@key\", \"@shareable\", \"@external\", \"@requires\", \"@provides\", \"@override\"])\n";
/// Far more than any of these needs, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

type Result = std::result::Result<Composition, Vec<Diagnostic>>;

fn input(name: &str, body: &str) -> SubgraphInput {
    SubgraphInput::new(name, format!("http://{name}"), format!("{LINK}{body}"))
}

/// Composes on a stack like that of a server's worker thread, and insists on an end.
fn result(inputs: Vec<SubgraphInput>) -> Result {
    let (sender, receiver) = mpsc::channel();
    std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(move || sender.send(compose(&inputs)))
        .unwrap();
    receiver.recv_timeout(PATIENCE).unwrap()
}

/// The codes of a refusal, which must fit into a terminal's memory.
fn codes(result: Result) -> Vec<&'static str> {
    let errors = result.unwrap_err();
    let length: usize = errors.iter().map(|error| error.message.len()).sum();
    assert!(length < 20_000_000, "{length} bytes of messages");
    let mut codes: Vec<_> = errors.iter().map(|error| error.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn a_hundred_thousand_fields() {
    let mut fields = String::new();
    for number in 0..50_000 {
        writeln!(fields, "  f{number}(x: Int): String @shareable").unwrap();
    }
    let one = input(
        "a",
        &format!("type Query {{ t: T }} type T @key(fields: \"id\") {{\n  id: ID!\n{fields}}}"),
    );
    let two = input(
        "b",
        &format!("type T @key(fields: \"id\") {{\n  id: ID!\n{fields}}}"),
    );
    let composed = result(vec![one, two]).unwrap();
    assert!(composed.api_sdl.contains("f49999(x: Int): String"));
}

#[test]
fn huge_unions_and_interfaces() {
    let mut body =
        String::from("type Query { u: U @shareable i: I @shareable }\ninterface I { id: ID! }\n");
    let mut members = Vec::new();
    for number in 0..5_000 {
        writeln!(body, "type T{number} implements I @shareable {{ id: ID! }}").unwrap();
        members.push(format!("T{number}"));
    }
    writeln!(body, "union U = {}", members.join(" | ")).unwrap();
    let composed = result(vec![input("a", &body), input("b", &body)]).unwrap();
    assert!(composed.api_sdl.contains("T4999"));
}

#[test]
fn as_many_interfaces_as_types() {
    let mut body = String::from("type Query { q: I0 }\n");
    for number in 0..3_000 {
        writeln!(
            body,
            "interface I{number} @key(fields: \"id\") {{ id: ID! next: I{} }}",
            (number + 1) % 3_000
        )
        .unwrap();
        writeln!(
            body,
            "type T{number} implements I{number} @key(fields: \"id\") {{ id: ID! next: I{} }}",
            (number + 1) % 3_000
        )
        .unwrap();
    }
    assert!(result(vec![input("a", &body), input("b", "type Query { b: Int }")]).is_ok());
}

#[test]
fn two_thousand_subgraphs() {
    let subgraph = |number: usize| {
        let name = format!("s{number}");
        let next = (number + 1) % 2_000;
        input(
            &name,
            &format!(
                "type Query {{ q{number}: T{number} }} type V @shareable {{ x: Int }} type \
                 T{number} @key(fields: \"id\") {{ id: ID! v: V next: T{next} }} type T{next} \
                 @key(fields: \"id\") {{ id: ID! f{number}: Int }}"
            ),
        )
    };
    let composed = result((0..2_000).map(subgraph).collect()).unwrap();
    assert!(composed.api_sdl.contains("f1999: Int"));
}

#[test]
fn an_entity_of_two_hundred_subgraphs() {
    let subgraph = |number: usize| {
        let name = format!("s{number}");
        input(
            &name,
            &format!(
                "type Query {{ q{number}: T }} type T @key(fields: \"id\") {{ id: ID! f{number}: Int \
                 shared: Int @shareable }}"
            ),
        )
    };
    let composed = result((0..200).map(subgraph).collect()).unwrap();
    assert!(composed.api_sdl.contains("f199: Int"));
}

#[test]
fn keys_that_lead_on_one_by_one() {
    // Each subgraph is reached from the one after it, so every round of looking finds one more.
    let count = 300;
    let subgraph = |number: usize| {
        let root = if number + 1 == count {
            "type Query { t: T }"
        } else {
            ""
        };
        input(
            &format!("s{number:03}"),
            &format!(
                "{root} type T @key(fields: \"k{number}\") @key(fields: \"k{}\") {{ k{number}: ID! \
                 k{}: ID! f{number}: Int }}",
                number + 1,
                number + 1
            ),
        )
    };
    let composed = result((0..count).map(subgraph).collect()).unwrap();
    assert!(composed.api_sdl.contains("f0: Int"));
}

#[test]
fn keys_and_requirements_in_a_circle() {
    let a = "type Query { t: T } type T @key(fields: \"id\") { id: ID! x: Int @external y: Int \
             @requires(fields: \"x\") }";
    let b =
        "type T @key(fields: \"id\") { id: ID! y: Int @external x: Int @requires(fields: \"y\") }";
    assert_eq!(
        codes(result(vec![input("a", a), input("b", b)])),
        [code::SATISFIABILITY_ERROR]
    );

    // Each key needs an entity whose key needs the next, and in every subgraph so.
    let count = 12;
    let subgraph = |number: usize| {
        let mut body = format!("type Query {{ q{number}: E0 }}\n");
        for entity in 0..count {
            let next = (entity + 1) % count;
            writeln!(
                body,
                "type E{entity} @key(fields: \"e {{ id e {{ id }} }}\") @key(fields: \"id\", \
                 resolvable: false) {{ id: ID! e: E{next}! f{number}: Int }}"
            )
            .unwrap();
        }
        input(&format!("s{number}"), &body)
    };
    drop(result((0..count).map(subgraph).collect()));
}

#[test]
fn a_field_that_every_choice_of_subgraphs_gives() {
    // Field number n is shared by the subgraphs of its bits, so that `T` can have come from any
    // choice of them.
    let (graphs, fields) = (12, 1 << 12);
    let subgraph = |graph: usize| {
        let mut body = String::from("type Query { root: T @shareable }\ntype T @shareable {\n");
        for number in 1..fields {
            if number & (1 << graph) != 0 {
                writeln!(body, "  f{number}: T").unwrap();
            }
        }
        body.push('}');
        input(&format!("s{graph:02}"), &body)
    };
    let found = codes(result((0..graphs).map(subgraph).collect()));
    assert!(found.contains(&code::SATISFIABILITY_ERROR), "{found:?}");
}

#[test]
fn a_long_way_to_every_error_is_not_told_in_full() {
    let mut body = String::from("type Query { t: T0 }\n");
    let mut other = String::new();
    let count = 5_000;
    for number in 0..count {
        writeln!(body, "type T{number} {{ t: T{} }}", (number + 1) % count).unwrap();
        writeln!(other, "type T{number} {{ f: Int }}").unwrap();
    }
    let found = codes(result(vec![input("a", &body), input("b", &other)]));
    assert_eq!(found, [code::SATISFIABILITY_ERROR]);
}

#[test]
fn every_type_differs_in_every_subgraph() {
    let subgraph = |number: usize| {
        let mut body = format!("type Query {{ q{number}: Int }}\n");
        for ty in 0..50 {
            let kind = ["Int", "String", "Float"][(number + ty) % 3];
            writeln!(
                body,
                "\"\"\"Words of {number}.\"\"\"\ntype T{ty} @shareable {{ f: {kind} g{number}: Int }}"
            )
            .unwrap();
        }
        input(&format!("s{number}"), &body)
    };
    let found = codes(result((0..300).map(subgraph).collect()));
    assert_eq!(found, [code::FIELD_TYPE_MISMATCH]);
}

#[test]
fn chains_of_types_need_no_stack() {
    let count = 20_000;
    let mut body = String::from("type Query { q(x: P0): T0 }\n");
    for number in 0..count {
        let next = number + 1;
        writeln!(
            body,
            "type T{number} {{ t: T{next} }} input P{number} {{ p: P{next} = {{}} }}"
        )
        .unwrap();
    }
    writeln!(
        body,
        "type T{count} {{ t: Int }} input P{count} {{ p: Int }}"
    )
    .unwrap();
    // A library may refuse to follow that far; it must not fall over.
    drop(result(vec![input("a", &body)]));
}
