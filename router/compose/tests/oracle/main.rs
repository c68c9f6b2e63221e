//! The same sets of subgraphs, composed here and by `@theguild/federation-composition`: the same
//! verdict, the same codes, schemas that mean the same. What differs for a reason is listed in
//! `oracle/differences.yaml`; a reason that nothing needs any more fails too.
//!
//! `COMPOSE_SEEDS=0..10000 cargo test -p router-compose --test oracle` tries other sets;
//! `COMPOSE_ORACLE=/path/to/module.js` asks another composer with the same function, `COMPOSE_SETS`
//! names a file of other sets.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it skips"
)]

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod known;
mod node;
mod random;

use std::collections::{BTreeMap, BTreeSet};

use common::{cases, inputs};
use known::Known;
use node::{Oracle, Verdict};
use router_compose::{SubgraphInput, compose};

/// How many random sets are composed.
const SETS: u64 = 2_000;
/// Reports longer than this help nobody.
const SHOWN: usize = 30;

#[derive(Default)]
struct Tally {
    composed: usize,
    refused: usize,
    settled: usize,
    crashed: usize,
    /// Sets that differ, by how they differ.
    different: BTreeMap<String, Vec<String>>,
}

enum Difference {
    /// Both composed or both refused, with nothing to say about it.
    None {
        composed: bool,
    },
    /// Listed in `differences.yaml`.
    Settled,
    Crash,
    /// A short name and all there is to say.
    Open(String, String),
}

#[test]
fn the_other_composer_agrees() {
    let Some(mut oracle) = node::start() else {
        return;
    };
    let mut known = Known::read();
    let mut tally = Tally::default();
    for case in cases() {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let difference = look(&mut oracle, &mut known, &inputs(&case));
        tally.add(
            &name,
            difference,
            |known| known.has_all("cases", [name.as_str()]),
            &mut known,
        );
    }
    println!("cases: {}", tally.line());
    let cases_differ = std::mem::take(&mut tally).different;
    let random = || {
        node::seeds(0..SETS)
            .map(|seed| random::set(seed, None))
            .collect()
    };
    for (number, inputs) in node::sets().unwrap_or_else(random).iter().enumerate() {
        let difference = look(&mut oracle, &mut known, inputs);
        tally.add(&format!("set {number}"), difference, |_| false, &mut known);
    }
    println!("random sets: {}", tally.line());
    let random_differ = tally.different;
    let report = [report(&cases_differ), report(&random_differ)].concat();
    assert!(report.is_empty(), "{report}");
    if node::is_restricted() {
        return;
    }
    assert_eq!(known.unused(), [""; 0], "reasons that nothing needs");
    assert!(
        tally.composed > 700 && tally.refused > 300,
        "the random sets are not a mix any more"
    );
}

impl Tally {
    fn add(
        &mut self,
        name: &str,
        difference: Difference,
        is_settled: impl FnOnce(&mut Known) -> bool,
        known: &mut Known,
    ) {
        match difference {
            Difference::None { composed: true } => self.composed += 1,
            Difference::None { composed: false } => self.refused += 1,
            Difference::Settled => self.settled += 1,
            Difference::Crash => self.crashed += 1,
            Difference::Open(..) if is_settled(known) => self.settled += 1,
            Difference::Open(kind, text) => {
                let text = format!("=== {name}: {kind}\n{text}");
                self.different.entry(kind).or_default().push(text);
            }
        }
    }

    fn line(&self) -> String {
        format!(
            "{} composed alike, {} refused alike, {} settled differences, {} crashes of the other, \
             {} open",
            self.composed,
            self.refused,
            self.settled,
            self.crashed,
            self.different.values().map(Vec::len).sum::<usize>()
        )
    }
}

/// The most frequent differences, each with its shortest example.
fn report(different: &BTreeMap<String, Vec<String>>) -> String {
    let mut kinds: Vec<_> = different.iter().collect();
    kinds.sort_by_key(|(_, examples)| std::cmp::Reverse(examples.len()));
    let mut text = String::new();
    for (kind, examples) in &kinds {
        let names = examples
            .iter()
            .filter_map(|one| one.get(4..)?.split(':').next());
        let names: Vec<&str> = names.collect();
        text.push_str(&format!("\n{} × {kind}: {}", names.len(), names.join(", ")));
    }
    for (kind, examples) in kinds.into_iter().take(SHOWN) {
        let shortest = examples.iter().min_by_key(|example| example.len()).unwrap();
        text.push_str(&format!(
            "\n##### {} × {kind}\n{shortest}\n",
            examples.len()
        ));
    }
    text
}

fn look(oracle: &mut Oracle, known: &mut Known, inputs: &[SubgraphInput]) -> Difference {
    oracle.ask(inputs);
    let ours = compose(inputs);
    let theirs = oracle.answer();
    let sdl = || {
        inputs
            .iter()
            .map(|input| format!("--- {}\n{}", input.name, input.sdl))
            .collect::<String>()
    };
    match (ours, theirs) {
        (_, Verdict::Crashed(text)) => {
            if known.has_all("crashes", [text.as_str()]) {
                return Difference::Crash;
            }
            Difference::Open("the other crashed".to_owned(), format!("{text}\n{}", sdl()))
        }
        (Ok(composition), Verdict::Composed { supergraph, api }) => {
            let (ours, theirs) = (&composition.supergraph_sdl, &supergraph);
            let mut found = differing(&compare::facts(ours), &compare::facts(theirs));
            let (ours, theirs) = (&composition.api_sdl, &api);
            let in_api = differing(&compare::api_facts(ours), &compare::api_facts(theirs));
            found.extend(in_api.into_iter().map(|lines| format!("API {lines}")));
            if found.is_empty() {
                return Difference::None { composed: true };
            }
            found.retain(|fact| !known.has_all("facts", [fact.as_str()]));
            let Some(first) = found.first() else {
                return Difference::Settled;
            };
            let kind = format!("supergraphs differ: {}", shape(first));
            Difference::Open(kind, format!("{}\n{}", found.join("\n"), sdl()))
        }
        (Err(errors), Verdict::Refused(refusals)) => {
            let ours: BTreeSet<&str> = errors.iter().map(|error| error.code).collect();
            let theirs: BTreeSet<&str> = refusals.iter().map(|one| one.code.as_str()).collect();
            let theirs = known.causes(&theirs, &ours);
            if ours == theirs {
                return Difference::None { composed: false };
            }
            let left = known.has_all("only_ours", ours.difference(&theirs).copied());
            let right = known.has_all("only_theirs", theirs.difference(&ours).copied());
            if left && right {
                return Difference::Settled;
            }
            let kind = format!("codes {ours:?}, theirs {theirs:?}");
            Difference::Open(
                kind,
                format!("{}{}{}", said(&errors), heard(&refusals), sdl()),
            )
        }
        (Err(errors), Verdict::Composed { .. }) => {
            let codes: BTreeSet<&str> = errors.iter().map(|error| error.code).collect();
            if known.has_all("they_accept", codes.iter().copied()) {
                return Difference::Settled;
            }
            let kind = format!("only we refuse: {codes:?}");
            Difference::Open(kind, format!("{}{}", said(&errors), sdl()))
        }
        (Ok(_), Verdict::Refused(refusals)) => {
            let codes: BTreeSet<&str> = refusals.iter().map(|one| one.code.as_str()).collect();
            if known.has_all("they_refuse", codes.iter().copied()) {
                return Difference::Settled;
            }
            let kind = format!("only they refuse: {codes:?}");
            Difference::Open(kind, format!("{}{}", heard(&refusals), sdl()))
        }
    }
}

/// What only one of two schemas says, by the element it is about.
fn differing(ours: &compare::Facts, theirs: &compare::Facts) -> Vec<String> {
    let lines = compare::differences(ours, theirs);
    let mut elements: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        // `ours   field A.b: Int` and `theirs field A.b @tag` are about `field A.b`.
        let words: Vec<&str> = line.split_whitespace().skip(1).take(2).collect();
        let element = words.join(" ").trim_end_matches(':').to_owned();
        elements.entry(element).or_default().push(line);
    }
    elements
        .into_values()
        .map(|lines| lines.join("\n"))
        .collect()
}

/// A fact without the names in it, so that alike differences are counted together.
fn shape(fact: &str) -> String {
    let is_name = |word: &&str| !word.contains('.') && !word.starts_with('E');
    fact.split_whitespace()
        .filter(is_name)
        .collect::<Vec<_>>()
        .join(" ")
}

fn said(errors: &[router_compose::Diagnostic]) -> String {
    errors
        .iter()
        .map(|error| format!("ours   {error}\n"))
        .collect()
}

fn heard(refusals: &[node::Refusal]) -> String {
    let line = |one: &node::Refusal| format!("theirs [{}] {}\n", one.code, one.message);
    refusals.iter().map(line).collect()
}

#[test]
fn a_seed_is_always_the_same_set() {
    assert_eq!(random::set(7, None), random::set(7, None));
    assert_ne!(random::set(7, None), random::set(8, None));
}
