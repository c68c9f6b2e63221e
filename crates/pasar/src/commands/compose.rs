//! `pasar compose`.

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;
use router_compose::{Composition, Diagnostic};
use serde_json::json;

use super::schema::up_to_date;
use crate::{
    cli::{Compose, Format},
    output::{note, say},
    supergraph,
};

pub(crate) fn run(arguments: &Compose) -> anyhow::Result<ExitCode> {
    let inputs = supergraph::read_inputs(&arguments.input)?;
    let composition = match router_compose::compose(&inputs) {
        Ok(composition) => composition,
        Err(errors) => {
            report(arguments.format, &errors, false);
            return Ok(ExitCode::FAILURE);
        }
    };
    if arguments.format == Format::Text || !composition.hints.is_empty() {
        report(arguments.format, &composition.hints, true);
    }
    if arguments.check {
        return check(&composition);
    }
    let Some(out) = &arguments.out else {
        say(composition.supergraph_sdl.trim_end());
        return Ok(ExitCode::SUCCESS);
    };
    write(out, &composition.supergraph_sdl)?;
    write(&out.with_file_name("api.graphql"), &composition.api_sdl)?;
    Ok(ExitCode::SUCCESS)
}

fn check(composition: &Composition) -> anyhow::Result<ExitCode> {
    let files = [
        ("schema/supergraph.graphql", &composition.supergraph_sdl),
        ("schema/api.graphql", &composition.api_sdl),
    ];
    let mut stale = false;
    for (file, text) in files {
        stale |= !up_to_date(Path::new(file), text)?;
    }
    if stale {
        note("run `cargo xtask schema` and commit what it writes");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn report(format: Format, diagnostics: &[Diagnostic], success: bool) {
    match format {
        Format::Text => diagnostics
            .iter()
            .for_each(|diagnostic| note(&diagnostic.to_string())),
        Format::Json => {
            say(&format!(
                "{:#}",
                json!({ "success": success, "diagnostics": diagnostics })
            ));
        }
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
