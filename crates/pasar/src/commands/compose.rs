//! `pasar compose`.

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;
use router_compose::{
    Composition, Contract, Diagnostic, SubgraphInput,
    changes::{Change, Criticality, changes},
};
use router_engine::Supergraph;
use serde_json::{Value, json};

use super::schema::up_to_date;
use crate::{
    Settings,
    cli::{Compose, Format},
    output::{give, note},
    remote::Remote,
};

pub(crate) async fn run(settings: &Settings, arguments: &Compose) -> anyhow::Result<ExitCode> {
    let mut reader = Remote::new(settings)?.reader(arguments.input.clone());
    let (inputs, _) = reader.subgraphs().await?;
    let composition = match compose(arguments, &inputs) {
        Ok(composition) => composition,
        Err(errors) => {
            match arguments.format {
                Format::Text => print(&errors),
                Format::Json => {
                    give_json(&json!({ "success": false, "diagnostics": errors }))?;
                }
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    let found = match &arguments.against {
        Some(file) => Some(changes(&older(file)?, &composition.api_sdl)?),
        None => None,
    };
    if let Some(out) = &arguments.out {
        write(out, &composition.supergraph_sdl)?;
        write(&out.with_file_name("api.graphql"), &composition.api_sdl)?;
    }
    let is_stale = arguments.check && !check(&composition)?;
    let success = !is_stale && !breaks(found.as_deref());
    match arguments.format {
        Format::Text => {
            print(&composition.hints);
            match &found {
                Some(found) => tell(found)?,
                None if arguments.out.is_some() || arguments.check => {}
                None => give(composition.supergraph_sdl.trim_end())?,
            }
        }
        Format::Json => {
            let mut report = report(arguments, &composition, found.as_deref());
            report["success"] = json!(success);
            give_json(&report)?;
        }
    }
    Ok(if success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Composes the whole graph, or what the tags of the command line show of it.
fn compose(arguments: &Compose, inputs: &[SubgraphInput]) -> Result<Composition, Vec<Diagnostic>> {
    let contract = Contract {
        include: arguments.include_tags.iter().cloned().collect(),
        exclude: arguments.exclude_tags.iter().cloned().collect(),
        hide_unreachable_types: arguments.hide_unreachable_types,
    };
    if contract == Contract::default() {
        return router_compose::compose(inputs);
    }
    router_compose::compose_contract(inputs, &contract)
}

/// The schema that clients saw.
fn older(file: &Path) -> anyhow::Result<String> {
    let text =
        fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    if !text.contains("join__Graph") {
        return Ok(text);
    }
    let supergraph = Supergraph::parse(&text)
        .with_context(|| format!("{} is no supergraph that can be served", file.display()))?;
    Ok(supergraph.api_sdl().to_owned())
}

fn breaks(found: Option<&[Change]>) -> bool {
    let mut found = found.unwrap_or_default().iter();
    found.any(|change| change.criticality == Criticality::Breaking)
}

/// Changes, a line each, and how many there are.
fn tell(found: &[Change]) -> anyhow::Result<()> {
    for change in found {
        give(&change.to_string())?;
    }
    let count = |criticality| {
        let of_it = found
            .iter()
            .filter(|change| change.criticality == criticality);
        format!("{} {criticality}", of_it.count())
    };
    let counts = [
        Criticality::Breaking,
        Criticality::Dangerous,
        Criticality::Safe,
    ]
    .map(count);
    give(&format!("{} changes: {}", found.len(), counts.join(", ")))
}

/// One document for tools: what there is to say, and what was made unless it was written to files.
fn report(arguments: &Compose, composition: &Composition, found: Option<&[Change]>) -> Value {
    let mut report = json!({ "diagnostics": composition.hints });
    if let Some(found) = found {
        report["changes"] = json!(found);
    }
    if arguments.out.is_none() {
        report["supergraphSdl"] = json!(composition.supergraph_sdl);
        report["apiSdl"] = json!(composition.api_sdl);
    }
    report
}

/// Whether the checked-in files are what was composed.
fn check(composition: &Composition) -> anyhow::Result<bool> {
    let files = [
        ("schema/supergraph.graphql", &composition.supergraph_sdl),
        ("schema/api.graphql", &composition.api_sdl),
    ];
    let mut fresh = true;
    for (file, text) in files {
        fresh &= up_to_date(Path::new(file), text)?;
    }
    if !fresh {
        note("run `cargo xtask schema` and commit what it writes");
    }
    Ok(fresh)
}

fn print(diagnostics: &[Diagnostic]) {
    let lines = diagnostics.iter().map(ToString::to_string);
    lines.for_each(|line| note(&line));
}

fn give_json(report: &Value) -> anyhow::Result<()> {
    give(&format!("{report:#}"))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
