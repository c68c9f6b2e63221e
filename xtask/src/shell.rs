//! Running other programs from the root of the repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A task's result; the error is a sentence for a person.
pub(crate) type Outcome = Result<(), String>;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// A command that runs in a folder below the root.
pub(crate) fn command(folder: &str, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root().join(folder)).args(arguments);
    // `cargo run` describes this tool in the environment. Build scripts (ring's) ask for such
    // variables, and would run again whenever cargo is called from here and then by a person.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Shows a command, runs it and insists on its success.
pub(crate) fn call(folder: &str, program: &str, arguments: &[&str]) -> Outcome {
    let shown = format!("{program} {}", arguments.join(" "));
    println!("$ {shown}");
    let status = command(folder, program, arguments)
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("`{shown}` cannot be run: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("`{shown}` failed ({status})"))
}

/// Runs cargo as it was called for this task.
pub(crate) fn cargo(arguments: &[&str]) -> Outcome {
    call("", &cargo_program(), arguments)
}

pub(crate) fn cargo_program() -> String {
    setting("CARGO").unwrap_or_else(|| "cargo".to_owned())
}

/// The folder that cargo builds into.
pub(crate) fn target_dir() -> PathBuf {
    setting("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Cargo's own variables and `PATH`: this tool has no settings.
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}

/// What a command prints, when it succeeds.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = command("", program, arguments)
        .output()
        .map_err(|error| format!("`{program}` cannot be run: {error}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{program}` failed: {}", complaint.trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("`{program}` printed {error}"))
}
