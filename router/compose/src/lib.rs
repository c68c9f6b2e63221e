//! Composition: subgraph SDL in, supergraph SDL and diagnostics out. Pure: no I/O, no async.
//!
//! [`compose`] reads the SDL of every subgraph, checks each by itself (`subgraph`), merges them
//! (`merge`), checks the result as a whole and prints it (`supergraph`). Each stage reports all of
//! its errors at once; the next stage starts only when there are none, so that no error is a mere
//! consequence of another. [`config`] reads Rover's `supergraph.yaml`.
//!
//! With more than 32 kB of schemas, subgraphs are read and types are merged on as many threads as
//! there are processors, and the result is printed, checked and walked at the same time. What comes
//! out is the same.

pub mod changes;
pub mod code;
pub mod config;
mod diagnostic;
mod merge;
mod parallel;
mod sdl;
mod subgraph;
mod supergraph;
mod text;

use std::collections::{BTreeMap, BTreeSet};

pub use diagnostic::{Diagnostic, Severity, SourceLocation};
pub use supergraph::contract::Contract;

use diagnostic::{Place, Report};
use subgraph::model::Subgraph;
use supergraph::model::Supergraph;

/// One subgraph to compose.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SubgraphInput {
    /// Its name: letters, digits, `_` and `-`, beginning with a letter.
    pub name: String,
    /// Where the router reaches it.
    pub url: String,
    /// Its schema.
    pub sdl: String,
    /// Where the schema was read from, a path or a URL, so that diagnostics can name it.
    pub source: Option<String>,
}

impl SubgraphInput {
    /// A subgraph whose schema was not read from anywhere.
    #[must_use]
    pub fn new(name: impl Into<String>, url: impl Into<String>, sdl: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            sdl: sdl.into(),
            source: None,
        }
    }

    /// Names the path or URL that the schema was read from.
    #[must_use]
    pub fn read_from(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// A composed supergraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composition {
    /// For routers: SDL with the join and link directives.
    pub supergraph_sdl: String,
    /// For clients: SDL without federation and without what is `@inaccessible`.
    pub api_sdl: String,
    /// What is allowed but worth a look.
    pub hints: Vec<Diagnostic>,
}

/// Composes subgraphs into a supergraph. The order of the inputs does not matter.
///
/// ```
/// use router_compose::{SubgraphInput, compose};
///
/// let sdl = "type Query { greeting: String }";
/// let subgraph = SubgraphInput::new("shop", "http://localhost/shop", sdl);
/// let composed = compose(&[subgraph]).expect("a schema without federation is a subgraph too");
/// assert_eq!(composed.api_sdl, "type Query {\n  greeting: String\n}\n");
/// ```
///
/// # Errors
///
/// All errors of the first stage that has any: the schemas one by one, then their merging, then the
/// merged schema.
pub fn compose(inputs: &[SubgraphInput]) -> Result<Composition, Vec<Diagnostic>> {
    compose_with(inputs, None)
}

/// Composes subgraphs and hides what a contract does not show: in the API schema it is gone, in the
/// supergraph it is `@inaccessible`, so that routers can still use it for keys.
///
/// # Errors
///
/// Those of [`compose`], and then those of the contract: what is left must make sense by itself.
pub fn compose_contract(
    inputs: &[SubgraphInput],
    contract: &Contract,
) -> Result<Composition, Vec<Diagnostic>> {
    compose_with(inputs, Some(contract))
}

fn compose_with(
    inputs: &[SubgraphInput],
    contract: Option<&Contract>,
) -> Result<Composition, Vec<Diagnostic>> {
    let bytes = inputs.iter().map(|input| input.sdl.len()).sum();
    parallel::with_threads(bytes, |threads| compose_on(threads, inputs, contract))
}

fn compose_on(
    threads: usize,
    inputs: &[SubgraphInput],
    contract: Option<&Contract>,
) -> Result<Composition, Vec<Diagnostic>> {
    let mut report = Report::default();
    let composed = compose_stages(threads, inputs, contract, &mut report);
    let Some([supergraph_sdl, api_sdl]) = composed.filter(|_| !report.has_errors()) else {
        return Err(report.into_errors());
    };
    Ok(Composition {
        supergraph_sdl,
        api_sdl,
        hints: report.into_hints(),
    })
}

/// One stage after the other; nothing once one has errors.
fn compose_stages(
    threads: usize,
    inputs: &[SubgraphInput],
    contract: Option<&Contract>,
    report: &mut Report,
) -> Option<[String; 2]> {
    let subgraphs = load(inputs, threads, report);
    report.succeeded()?;
    let mut merged = merge::merge(&subgraphs, threads, report);
    report.succeeded()?;
    supergraph::access::spread(&mut merged);
    supergraph::check::structure(&merged, &subgraphs, report);
    supergraph::access::check(&merged, &subgraphs, report);
    supergraph::inaccessible::check(&merged, &subgraphs, report);
    report.succeeded()?;
    let all = [Finish::Supergraph, Finish::Walk, Finish::Api];
    let mut printed = finish_all(&all, &merged, &subgraphs, threads, report);
    report.succeeded()?;
    if let Some(contract) = contract {
        supergraph::contract::apply(&mut merged, contract, &subgraphs, report);
        if !report.has_errors() {
            supergraph::inaccessible::check(&merged, &subgraphs, report);
            report.explain_errors("With this contract: ");
        }
        report.succeeded()?;
        let shown = [Finish::Supergraph, Finish::Api];
        printed = finish_all(&shown, &merged, &subgraphs, threads, report);
    }
    parallel::free(threads, merged.types);
    parallel::free(threads, subgraphs);
    Some(printed)
}

/// All subgraphs that can be used, each checked by itself, in the order of their names.
fn load(inputs: &[SubgraphInput], threads: usize, report: &mut Report) -> Vec<Subgraph> {
    let mut sorted: Vec<&SubgraphInput> = inputs.iter().collect();
    sorted.sort_by_key(|input| (&input.name, &input.source));
    check_names(&sorted, report);
    let named: Vec<_> = sorted.iter().zip(graph_values(&sorted)).collect();
    let loaded = parallel::map(threads, &named, |(input, graph)| {
        let mut report = Report::default();
        let subgraph = subgraph::load(input, graph.clone(), &mut report);
        (subgraph, report)
    });
    let mut subgraphs = Vec::new();
    for (input, (subgraph, own)) in sorted.iter().zip(loaded) {
        report.begin(input);
        report.absorb(own);
        subgraphs.extend(subgraph);
    }
    let is_complete = subgraphs.len() == inputs.len();
    subgraph::finish(&mut subgraphs, is_complete, threads, report);
    subgraphs
}

/// What is done with a merged schema, each without the others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finish {
    Supergraph,
    Walk,
    Api,
}

/// The supergraph and the API schema, both checked to be valid GraphQL; if asked for, whether every
/// query can be answered.
fn finish_all(
    all: &[Finish],
    merged: &Supergraph,
    subgraphs: &[Subgraph],
    threads: usize,
    report: &mut Report,
) -> [String; 2] {
    let finished = parallel::map(threads, all, |one| {
        let mut report = report.part();
        let sdl = finish(*one, merged, subgraphs, &mut report);
        (*one, sdl, report)
    });
    let [mut supergraph, mut api] = [String::new(), String::new()];
    let mut walked = None;
    for (one, sdl, own) in finished {
        match one {
            Finish::Supergraph => supergraph = sdl,
            Finish::Api => api = sdl,
            Finish::Walk => {
                walked = Some(own);
                continue;
            }
        }
        if !report.has_errors() {
            report.absorb(own);
        }
    }
    // What was found out of an invalid schema says nothing.
    if let Some(walked) = walked.filter(|_| !report.has_errors()) {
        report.absorb(walked);
    }
    [supergraph, api]
}

fn finish(one: Finish, merged: &Supergraph, subgraphs: &[Subgraph], report: &mut Report) -> String {
    let (sdl, is_checked) = match one {
        Finish::Supergraph => (supergraph::print::supergraph(merged), true),
        // Without anything to hide, the API schema says the same as the supergraph.
        Finish::Api => {
            let differs = supergraph::check::hides_something(merged);
            (supergraph::print::api(merged), differs)
        }
        Finish::Walk => {
            supergraph::satisfiability::check(merged, subgraphs, report);
            return String::new();
        }
    };
    let is_api = one == Finish::Api;
    if is_checked && !supergraph::sound::is_sound(merged, is_api) {
        supergraph::check::validity(&sdl, subgraphs, report);
    } else if is_checked {
        debug_assert!(
            supergraph::check::is_valid(&sdl, subgraphs),
            "the schema looks sound and is not"
        );
    }
    sdl
}

/// Whether a subgraph may be called this: Rover's rule.
#[must_use]
pub fn is_valid_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn check_names(inputs: &[&SubgraphInput], report: &mut Report) {
    // Several may have the same name, which then does not tell where the schema is.
    let at = |input: &SubgraphInput| {
        let place = Place::default().within(&input.name);
        place.in_file(input.source.as_deref())
    };
    let mut seen: BTreeMap<&str, &SubgraphInput> = BTreeMap::new();
    for input in inputs {
        if !is_valid_name(&input.name) {
            let message = format!(
                "`{}` is not a name for a subgraph. Use at most 64 letters, digits, `_` and `-`, \
                 beginning with a letter.",
                input.name
            );
            report.error(code::INVALID_SUBGRAPH_NAME, message, vec![at(input)]);
        } else if let Some(first) = seen.insert(&input.name, input) {
            let message = format!("Two subgraphs are called `{}`. Rename one.", input.name);
            let both = vec![at(first), at(input)];
            report.error(code::INVALID_SUBGRAPH_NAME, message, both);
        }
    }
}

/// The `join__Graph` values: names in capitals, numbered where that makes them equal.
fn graph_values(inputs: &[&SubgraphInput]) -> Vec<String> {
    let capitals = |input: &&SubgraphInput| -> String {
        let letter = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        input.name.chars().map(letter).collect()
    };
    let plain: Vec<String> = inputs.iter().map(capitals).collect();
    let mut taken: BTreeSet<String> = plain.iter().cloned().collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in &plain {
        *counts.entry(value).or_default() += 1;
    }
    // Where to go on counting for each.
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    let mut values = Vec::new();
    for value in &plain {
        if counts.get(value.as_str()) == Some(&1) {
            values.push(value.clone());
            continue;
        }
        let number = last.entry(value).or_insert(1);
        while !taken.insert(format!("{value}_{number}")) {
            *number += 1;
        }
        values.push(format!("{value}_{number}"));
    }
    values
}

/// The examples of the README are run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
