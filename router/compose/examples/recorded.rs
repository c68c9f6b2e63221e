//! What other composers said of sets of subgraphs, as somebody recorded it, beside what we say: how
//! often verdict, codes, API schema and supergraph agree, and every way in which they do not.
//!
//! One set is one line of JSON: `{"subgraphs": [{"name", "url", "sdl"}]}` with `"errors": [{"code",
//! "message"}]`, or `"supergraph"` and `"api"`, or `"crash"`; `"library"` says whose words these are,
//! `"test"` where the set is from, `"contract": {"include", "exclude", "unreachable"}` what to hide.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool for those who work on composition, which says what it found"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use router_compose::{Composition, Contract, Diagnostic, SubgraphInput, compose, compose_contract};
use serde::Deserialize;

#[path = "../tests/oracle/compare.rs"]
#[expect(clippy::unwrap_used, reason = "the tests' comparison")]
mod compare;

/// A set that takes longer is reported; sets of this kind take milliseconds, also without optimisation.
const BOUND: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Recorded {
    #[serde(default)]
    library: String,
    #[serde(default)]
    test: String,
    subgraphs: Vec<SubgraphInput>,
    errors: Option<Vec<Refusal>>,
    supergraph: Option<String>,
    #[serde(default)]
    api: String,
    contract: Option<Tags>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
    message: String,
}

#[derive(Deserialize)]
struct Tags {
    include: Option<Vec<String>>,
    exclude: Option<Vec<String>>,
    unreachable: bool,
}

type Verdict = Result<Composition, Vec<Diagnostic>>;

/// What was counted of one library's words.
#[derive(Default)]
struct Tally {
    sets: usize,
    crashed: usize,
    same_verdict: usize,
    composed: usize,
    same_api: usize,
    same_supergraph: usize,
    refused: usize,
    same_codes: usize,
    /// By kind, the sets that disagree: the shortest text says all.
    different: BTreeMap<String, Vec<String>>,
}

/// Composes within the bound; nothing when it took longer or panicked.
fn ours(recorded: &Recorded) -> Option<Verdict> {
    let inputs = recorded.subgraphs.clone();
    let contract = recorded.contract.as_ref().map(|tags| Contract {
        include: tags.include.clone().into_iter().flatten().collect(),
        exclude: tags.exclude.clone().into_iter().flatten().collect(),
        hide_unreachable_types: tags.unreachable,
    });
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let verdict = match contract {
            Some(contract) => compose_contract(&inputs, &contract),
            None => compose(&inputs),
        };
        // Nobody listens any more when it took too long.
        drop(sender.send(verdict));
    });
    receiver.recv_timeout(BOUND).ok()
}

impl Tally {
    fn add(&mut self, recorded: &Recorded) {
        self.sets += 1;
        let Some(verdict) = ours(recorded) else {
            let kind = "we took too long or panicked".to_owned();
            self.differ(kind, "", recorded);
            return;
        };
        match (verdict, &recorded.supergraph, &recorded.errors) {
            (Ok(composition), Some(supergraph), _) => {
                self.same_verdict += 1;
                self.composed += 1;
                self.compare(&composition, supergraph, recorded);
            }
            (Err(errors), None, Some(refusals)) => {
                self.same_verdict += 1;
                self.refused += 1;
                let (ours, theirs) = (codes(&errors), their_codes(refusals));
                if ours == theirs {
                    self.same_codes += 1;
                    return;
                }
                let only_ours: Vec<_> = ours.difference(&theirs).collect();
                let only_theirs: Vec<_> = theirs.difference(&ours).collect();
                let kind = format!("codes: only ours {only_ours:?}, only theirs {only_theirs:?}");
                self.differ(kind, &said(&errors, refusals), recorded);
            }
            (Err(errors), Some(_), _) => {
                let kind = format!("only we refuse: {:?}", codes(&errors));
                self.differ(kind, &said(&errors, &[]), recorded);
            }
            (Ok(_), None, Some(refusals)) => {
                let kind = format!("only they refuse: {:?}", their_codes(refusals));
                self.differ(kind, &said(&[], refusals), recorded);
            }
            (_, None, None) => self.crashed += 1,
        }
    }

    fn compare(&mut self, composition: &Composition, supergraph: &str, recorded: &Recorded) {
        let in_api = compare::differences(
            &compare::api_facts(&composition.api_sdl),
            &compare::api_facts(&recorded.api),
        );
        let in_supergraph = compare::differences(
            &compare::facts(&composition.supergraph_sdl),
            &compare::facts(supergraph),
        );
        self.same_api += usize::from(in_api.is_empty());
        self.same_supergraph += usize::from(in_supergraph.is_empty());
        for (what, lines) in [("API", in_api), ("supergraph", in_supergraph)] {
            if let Some(first) = lines.first() {
                let kind = format!("{what}: {}", shape(first));
                self.differ(kind, &lines.join("\n"), recorded);
            }
        }
    }

    fn differ(&mut self, kind: String, text: &str, recorded: &Recorded) {
        let mut whole = format!("{}\n{text}\n", recorded.test);
        for one in &recorded.subgraphs {
            whole.push_str(&format!("--- {}\n{}\n", one.name, one.sdl));
        }
        self.different.entry(kind).or_default().push(whole);
    }

    fn line(&self) -> String {
        format!(
            "{} sets ({} crashes of theirs): {} the same verdict; of {} composed by both, {} the same API \
             schema, {} supergraphs that mean the same; of {} refused by both, {} the same codes",
            self.sets,
            self.crashed,
            self.same_verdict,
            self.composed,
            self.same_api,
            self.same_supergraph,
            self.refused,
            self.same_codes
        )
    }
}

fn codes(errors: &[Diagnostic]) -> BTreeSet<&str> {
    errors.iter().map(|error| error.code).collect()
}

fn their_codes(refusals: &[Refusal]) -> BTreeSet<&str> {
    refusals.iter().map(|one| one.code.as_str()).collect()
}

/// A fact without the names in it, so that alike differences are counted together.
fn shape(fact: &str) -> String {
    let is_name = |word: &&str| !word.contains('.');
    let words: Vec<&str> = fact.split_whitespace().filter(is_name).collect();
    words.join(" ")
}

fn said(errors: &[Diagnostic], refusals: &[Refusal]) -> String {
    let mut text = String::new();
    for error in errors {
        text.push_str(&format!("ours   {error}\n"));
    }
    for one in refusals {
        text.push_str(&format!("theirs [{}] {}\n", one.code, one.message));
    }
    text
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let file = std::env::args().nth(1);
    let file = file.ok_or("name a file of recorded sets (README.md, Tests)")?;
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for line in fs::read_to_string(file)?.lines() {
        let recorded: Recorded = serde_json::from_str(line)?;
        let mut key = format!("{} ", recorded.library);
        if let Some(tags) = &recorded.contract {
            write!(
                key,
                "{:?}{:?}{} ",
                tags.include, tags.exclude, tags.unreachable
            )?;
        }
        for one in &recorded.subgraphs {
            write!(key, "{}\n{}\n", one.name, one.sdl)?;
        }
        // Tests repeat sets.
        if seen.insert(key) {
            let tally = tallies.entry(recorded.library.clone()).or_default();
            tally.add(&recorded);
        }
    }
    let mut all_agree = true;
    for (library, tally) in &tallies {
        println!("{library}: {}", tally.line());
        all_agree &= tally.different.is_empty();
        let mut kinds: Vec<_> = tally.different.iter().collect();
        kinds.sort_by_key(|(_, sets)| std::cmp::Reverse(sets.len()));
        for (kind, sets) in kinds {
            println!("{library}: {} × {kind}", sets.len());
            let shortest = sets.iter().min_by_key(|one| one.len());
            eprintln!(
                "##### {library}: {} × {kind}\n{}",
                sets.len(),
                shortest.map_or("", |one| one)
            );
        }
    }
    Ok(ExitCode::from(u8::from(!all_agree)))
}
