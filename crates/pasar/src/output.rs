//! What the commands say to the person at the terminal. Logs go through `tracing`.

use std::process::ExitCode;

/// Prints a line.
#[expect(clippy::print_stdout, reason = "the one place that prints for people")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Prints a line beside the output proper, such as progress.
#[expect(clippy::print_stderr, reason = "the one place that prints for people")]
pub(crate) fn note(line: &str) {
    eprintln!("{line}");
}

/// Prints why a command failed.
#[must_use]
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    note(&format!("error: {error:#}"));
    ExitCode::FAILURE
}
