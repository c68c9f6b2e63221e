//! Rover's `supergraph.yaml`: which subgraphs there are and where their schemas come from.
//!
//! Pure: the environment and files are asked through callbacks.

mod expand;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde::Deserialize;

pub use expand::ExpandError;

/// A parsed `supergraph.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupergraphConfig {
    /// `federation_version` as written; composition does not depend on it.
    pub federation_version: Option<String>,
    /// The subgraphs, sorted by name.
    pub subgraphs: Vec<SubgraphEntry>,
}

/// One subgraph of a `supergraph.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubgraphEntry {
    /// Its name.
    pub name: String,
    /// Where the router reaches it: `routing_url`, else `subgraph_url`.
    pub routing_url: String,
    /// Where its schema comes from.
    pub schema: SchemaSource,
}

/// Where a schema comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaSource {
    /// A file; relative to the folder of `supergraph.yaml`.
    File(PathBuf),
    /// A running subgraph that is asked for `{ _service { sdl } }`.
    SubgraphUrl {
        /// Its address.
        url: String,
        /// Headers to send along.
        headers: BTreeMap<String, String>,
    },
    /// The SDL itself.
    Sdl(String),
}

/// Why a `supergraph.yaml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not YAML, or not of the right shape.
    #[error("supergraph.yaml cannot be read: {0}")]
    Syntax(#[from] serde_yaml_ng::Error),
    /// A `${…}` that has no value.
    #[error("supergraph.yaml, {path}: {source}")]
    Expand {
        /// Where in the file, as keys joined by dots.
        path: String,
        /// What is wrong with it.
        source: ExpandError,
    },
    /// `federation_version` is none of `1`, `2`, `=2.x.y`.
    #[error("supergraph.yaml, federation_version: `{0}` is not `2` or `=2.x.y`")]
    FederationVersion(String),
    /// A subgraph name that is not allowed.
    #[error(
        "supergraph.yaml: `{0}` is not a name for a subgraph; use at most 64 letters, digits, \
         `_` and `-`, beginning with a letter"
    )]
    Name(String),
    /// The schema has not exactly one source.
    #[error(
        "supergraph.yaml, subgraphs.{0}.schema: write exactly one of `file`, `subgraph_url`, `sdl`"
    )]
    Source(String),
    /// A schema from `GraphOS`, which is not reachable from here.
    #[error(
        "supergraph.yaml, subgraphs.{0}.schema: `graphref` needs GraphOS; use `file`, \
         `subgraph_url` or `sdl`"
    )]
    GraphRef(String),
    /// `introspection_headers` without `subgraph_url`.
    #[error("supergraph.yaml, subgraphs.{0}.schema: `introspection_headers` needs `subgraph_url`")]
    Headers(String),
    /// No address for the router.
    #[error("supergraph.yaml, subgraphs.{0}: `routing_url` is missing")]
    RoutingUrl(String),
    /// No subgraphs.
    #[error("supergraph.yaml: `subgraphs` is empty")]
    Empty,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    federation_version: Option<serde_yaml_ng::Value>,
    subgraphs: BTreeMap<String, RawSubgraph>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSubgraph {
    routing_url: Option<String>,
    schema: RawSchema,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchema {
    file: Option<PathBuf>,
    subgraph_url: Option<String>,
    introspection_headers: Option<BTreeMap<String, String>>,
    sdl: Option<String>,
    graphref: Option<String>,
    subgraph: Option<String>,
}

/// Parses the text of a `supergraph.yaml`. `env` gives environment variables, `read_file` the text of
/// a file named in `${file.…}`.
///
/// # Errors
///
/// When the text is not a valid configuration, with the place in it.
pub fn parse(
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
    read_file: &dyn Fn(&str) -> io::Result<String>,
) -> Result<SupergraphConfig, ConfigError> {
    let mut value: serde_yaml_ng::Value = serde_yaml_ng::from_str(text)?;
    expand::expand(&mut value, &expand::Sources { env, read_file })
        .map_err(|(path, source)| ConfigError::Expand { path, source })?;
    let raw: RawConfig = serde_yaml_ng::from_value(value)?;
    let federation_version = raw.federation_version.as_ref().map(version).transpose()?;
    if raw.subgraphs.is_empty() {
        return Err(ConfigError::Empty);
    }
    let entries = raw
        .subgraphs
        .into_iter()
        .map(|(name, raw)| entry(name, raw));
    Ok(SupergraphConfig {
        federation_version,
        subgraphs: entries.collect::<Result<_, _>>()?,
    })
}

fn version(value: &serde_yaml_ng::Value) -> Result<String, ConfigError> {
    let text = match value {
        serde_yaml_ng::Value::String(text) => text.clone(),
        serde_yaml_ng::Value::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let is_exact = text.strip_prefix("=2.").is_some_and(|rest| {
        let mut parts = rest.splitn(2, '.');
        let mut is_number = || {
            parts
                .next()
                .is_some_and(|part| part.starts_with(|first: char| first.is_ascii_digit()))
        };
        is_number() && is_number()
    });
    if matches!(text.as_str(), "1" | "2") || is_exact {
        Ok(text)
    } else {
        Err(ConfigError::FederationVersion(text))
    }
}

fn entry(name: String, raw: RawSubgraph) -> Result<SubgraphEntry, ConfigError> {
    if !crate::is_valid_name(&name) {
        return Err(ConfigError::Name(name));
    }
    let schema = raw.schema;
    if schema.graphref.is_some() || schema.subgraph.is_some() {
        return Err(ConfigError::GraphRef(name));
    }
    if schema.introspection_headers.is_some() && schema.subgraph_url.is_none() {
        return Err(ConfigError::Headers(name));
    }
    let default_url = schema.subgraph_url.clone();
    let source = match (schema.file, schema.subgraph_url, schema.sdl) {
        (Some(file), None, None) => SchemaSource::File(file),
        (None, Some(url), None) => {
            let headers = schema.introspection_headers.unwrap_or_default();
            SchemaSource::SubgraphUrl { url, headers }
        }
        (None, None, Some(sdl)) => SchemaSource::Sdl(sdl),
        _ => return Err(ConfigError::Source(name)),
    };
    let Some(routing_url) = raw.routing_url.or(default_url) else {
        return Err(ConfigError::RoutingUrl(name));
    };
    Ok(SubgraphEntry {
        name,
        routing_url,
        schema: source,
    })
}
