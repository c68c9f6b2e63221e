//! Composition: subgraph SDL in, supergraph SDL and diagnostics out. Pure: no I/O, no async.
//!
//! [`compose`] reads the SDL of every subgraph, checks each by itself (`subgraph`), merges them
//! (`merge`), checks the result as a whole and prints it (`supergraph`). Each stage reports all of
//! its errors at once; the next stage starts only when there are none, so that no error is a mere
//! consequence of another. [`config`] reads Rover's `supergraph.yaml`.

pub mod code;
pub mod config;
mod diagnostic;
mod merge;
mod subgraph;
mod supergraph;
mod text;

use std::collections::BTreeSet;

pub use diagnostic::{Diagnostic, Severity, SourceLocation};

use diagnostic::{Place, Report};

/// One subgraph to compose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubgraphInput {
    /// Its name: letters, digits, `_` and `-`, beginning with a letter.
    pub name: String,
    /// Where the router reaches it.
    pub url: String,
    /// Its schema.
    pub sdl: String,
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
/// # Errors
///
/// All errors of the first stage that has any: the schemas one by one, then their merging, then the
/// merged schema.
pub fn compose(inputs: &[SubgraphInput]) -> Result<Composition, Vec<Diagnostic>> {
    let mut report = Report::default();
    let mut sorted: Vec<&SubgraphInput> = inputs.iter().collect();
    sorted.sort_by(|left, right| left.name.cmp(&right.name));
    check_names(&sorted, &mut report);
    let graphs = graph_values(&sorted);
    let loaded = sorted.iter().zip(graphs);
    let subgraphs: Vec<_> = loaded
        .filter_map(|(input, graph)| subgraph::load(input, graph, &mut report))
        .collect();
    if report.has_errors() {
        return Err(report.into_errors());
    }
    let merged = merge::merge(&subgraphs, &mut report);
    if report.has_errors() {
        return Err(report.into_errors());
    }
    supergraph::check::structure(&merged, &subgraphs, &mut report);
    supergraph::inaccessible::check(&merged, &subgraphs, &mut report);
    if report.has_errors() {
        return Err(report.into_errors());
    }
    let supergraph_sdl = supergraph::print::supergraph(&merged);
    let api_sdl = supergraph::print::api(&merged);
    supergraph::check::validity(&supergraph_sdl, &subgraphs, &mut report);
    if !report.has_errors() {
        supergraph::check::validity(&api_sdl, &subgraphs, &mut report);
    }
    if !report.has_errors() {
        supergraph::satisfiability::check(&merged, &subgraphs, &mut report);
    }
    if report.has_errors() {
        return Err(report.into_errors());
    }
    Ok(Composition {
        supergraph_sdl,
        api_sdl,
        hints: report.into_hints(),
    })
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
    let mut seen = BTreeSet::new();
    for input in inputs {
        let at = vec![Place::default().within(&input.name)];
        if !is_valid_name(&input.name) {
            let message = format!(
                "`{}` is not a name for a subgraph. Use at most 64 letters, digits, `_` and `-`, \
                 beginning with a letter.",
                input.name
            );
            report.error(code::INVALID_SUBGRAPH_NAME, message, at);
        } else if !seen.insert(&input.name) {
            let message = format!("Two subgraphs are called `{}`. Rename one.", input.name);
            report.error(code::INVALID_SUBGRAPH_NAME, message, at);
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
    let mut values = Vec::new();
    for value in &plain {
        if plain.iter().filter(|other| *other == value).count() == 1 {
            values.push(value.clone());
            continue;
        }
        let mut number = 1;
        while !taken.insert(format!("{value}_{number}")) {
            number += 1;
        }
        values.push(format!("{value}_{number}"));
    }
    values
}
