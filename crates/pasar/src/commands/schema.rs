//! `pasar schema`: the contracts between subgraphs are files.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;

use crate::{cli::Schema, output::note, subgraphs};

pub(crate) fn run(arguments: &Schema) -> anyhow::Result<ExitCode> {
    let mut stale = false;
    for (path, text) in files() {
        if !arguments.check {
            let folder = path.parent().unwrap_or(Path::new(""));
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&path, text))
                .with_context(|| format!("{} cannot be written", path.display()))?;
        } else if !up_to_date(&path, &text)? {
            stale = true;
        }
    }
    if stale {
        note("run `cargo xtask schema` and commit what it writes");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Every generated file of the subgraphs with its text.
fn files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for subgraph in subgraphs::ALL {
        files.push((
            PathBuf::from(format!("schema/{}.graphql", subgraph.name)),
            (subgraph.sdl)(),
        ));
        for contract in (subgraph.events)() {
            let name = format!("schema/events/{}.schema.json", contract.event_type);
            files.push((
                PathBuf::from(name),
                format!("{:#}\n", contract.payload_schema),
            ));
        }
    }
    files
}

/// Whether `path` holds `text`; says so when not.
pub(crate) fn up_to_date(path: &Path, text: &str) -> anyhow::Result<bool> {
    let current = match fs::read_to_string(path) {
        Ok(current) => current,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    };
    let same = current == text;
    if !same {
        note(&format!("{} is not up to date", path.display()));
    }
    Ok(same)
}
