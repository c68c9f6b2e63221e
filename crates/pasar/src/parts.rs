//! The table of parts: what is real and what is built in, so that nobody mistakes the one for the other.

use crate::output::say;

/// One part of the system as it runs now.
pub(crate) struct Part {
    /// What it is for.
    pub(crate) need: &'static str,
    /// `real` or `built in`.
    pub(crate) kind: &'static str,
    /// What fills the need.
    pub(crate) what: String,
}

/// Prints the table.
pub(crate) fn print(parts: &[Part]) {
    say("");
    say("part          kind      what");
    for part in parts {
        say(&format!("{:<13} {:<9} {}", part.need, part.kind, part.what));
    }
    say("");
}
