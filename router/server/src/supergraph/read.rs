//! Reads the sources of a supergraph: Rover's `supergraph.yaml` with the schemas that it names, or an SDL
//! that is composed already.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use futures_util::stream::{self, StreamExt as _};
use router_compose::{
    SubgraphInput,
    config::{self, ConfigError, SchemaSource, SubgraphEntry, SupergraphConfig},
};
use serde::Serialize;

use super::Introspector;

/// Sources that are read at the same time.
const AT_ONCE: usize = 16;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Schemas to compose.
    Subgraphs(Vec<SubgraphInput>),
    /// A supergraph SDL.
    Supergraph(String),
}

/// What was read, and how it went.
#[derive(Debug)]
pub struct Reading {
    /// What was read.
    pub input: Input,
    /// Each source; none for a supergraph SDL.
    pub sources: Vec<SourceState>,
}

/// How reading the schema of one subgraph went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceState {
    /// The subgraph.
    pub subgraph: String,
    /// `file`, `introspection` or `sdl`.
    pub from: &'static str,
    /// Why it could not be read. What it was before is used instead, if there was something.
    pub problem: Option<String>,
}

/// Why there is nothing to compose.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file that names the rest cannot be read.
    #[error("{path} cannot be read: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The `supergraph.yaml` is wrong.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The schemas of these subgraphs cannot be had, and never could.
    #[error("{}", text(.0))]
    Sources(Vec<SourceState>),
}

fn text(sources: &[SourceState]) -> String {
    let line = |source: &SourceState| {
        let problem = source.problem.as_ref()?;
        Some(format!("subgraph `{}`: {problem}", source.subgraph))
    };
    let lines: Vec<String> = sources.iter().filter_map(line).collect();
    lines.join("\n")
}

/// Reads the sources, as often as it is asked to.
pub struct Reader {
    path: PathBuf,
    environment: Arc<[(String, String)]>,
    introspector: Introspector,
    max_bytes: usize,
    /// Schemas as they were last read, with where they came from.
    known: HashMap<String, (SchemaSource, String)>,
}

impl Reader {
    /// Reads what `path` names. A name that ends with `.yaml` or `.yml` is a `supergraph.yaml`, whose
    /// `${env.…}` are looked up in `environment`; `max_bytes` is the longest accepted text.
    #[must_use]
    pub fn new(
        path: PathBuf,
        environment: Vec<(String, String)>,
        introspector: Introspector,
        max_bytes: usize,
    ) -> Self {
        Self {
            path,
            environment: environment.into(),
            introspector,
            max_bytes,
            known: HashMap::new(),
        }
    }

    /// Reads the sources as they are now.
    ///
    /// # Errors
    /// When there is nothing to compose.
    pub async fn read(&mut self) -> Result<Reading, ReadError> {
        let extension = self.path.extension();
        if extension.is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let (subgraphs, sources) = self.subgraphs().await?;
            let input = Input::Subgraphs(subgraphs);
            return Ok(Reading { input, sources });
        }
        let (path, max_bytes) = (self.path.clone(), self.max_bytes);
        let sdl = blocking(move || read_file(&path, max_bytes)).await;
        Ok(Reading {
            input: Input::Supergraph(sdl.map_err(|source| self.unreadable(source))?),
            sources: Vec::new(),
        })
    }

    /// Reads the schemas of a `supergraph.yaml`, whatever it is called, in the order of their names.
    ///
    /// # Errors
    /// When it is wrong, or schemas cannot be had that never could. One that could be had before is used
    /// as it was: a subgraph that is away does not keep the others from changing.
    pub async fn subgraphs(&mut self) -> Result<(Vec<SubgraphInput>, Vec<SourceState>), ReadError> {
        let config = self.config().await?;
        let folder: Arc<Path> = self.path.parent().unwrap_or(Path::new("")).into();
        let (introspector, max_bytes) = (&self.introspector, self.max_bytes);
        let schemas: Vec<_> = stream::iter(config.subgraphs)
            .map(|entry| {
                let (introspector, folder) = (introspector.clone(), Arc::clone(&folder));
                async move {
                    let schema = schema(&entry.schema, &folder, &introspector, max_bytes).await;
                    (entry, schema)
                }
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut inputs = Vec::new();
        let mut sources = Vec::new();
        let mut missing = false;
        for (entry, schema) in schemas {
            let (sdl, state) = self.keep(&entry, schema);
            sources.push(state);
            match sdl {
                Some(sdl) => {
                    let source = shown(&entry.schema, &folder);
                    let input = SubgraphInput::new(entry.name, entry.routing_url, sdl);
                    inputs.push(input.read_from(source));
                }
                None => missing = true,
            }
        }
        if missing {
            return Err(ReadError::Sources(sources));
        }
        let named: HashSet<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        self.known.retain(|name, _| named.contains(name.as_str()));
        Ok((inputs, sources))
    }

    async fn config(&self) -> Result<SupergraphConfig, ReadError> {
        let (path, max_bytes) = (self.path.clone(), self.max_bytes);
        let environment = Arc::clone(&self.environment);
        let parsed = blocking(move || {
            let text = read_file(&path, max_bytes)?;
            let variable = |name: &str| {
                let found = environment.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone())
            };
            let folder = path.parent().unwrap_or(Path::new(""));
            let file = |name: &str| read_file(&folder.join(name), max_bytes);
            Ok(config::parse(&text, &variable, &file))
        });
        Ok(parsed.await.map_err(|source| self.unreadable(source))??)
    }

    fn unreadable(&self, source: io::Error) -> ReadError {
        let path = self.path.display().to_string();
        ReadError::File { path, source }
    }

    /// Remembers a schema, or falls back on the one that is remembered.
    fn keep(
        &mut self,
        entry: &SubgraphEntry,
        schema: Result<String, String>,
    ) -> (Option<String>, SourceState) {
        let from = match entry.schema {
            SchemaSource::File(_) => "file",
            SchemaSource::SubgraphUrl { .. } => "introspection",
            SchemaSource::Sdl(_) => "sdl",
        };
        let (sdl, problem) = match schema {
            Ok(sdl) => {
                let kept = (entry.schema.clone(), sdl.clone());
                self.known.insert(entry.name.clone(), kept);
                (Some(sdl), None)
            }
            Err(problem) => {
                let known = self.known.get(&entry.name);
                let same = known.filter(|(source, _)| *source == entry.schema);
                (same.map(|(_, sdl)| sdl.clone()), Some(problem))
            }
        };
        let state = SourceState {
            subgraph: entry.name.clone(),
            from,
            problem,
        };
        (sdl, state)
    }
}

/// Where a schema comes from, as diagnostics name it. What may be secret in a URL is left out.
fn shown(source: &SchemaSource, folder: &Path) -> String {
    match source {
        SchemaSource::File(file) => {
            let path = folder.join(file);
            let parts = path.components();
            let parts: PathBuf = parts.filter(|part| *part != Component::CurDir).collect();
            parts.display().to_string()
        }
        SchemaSource::Sdl(_) => "<inline sdl>".to_owned(),
        SchemaSource::SubgraphUrl { url, .. } => {
            let (scheme, rest) = url.split_once("://").unwrap_or_default();
            let rest = rest.split(['?', '#']).next().unwrap_or_default();
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
    }
}

async fn schema(
    source: &SchemaSource,
    folder: &Path,
    introspector: &Introspector,
    max_bytes: usize,
) -> Result<String, String> {
    match source {
        SchemaSource::Sdl(sdl) => Ok(sdl.clone()),
        SchemaSource::File(file) => {
            let path = folder.join(file);
            let shown = path.display().to_string();
            let read = blocking(move || read_file(&path, max_bytes)).await;
            read.map_err(|error| format!("{shown} cannot be read: {error}"))
        }
        SchemaSource::SubgraphUrl { url, headers } => {
            let sdl = introspector.sdl(url, headers).await;
            sdl.map_err(|error| error.to_string())
        }
    }
}

fn read_file(path: &Path, max_bytes: usize) -> io::Result<String> {
    let mut text = String::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_string(&mut text)?;
    if text.len() > max_bytes {
        let message =
            format!("it is longer than {max_bytes} bytes (router.supergraph.max_schema_size)");
        return Err(io::Error::other(message));
    }
    Ok(text)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use router_compose::config::SchemaSource;

    use super::shown;

    #[test]
    fn sources_are_named_without_their_secrets() {
        let file =
            |folder: &str, name: &str| shown(&SchemaSource::File(name.into()), Path::new(folder));
        assert_eq!(file("", "schema/a.graphql"), "schema/a.graphql");
        assert_eq!(file("deploy", "./a.graphql"), "deploy/a.graphql");
        assert_eq!(file("deploy", "../a.graphql"), "deploy/../a.graphql");
        assert_eq!(file("/deploy", "/schema/a.graphql"), "/schema/a.graphql");
        let url = |url: &str| {
            let (url, headers) = (url.to_owned(), BTreeMap::new());
            shown(&SchemaSource::SubgraphUrl { url, headers }, Path::new(""))
        };
        assert_eq!(url("http://shop:4001/graphql"), "http://shop:4001/graphql");
        assert_eq!(
            url("https://me:s3cret@shop/a@b?key=s3cret#x"),
            "https://shop/a@b"
        );
        assert_eq!(url("http://shop?key=s3cret"), "http://shop");
        assert_eq!(url("unix:///run/shop.sock"), "unix:///run/shop.sock");
        let inline = SchemaSource::Sdl("type Query { a: Int }".to_owned());
        assert_eq!(shown(&inline, Path::new("deploy")), "<inline sdl>");
    }
}
