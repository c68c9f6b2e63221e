use super::{LIMITS, Limits, check_within};
use crate::code;
use crate::diagnostic::Report;
use crate::{Diagnostic, SubgraphInput, merge, subgraph};

const LINK: &str = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", \
    import: [\"@key\", \"@override\", \"@shareable\"])";

/// The errors of satisfiability alone.
fn errors(limits: Limits, sdls: &[String]) -> Vec<Diagnostic> {
    let mut report = Report::default();
    let mut subgraphs = Vec::new();
    for (number, sdl) in sdls.iter().enumerate() {
        let name = format!("s{number:02}");
        let input = SubgraphInput::new(name, "http://s", format!("{LINK} {sdl}"));
        subgraphs.extend(subgraph::load(&input, format!("S{number:02}"), &mut report));
    }
    let merged = merge::merge(&subgraphs, 1, &mut report);
    assert!(!report.has_errors(), "{:?}", report.into_errors());
    check_within(limits, &merged, &subgraphs, &mut report);
    report.into_errors()
}

fn codes(errors: &[Diagnostic]) -> Vec<&str> {
    let mut codes: Vec<&str> = errors.iter().map(|error| error.code).collect();
    codes.dedup();
    codes
}

fn two() -> Vec<String> {
    vec![
        "type Query { a: A b: B } type A @key(fields: \"id\") { id: ID! } type B { x: Int }".into(),
        "type A @key(fields: \"id\") { id: ID! y: Int }".into(),
    ]
}

#[test]
fn a_bound_that_is_met_refuses_the_graph() {
    assert_eq!(codes(&errors(LIMITS, &two())), Vec::<&str>::new());
    for limits in [
        Limits {
            positions: 1,
            ..LIMITS
        },
        Limits { steps: 3, ..LIMITS },
    ] {
        let found = errors(limits, &two());
        assert_eq!(
            codes(&found),
            [code::MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED],
            "{limits:?}: {found:?}"
        );
    }
}

/// Every subgraph's key needs a field that only it has, of a type that all can be asked for.
#[test]
fn keys_that_only_their_own_subgraphs_could_satisfy_are_found_out_soon() {
    let mut sdls = vec![
        "type Query { t: T } type T @key(fields: \"id\") { id: ID! s: S @shareable } \
         type S @key(fields: \"id\") { id: ID! }"
            .to_owned(),
    ];
    for number in 1..20 {
        sdls.push(format!(
            "type T @key(fields: \"s {{ x{number} }}\") {{ s: S @shareable v{number}: Int }} \
             type S @key(fields: \"id\") {{ id: ID! x{number}: Int }}"
        ));
    }
    let limits = Limits {
        steps: 200_000,
        ..LIMITS
    };
    let found = errors(limits, &sdls);
    assert_eq!(codes(&found), [code::SATISFIABILITY_ERROR], "{found:?}");
    assert_eq!(found.len(), 19);
}

/// Thirty labels, one after the other: what was decided further up does not matter below.
#[test]
fn labels_on_a_long_way_do_not_multiply() {
    let (mut old, mut new) = ("type Query { t0: T0 }".to_owned(), String::new());
    for number in 0..30 {
        let next = number + 1;
        let ty = format!("type T{number} @key(fields: \"id\") {{ id: ID! next: T{next}");
        old += &format!(" {ty} }}");
        new += &format!(" {ty} @override(from: \"s00\", label: \"l{number}\") }}");
    }
    let last = " type T30 @key(fields: \"id\") { id: ID! }";
    let limits = Limits {
        positions: 200,
        ..LIMITS
    };
    let found = errors(limits, &[old + last, new + last]);
    assert_eq!(codes(&found), Vec::<&str>::new(), "{found:?}");
}

/// What can be had of an entity does not depend on which of its subgraphs gave it.
#[test]
fn an_entity_that_every_subgraph_returns_is_looked_at_once() {
    let subgraph = |number: usize| {
        format!(
            "type Query {{ e{number}: E }} type E @key(fields: \"id\") {{ id: ID! f{number}: E }}"
        )
    };
    let sdls: Vec<String> = (0..60).map(subgraph).collect();
    let limits = Limits {
        steps: 10_000,
        ..LIMITS
    };
    let found = errors(limits, &sdls);
    assert_eq!(codes(&found), Vec::<&str>::new(), "{found:?}");
}
