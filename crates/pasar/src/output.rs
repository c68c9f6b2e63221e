//! What the commands say to the person at the terminal. Logs go through `tracing`.
//!
//! Whoever reads it may have gone (`pasar compose | head`), which is no error. A disk may be full
//! (`pasar compose > FILE`): a command that was asked for its output fails then, one that was asked for work does all of
//! it and fails, a server goes on.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;

/// Prints what the command was asked for.
///
/// # Errors
/// When it cannot be written, unless nobody reads it any more.
pub(crate) fn give(text: &str) -> anyhow::Result<()> {
    match print(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}

/// Prints a line about what goes on. It ends nothing, least of all a server, when it cannot be written.
pub(crate) fn say(line: &str) {
    if let Err(error) = give(line) {
        note(&format!("error: {error:#}"));
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

/// Prints a line beside the output proper, such as progress.
pub(crate) fn note(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// Prints why a command failed.
#[must_use]
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    note(&format!("error: {error:#}"));
    ExitCode::FAILURE
}
