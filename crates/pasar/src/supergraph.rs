//! Getting a supergraph: from the subgraphs of this binary, from `supergraph.yaml`, from a file.

use std::{fs, io, path::Path};

use anyhow::Context as _;
use process::config;
use router_compose::{Composition, Diagnostic, SubgraphInput, compose, config as rover};

use crate::{Settings, subgraphs};

/// Composes all subgraphs of this binary.
pub(crate) fn of_this_binary(settings: &Settings) -> anyhow::Result<Composition> {
    let url = |name: &str| settings.subgraphs.get(name).and_then(|s| s.url.clone());
    let inputs: Vec<SubgraphInput> = subgraphs::ALL
        .iter()
        .map(|subgraph| SubgraphInput {
            name: subgraph.name.to_owned(),
            url: url(subgraph.name).unwrap_or_default(),
            sdl: (subgraph.sdl)(),
        })
        .collect();
    compose(&inputs).map_err(|diagnostics| anyhow::anyhow!(text(&diagnostics)))
}

/// Diagnostics, a line each.
pub(crate) fn text(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    format!("the subgraphs do not compose:\n{}", lines.join("\n"))
}

/// Reads a `supergraph.yaml` with the schemas that it names.
pub(crate) fn read_inputs(path: &Path) -> anyhow::Result<Vec<SubgraphInput>> {
    let text = read(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let environment = config::environment();
    let variable = |name: &str| {
        environment
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    let file = |name: &str| -> io::Result<String> { fs::read_to_string(folder.join(name)) };
    let parsed = rover::parse(&text, &variable, &file)?;
    let mut inputs = Vec::new();
    for entry in parsed.subgraphs {
        let sdl = match entry.schema {
            rover::SchemaSource::Sdl(sdl) => sdl,
            rover::SchemaSource::File(file) => read(&folder.join(file))?,
            rover::SchemaSource::SubgraphUrl { url, .. } => {
                anyhow::bail!(
                    "`{}`: fetching a schema from {url} is not supported yet; write its SDL to a \
                     file and name that with `schema.file`",
                    entry.name
                )
            }
        };
        inputs.push(SubgraphInput {
            name: entry.name,
            url: entry.routing_url,
            sdl,
        });
    }
    Ok(inputs)
}

/// The supergraph SDL of `path`: a `supergraph.yaml` is composed, anything else is taken as SDL.
pub(crate) fn from_file(path: &Path) -> anyhow::Result<String> {
    let is_yaml = path
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    if !is_yaml {
        return read(path);
    }
    let composed = compose(&read_inputs(path)?);
    Ok(composed
        .map_err(|diagnostics| anyhow::anyhow!(text(&diagnostics)))?
        .supergraph_sdl)
}

pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
