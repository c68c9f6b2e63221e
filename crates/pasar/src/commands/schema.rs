//! `pasar schema`: the contracts between subgraphs are files.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;

use crate::{
    cli::Schema,
    contracts::{
        self, catalogue,
        lock::{self, Lock},
    },
    output::note,
    subgraphs,
};

/// What was ever promised about payloads.
const LOCK: &str = "schema/events.lock.json";

pub(crate) fn run(arguments: &Schema) -> anyhow::Result<ExitCode> {
    if breaks_promises(&arguments.allow_breaking)? {
        note(
            "publish a new type of event beside the old one until its readers have moved, or, if nobody has \
             read it yet, run `cargo xtask schema --allow-breaking EVENT_TYPE`",
        );
        return Ok(ExitCode::FAILURE);
    }
    let mut stale = false;
    for (path, text) in files()? {
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
fn files() -> anyhow::Result<Vec<(PathBuf, String)>> {
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
    let promises = serde_json::to_value(lock::of(&contracts::shapes()))?;
    files.push((PathBuf::from(LOCK), format!("{promises:#}\n")));
    let catalogue = catalogue::text(&subgraphs::ALL, &contracts::consumers()?);
    files.push((PathBuf::from("docs/events-catalogue.md"), catalogue));
    Ok(files)
}

/// Whether the events are not what the checked-in lock says any more; each difference is said. Types in
/// `allowed` may differ.
fn breaks_promises(allowed: &[String]) -> anyhow::Result<bool> {
    let promised: Lock = match fs::read_to_string(LOCK) {
        Ok(text) => {
            serde_json::from_str(&text).with_context(|| format!("{LOCK} cannot be read"))?
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Lock::new(),
        Err(error) => return Err(error).with_context(|| format!("{LOCK} cannot be read")),
    };
    let mut broken = lock::broken(&promised, &contracts::shapes());
    broken.retain(|(name, _)| !allowed.contains(name));
    for (name, sentence) in &broken {
        note(&format!("{name}: {sentence}"));
    }
    Ok(!broken.is_empty())
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
