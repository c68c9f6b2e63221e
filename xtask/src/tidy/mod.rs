//! `cargo xtask tidy`: the rules that no compiler checks. Each rule is a function from the tree to
//! problems; each problem says what to do.

mod documents;
mod manifests;
mod migrations;
mod subgraphs;
mod text;
mod tree;

use std::fmt;

use crate::shell::Outcome;
use tree::Tree;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    path: String,
    /// From 1; 0 means the whole file.
    line: usize,
    message: String,
}

impl Problem {
    fn in_file(path: &str, message: impl Into<String>) -> Self {
        Self::at(path, 0, message)
    }

    fn at(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

const RULES: &[fn(&Tree) -> Vec<Problem>] = &[
    text::check,
    manifests::check,
    subgraphs::check,
    migrations::check,
    documents::check,
];

/// Checks the repository.
pub(crate) fn run() -> Outcome {
    let tree = Tree::of_repository()?;
    let mut problems: Vec<Problem> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    problems.sort();
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("tidy: {} files are in order", tree.len());
        return Ok(());
    }
    Err(format!("{} problems", problems.len()))
}

/// Runs one rule over a made-up tree and shows its problems as lines.
#[cfg(test)]
fn problems_of(rule: fn(&Tree) -> Vec<Problem>, files: &[(&str, &str)]) -> Vec<String> {
    let mut problems = rule(&Tree::of(files));
    problems.sort();
    problems.iter().map(ToString::to_string).collect()
}
