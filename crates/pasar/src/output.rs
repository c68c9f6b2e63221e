//! What the commands say to the person at the terminal. Logs go through `tracing`.
//!
//! Whoever read it may have gone (`pasar compose | head`): that ends nothing, least of all a server.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

/// Prints a line.
pub(crate) fn say(line: &str) {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            note(&format!("error: standard output: {error}"));
        }
        _ => {}
    }
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
