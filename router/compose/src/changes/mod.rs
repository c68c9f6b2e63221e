//! What changed between two versions of the schema that clients see, and what it means for them.
//!
//! **Breaking**: an operation that was valid may be refused, or a client may meet a value that the schema
//! ruled out for it. **Dangerous**: every operation stays valid, but a client may meet something it has
//! not seen before, or an argument that it leaves out may mean something else. **Safe**: the rest.
//!
//! ```
//! use router_compose::changes::{Criticality, changes};
//!
//! let found = changes("type Query { a: Int b: Int }", "type Query { a: Int! }")?;
//! assert_eq!(found[0].criticality, Criticality::Breaking);
//! assert_eq!(found[0].to_string(), "breaking[FIELD_REMOVED] at Query.b: The field was removed.");
//! assert_eq!(found[1].criticality, Criticality::Safe);
//! # Ok::<(), router_compose::changes::SchemaError>(())
//! ```

mod directives;
mod fields;
mod inputs;
mod types;

use std::fmt;

use apollo_compiler::Schema;

/// What a change means for clients, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Criticality {
    /// Operations that work may stop to.
    Breaking,
    /// Operations go on working, but clients may meet something new.
    Dangerous,
    /// Nobody notices who does not look.
    Safe,
}

impl fmt::Display for Criticality {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Breaking => "breaking",
            Self::Dangerous => "dangerous",
            Self::Safe => "safe",
        })
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// What kind of change it is; GraphQL Inspector's name for it where it has one.
    pub code: &'static str,
    /// What it means for clients.
    pub criticality: Criticality,
    /// What changed, as a schema coordinate: `Type.field(argument:)`, `@directive`.
    pub coordinate: String,
    /// How it changed.
    pub message: String,
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            criticality,
            coordinate,
            message,
        } = self;
        write!(
            formatter,
            "{criticality}[{code}] at {coordinate}: {message}"
        )
    }
}

/// Why two schemas cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The older one is no schema.
    #[error("the older schema cannot be read: {0}")]
    Old(String),
    /// The newer one is no schema.
    #[error("the newer schema cannot be read: {0}")]
    New(String),
}

/// All changes from `old` to `new`, two SDLs of the schema that clients see; the worst first, then in the
/// order of their coordinates.
///
/// # Errors
/// When one of them is not a schema.
pub fn changes(old: &str, new: &str) -> Result<Vec<Change>, SchemaError> {
    let old = parse(old).map_err(SchemaError::Old)?;
    let new = parse(new).map_err(SchemaError::New)?;
    let mut log = Log::default();
    types::compare(&old, &new, &mut log);
    directives::compare(&old, &new, &mut log);
    let mut changes = log.0;
    changes.sort_by(|left, right| {
        let key = |change: &Change| (change.criticality, change.coordinate.clone(), change.code);
        key(left).cmp(&key(right))
    });
    Ok(changes)
}

/// Not validated: a schema that was served once must not be refused because rules have become stricter.
fn parse(sdl: &str) -> Result<Schema, String> {
    Schema::parse(sdl, "schema.graphql").map_err(|failed| {
        let first = failed.errors.iter().next();
        first.map_or_else(String::new, |error| error.to_json().message)
    })
}

/// Collects changes.
#[derive(Default)]
struct Log(Vec<Change>);

impl Log {
    fn add(
        &mut self,
        criticality: Criticality,
        code: &'static str,
        coordinate: impl fmt::Display,
        message: impl Into<String>,
    ) {
        self.0.push(Change {
            code,
            criticality,
            coordinate: coordinate.to_string(),
            message: message.into(),
        });
    }
}
