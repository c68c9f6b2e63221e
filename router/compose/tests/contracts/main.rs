//! Contracts of random graphs. What a contract hides is worked out once more by a simple model, marked
//! `@inaccessible` by hand in the subgraphs, and composed: the same supergraph and API schema must come
//! out, or refusals of which those by hand have at least the codes of the contract's. What a contract promises is looked at besides.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod elements;
mod model;
#[path = "../oracle/random/mod.rs"]
mod random;

use std::collections::BTreeSet;

use apollo_compiler::Schema;
use apollo_compiler::ast::{Definition, Document};
use router_compose::{
    Composition, Contract, Diagnostic, SubgraphInput, code, compose, compose_contract,
};

use elements::{each, mark, parse, parsed};
use model::Model;
use random::Random;

const TAGS: [&str; 3] = ["one", "two", "three"];
const SETS: u64 = 300;

/// The subgraphs of a set with many more tags.
fn tagged(random: &mut Random, seed: u64) -> Vec<SubgraphInput> {
    let often = 2 + random.below(20);
    let add = |mut input: SubgraphInput| {
        let mut document = parse(&imported(&input.sdl, "@tag"));
        each(&mut document, &mut |coordinate, directives| {
            // Types have their tags for all of their fields.
            let is_type = !coordinate.contains('.');
            if random.chance(often * if is_type { 3 } else { 1 }) {
                let name = random.pick(&TAGS);
                directives.push(parsed(&format!("@tag(name: \"{name}\")")));
            }
        });
        input.sdl = document.to_string();
        input
    };
    random::set(seed, Some(0)).into_iter().map(add).collect()
}

/// The schema with a directive of federation imported.
fn imported(sdl: &str, directive: &str) -> String {
    if sdl.contains(&format!("\"{directive}\"")) {
        return sdl.to_owned();
    }
    let with = format!("import: [\"{directive}\", ");
    // Of several links, the one of federation is the first with imports.
    sdl.replacen("import: [", &with, 1)
}

fn some_contract(random: &mut Random) -> Contract {
    let mut some = |percent: usize| -> BTreeSet<String> {
        let tags = TAGS.iter().filter(|_| random.chance(percent));
        tags.map(|tag| (*tag).to_owned()).collect()
    };
    let (include, exclude) = (some(20), some(25));
    Contract {
        include,
        exclude,
        hide_unreachable_types: random.chance(50),
    }
}

/// The subgraphs with `@inaccessible` wherever one of these is defined. Nothing when that would not be
/// the same: a field that an `@interfaceObject` adds is defined in no type that implements the interface,
/// and what is said of it there is said of all of these.
fn marked(inputs: &[SubgraphInput], hidden: &BTreeSet<&str>) -> Option<Vec<SubgraphInput>> {
    let mut left = hidden.clone();
    let mut all = Vec::new();
    for input in inputs {
        let mut document = parse(&imported(&input.sdl, "@inaccessible"));
        let mut adds_fields = false;
        each(&mut document, &mut |coordinate, directives| {
            if !coordinate.contains('.') {
                adds_fields = directives.has("interfaceObject");
            }
            if hidden.contains(coordinate) {
                mark(directives, "inaccessible");
                if !adds_fields {
                    left.remove(coordinate);
                }
            }
        });
        let sdl = document.to_string();
        all.push(SubgraphInput {
            sdl,
            ..input.clone()
        });
    }
    left.is_empty().then_some(all)
}

fn codes(errors: &[Diagnostic]) -> BTreeSet<&str> {
    // A contract has words of its own for the same.
    let known = |error: &Diagnostic| match error.code {
        code::NO_QUERIES => code::QUERY_ROOT_TYPE_INACCESSIBLE,
        other => other,
    };
    errors.iter().map(known).collect()
}

fn said(errors: &[Diagnostic]) -> String {
    errors.iter().map(|error| format!("{error}\n")).collect()
}

#[derive(Debug, Default)]
struct Tally {
    composed: usize,
    refused: usize,
    /// Of the composed ones, those where a contract hides something, and where it hides types.
    hiding: usize,
    hiding_types: usize,
    not_marked: usize,
}

#[test]
fn a_contract_is_the_graph_with_the_rest_marked_inaccessible() {
    let mut tally = Tally::default();
    for seed in 0..SETS {
        let mut random = Random::new(seed);
        let inputs = tagged(&mut random, seed);
        let Ok(whole) = compose(&inputs) else {
            continue;
        };
        for _ in 0..3 {
            let contract = some_contract(&mut random);
            look(seed, &inputs, &whole, &contract, &mut tally);
        }
    }
    // Without these the test would say little.
    let enough = tally.composed > 150
        && tally.refused > 75
        && tally.hiding > 75
        && tally.hiding_types > 50
        && tally.not_marked * 5 < tally.composed;
    assert!(enough, "{tally:?}");
}

fn look(
    seed: u64,
    inputs: &[SubgraphInput],
    whole: &Composition,
    contract: &Contract,
    tally: &mut Tally,
) {
    let about = || {
        let sdl = inputs
            .iter()
            .map(|one| format!("--- {}\n{}", one.name, one.sdl));
        format!("set {seed}, {contract:?}\n{}", sdl.collect::<String>())
    };
    let mut document = parse(&whole.supergraph_sdl);
    let model = Model::of(&mut document);
    let hidden = model.hidden(contract);
    let before = model.hidden(&Contract::default());
    let new: BTreeSet<&str> = hidden.difference(&before).map(String::as_str).collect();
    let ours = compose_contract(inputs, contract);
    if let Ok(ours) = &ours {
        keeps_its_promises(&model, whole, ours, contract, &about);
    }
    let Some(by_hand) = marked(inputs, &new) else {
        tally.not_marked += 1;
        return;
    };
    match (ours, compose(&by_hand)) {
        (Ok(ours), Ok(by_hand)) => {
            assert_eq!(ours.api_sdl, by_hand.api_sdl, "{}", about());
            assert_eq!(ours.supergraph_sdl, by_hand.supergraph_sdl, "{}", about());
            tally.composed += 1;
            tally.hiding += usize::from(!new.is_empty());
            tally.hiding_types += usize::from(new.iter().any(|one| !one.contains('.')));
        }
        (Err(ours), Err(by_hand)) => {
            assert!(
                codes(&ours).is_subset(&codes(&by_hand)),
                "{}by hand:\n{}{}",
                said(&ours),
                said(&by_hand),
                about()
            );
            tally.refused += 1;
        }
        (Ok(_), Err(by_hand)) => panic!("only by hand: {}{}", said(&by_hand), about()),
        (Err(ours), Ok(_)) => panic!("only the contract: {}{}", said(&ours), about()),
    }
}

/// Whatever the model says: what clients see is sound and has the right tags, and routers see the whole.
fn keeps_its_promises(
    model: &Model,
    whole: &Composition,
    ours: &Composition,
    contract: &Contract,
    about: &dyn Fn() -> String,
) {
    let api = Schema::parse_and_validate(&ours.api_sdl, "api.graphql");
    assert!(api.is_ok(), "{:?}{}", api.err(), about());
    let shown = coordinates(&ours.api_sdl);
    assert!(shown.is_subset(&coordinates(&whole.api_sdl)), "{}", about());
    for coordinate in &shown {
        let tags = model.tags_of(coordinate);
        assert!(
            tags.is_disjoint(&contract.exclude),
            "{coordinate} {}",
            about()
        );
        let is_chosen = model.is_field(coordinate) || model.is_union(coordinate);
        let is_included = contract.include.is_empty() || !tags.is_disjoint(&contract.include);
        assert!(is_included || !is_chosen, "{coordinate} {}", about());
    }
    assert_eq!(
        without_hiding(&ours.supergraph_sdl),
        without_hiding(&whole.supergraph_sdl),
        "{}",
        about()
    );
}

fn coordinates(sdl: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    each(&mut parse(sdl), &mut |coordinate, _| {
        found.insert(coordinate.to_owned());
    });
    found
}

/// The types of a supergraph, none of them hidden.
fn without_hiding(sdl: &str) -> String {
    let mut document: Document = parse(sdl);
    let is_type = |definition: &Definition| {
        !matches!(
            definition,
            Definition::SchemaDefinition(_) | Definition::DirectiveDefinition(_)
        )
    };
    document.definitions.retain(is_type);
    each(&mut document, &mut |_, directives| {
        directives.retain(|directive| directive.name != "inaccessible");
    });
    document.to_string()
}

#[test]
fn a_contract_without_tags_is_the_graph() {
    for seed in 0..50 {
        let inputs = tagged(&mut Random::new(seed), seed);
        let ours = compose_contract(&inputs, &Contract::default());
        assert_eq!(ours, compose(&inputs), "set {seed}");
    }
}
