//! What composition has to say: errors and hints, each with the places it is about.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::SubgraphInput;

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// No supergraph can be made.
    Error,
    /// A supergraph was made, but this is likely not what its authors want.
    Warning,
    /// Worth knowing.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// A place in the schema of a subgraph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct SourceLocation {
    /// Name of the subgraph.
    pub subgraph: String,
    /// Line, from 1; 0 when the whole subgraph is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 when the whole subgraph is meant.
    pub column: usize,
    /// Where the schema was read from, a path or a URL, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl SourceLocation {
    pub(crate) fn in_file(self, file: Option<&str>) -> Self {
        Self {
            file: file.map(str::to_owned),
            ..self
        }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // With a file first, terminals and editors open it at the line.
        formatter.write_str(self.file.as_ref().unwrap_or(&self.subgraph))?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        match self.file {
            Some(_) => write!(formatter, " ({})", self.subgraph),
            None => Ok(()),
        }
    }
}

/// One error or hint.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// One of the constants of [`crate::code`].
    pub code: &'static str,
    /// Error or hint.
    pub severity: Severity,
    /// What is wrong and what to change.
    pub message: String,
    /// The places this is about, one per side.
    pub subgraphs: Vec<SourceLocation>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}[{}]", self.severity, self.code)?;
        if !self.subgraphs.is_empty() {
            formatter.write_str(" at ")?;
            for (index, location) in self.subgraphs.iter().enumerate() {
                let separator = if index == 0 { "" } else { ", " };
                write!(formatter, "{separator}{location}")?;
            }
        }
        write!(formatter, ": {}", self.message)
    }
}

/// A line and column inside one subgraph's schema, both from 1; zeros when there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    /// This place as one of the subgraph named so.
    pub(crate) fn within(self, subgraph: &str) -> SourceLocation {
        SourceLocation {
            subgraph: subgraph.to_owned(),
            line: self.line,
            column: self.column,
            file: None,
        }
    }
}

/// Collects diagnostics, so that all of them are reported at once.
#[derive(Debug, Default)]
pub(crate) struct Report {
    diagnostics: Vec<Diagnostic>,
    /// Where the schemas were read from, by the name of the subgraph.
    files: Arc<BTreeMap<String, String>>,
}

impl Report {
    /// From now on, this is the subgraph with its name.
    pub(crate) fn begin(&mut self, input: &SubgraphInput) {
        let files = Arc::make_mut(&mut self.files);
        match &input.source {
            Some(file) => files.insert(input.name.clone(), file.clone()),
            None => files.remove(&input.name),
        };
    }

    /// A report of its own on a part of the work, to be absorbed later.
    pub(crate) fn part(&self) -> Self {
        Self {
            diagnostics: Vec::new(),
            files: Arc::clone(&self.files),
        }
    }

    /// Adds what another report has to say.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.diagnostics.extend(other.diagnostics);
    }

    pub(crate) fn error(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        subgraphs: Vec<SourceLocation>,
    ) {
        self.push(code, Severity::Error, message.into(), subgraphs);
    }

    pub(crate) fn warn(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        subgraphs: Vec<SourceLocation>,
    ) {
        self.push(code, Severity::Warning, message.into(), subgraphs);
    }

    pub(crate) fn info(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        subgraphs: Vec<SourceLocation>,
    ) {
        self.push(code, Severity::Info, message.into(), subgraphs);
    }

    fn push(
        &mut self,
        code: &'static str,
        severity: Severity,
        message: String,
        mut subgraphs: Vec<SourceLocation>,
    ) {
        for location in subgraphs.iter_mut().filter(|at| at.file.is_none()) {
            location.file = self.files.get(&location.subgraph).cloned();
        }
        self.diagnostics.push(Diagnostic {
            code,
            severity,
            message,
            subgraphs,
        });
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Nothing once there are errors: what comes after would only be of consequences.
    pub(crate) fn succeeded(&self) -> Option<()> {
        (!self.has_errors()).then_some(())
    }

    /// Says before every error so far what it is about.
    pub(crate) fn explain_errors(&mut self, before: &str) {
        let is_error = |diagnostic: &&mut Diagnostic| diagnostic.severity == Severity::Error;
        for diagnostic in self.diagnostics.iter_mut().filter(is_error) {
            diagnostic.message.insert_str(0, before);
        }
    }

    /// All errors in a stable order, without repetitions.
    pub(crate) fn into_errors(self) -> Vec<Diagnostic> {
        let keep = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        sorted(self.diagnostics.into_iter().filter(keep).collect())
    }

    /// All hints in a stable order, without repetitions.
    pub(crate) fn into_hints(self) -> Vec<Diagnostic> {
        let keep = |diagnostic: &Diagnostic| diagnostic.severity != Severity::Error;
        sorted(self.diagnostics.into_iter().filter(keep).collect())
    }
}

fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|left, right| {
        let first = left.subgraphs.first().cmp(&right.subgraphs.first());
        first
            .then_with(|| left.code.cmp(right.code))
            .then_with(|| left.subgraphs.cmp(&right.subgraphs))
            .then_with(|| left.message.cmp(&right.message))
    });
    diagnostics.dedup();
    diagnostics
}
