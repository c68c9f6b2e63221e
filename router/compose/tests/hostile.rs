//! Whatever the text, composition ends with a result: no panic, no hang, no stack overflow.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use router_compose::{SubgraphInput, code, compose};

#[expect(
    clippy::unwrap_used,
    reason = "shared with the comparison with another composer"
)]
#[path = "oracle/random/mod.rs"]
mod random;

/// Every schema of `tests/cases`, as raw material.
fn corpus() -> Vec<String> {
    let mut found = Vec::new();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    for case in fs::read_dir(cases).into_iter().flatten().flatten() {
        for file in fs::read_dir(case.path()).into_iter().flatten().flatten() {
            if file
                .path()
                .extension()
                .is_some_and(|extension| extension == "graphql")
            {
                found.extend(fs::read_to_string(file.path()));
            }
        }
    }
    found.sort();
    found
}

/// Pieces that mean something to GraphQL or federation, to be put in anywhere.
const PIECES: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "!",
    "@",
    "\"",
    "\"\"\"",
    "#",
    "...",
    ":",
    "=",
    "|",
    "&",
    "$",
    " type ",
    " extend ",
    " interface ",
    " union ",
    " enum ",
    " input ",
    " scalar ",
    " schema ",
    " implements ",
    " Query ",
    " Mutation ",
    " id ",
    " ID! ",
    " [Int!]! ",
    " null ",
    " 1e99 ",
    " @key(fields: \"id\") ",
    " @key(fields: \"a { b }\") ",
    " @external ",
    " @shareable ",
    " @requires(fields: \"id\") ",
    " @provides(fields: \"id\") ",
    " @inaccessible ",
    " @extends ",
    " @override(from: \"a\") ",
    " @tag(name: \"\\u0000\") ",
    " @link(url: \"x/v2.0\") ",
    " @oneOf ",
    " @deprecated ",
    " _entities ",
    " _Any ",
    " __typename ",
    "\u{feff}",
    "\u{0}",
    "é",
    "🦀",
    " directive @x on FIELD ",
    " federation__key ",
    " extend schema { query: X } ",
];

#[derive(Debug, Clone)]
enum Edit {
    Remove(Index, usize),
    Insert(Index, Index),
    Repeat(Index, usize),
    Swap(Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        (any::<Index>(), any::<Index>()).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (any::<Index>(), 1..60_usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
        (any::<Index>(), any::<Index>()).prop_map(|(one, other)| Edit::Swap(one, other)),
    ]
}

/// Splits at words, so that most edits leave something that still parses.
fn tokens(text: &str) -> Vec<String> {
    text.split_inclusive([' ', '\n', '(', ')', '{', '}'])
        .map(str::to_owned)
        .collect()
}

fn mutate(text: &str, edits: &[Edit]) -> String {
    let mut tokens = tokens(text);
    for edit in edits {
        if tokens.is_empty() {
            break;
        }
        let count = tokens.len();
        match edit {
            Edit::Remove(at, length) => {
                let start = at.index(count);
                tokens.drain(start..(start + length % 4 + 1).min(count));
            }
            Edit::Insert(at, piece) => {
                tokens.insert(
                    at.index(count),
                    PIECES[piece.index(PIECES.len())].to_owned(),
                );
            }
            Edit::Repeat(at, length) => {
                let start = at.index(count);
                let copied: Vec<String> = tokens[start..(start + length).min(count)].to_vec();
                tokens.splice(start..start, copied);
            }
            Edit::Swap(one, other) => tokens.swap(one.index(count), other.index(count)),
        }
    }
    tokens.concat()
}

fn input(name: &str, sdl: String) -> SubgraphInput {
    SubgraphInput::new(name, format!("http://{name}"), sdl)
}

/// Composes; what comes out must be usable, and every error must say something.
fn check(inputs: &[SubgraphInput]) {
    match compose(inputs) {
        Ok(composition) => assert!(composition.supergraph_sdl.contains("join__Graph")),
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(
                    code::ALL.iter().any(|(name, ..)| *name == error.code),
                    "{error}"
                );
                assert!(!error.message.is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edited_schemas_never_panic(
        picks in prop::collection::vec((any::<Index>(), prop::collection::vec(edit(), 0..6)), 1..4),
    ) {
        let corpus = corpus();
        let inputs: Vec<SubgraphInput> = picks
            .iter()
            .enumerate()
            .map(|(number, (pick, edits))| {
                input(&format!("s{number}"), mutate(&corpus[pick.index(corpus.len())], edits))
            })
            .collect();
        check(&inputs);
    }

    #[test]
    fn any_text_never_panics(text in "\\PC{0,200}") {
        check(&[input("a", text)]);
    }

    #[test]
    fn any_field_set_never_panics(fields in "[a-z{}() .:@\"0-9$!\\[\\]]{0,60}") {
        let quoted = format!("{fields:?}");
        check(&[input("a", format!(
            "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: \
             [\"@key\", \"@requires\", \"@provides\", \"@external\"]) type Query {{ a: A \
             @provides(fields: {quoted}) }} type A @key(fields: {quoted}) {{ a: ID! b: A @external \
             c(x: Int): Int @requires(fields: {quoted}) }}"
        ))]);
    }
}

#[test]
fn schemas_full_of_mistakes_never_panic() {
    for seed in 0..600 {
        let mistakes = 1 + usize::try_from(seed % 20).unwrap_or_default();
        check(&random::set(seed, Some(mistakes)));
    }
}

/// Composes on a small stack, as a server's worker thread would.
fn on_a_small_stack(sdl: String) -> Duration {
    let start = Instant::now();
    let worker = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(move || {
            check(&[input("a", sdl)]);
        });
    assert!(worker.is_ok_and(|worker| worker.join().is_ok()));
    start.elapsed()
}

#[test]
fn deep_nesting_is_refused() {
    let deep = 20_000;
    for (open, close) in [("[", "]"), ("{a:", "}")] {
        let value = format!("{}1{}", open.repeat(deep), close.repeat(deep));
        on_a_small_stack(format!("type Query {{ a(x: Int = {value}): Int }}"));
    }
    on_a_small_stack(format!(
        "type Query {{ a: {}Int{} }}",
        "[".repeat(deep),
        "]".repeat(deep)
    ));
    let fields = format!("{}a{}", "a {".repeat(deep), "}".repeat(deep));
    on_a_small_stack(format!(
        "type Query {{ a: A }} type A @key(fields: \"{fields}\") {{ a: A }}"
    ));
    on_a_small_stack("{".repeat(deep));
    on_a_small_stack("type A @a(".repeat(deep));
}

#[test]
fn cyclic_keys_end() {
    on_a_small_stack(
        "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: [\"@key\"]) \
         type Query { a: A } type A @key(fields: \"b { a { b { id } } }\") { id: ID! b: B } \
         type B @key(fields: \"a { b { a { id } } }\") { id: ID! a: A }"
            .to_owned(),
    );
}

#[test]
fn ten_thousand_types_are_composed() {
    use std::fmt::Write as _;
    let mut sdl = String::from(
        "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: [\"@key\"]) \
         type Query { t0: T0 }",
    );
    for number in 0..10_000 {
        let next = (number + 1) % 10_000;
        writeln!(
            sdl,
            "type T{number} @key(fields: \"id\") {{ id: ID! next: T{next} }}"
        )
        .expect("a String takes everything");
    }
    let composed = compose(&[input("a", sdl)]);
    assert!(composed.is_ok_and(|composition| composition.api_sdl.contains("type T9999 ")));
}
