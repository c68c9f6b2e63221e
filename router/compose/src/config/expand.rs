//! `${env.NAME}`, `${env.NAME:-default}` and `${file.path}` in the strings of a configuration.

use std::io;

use serde_yaml_ng::Value;

/// Why a `${…}` has no value.
#[derive(Debug, thiserror::Error)]
pub enum ExpandError {
    /// The variable is not set and there is no default.
    #[error("the environment variable `{0}` is not set; set it, or write `${{env.{0}:-default}}`")]
    Unset(String),
    /// The file cannot be read.
    #[error("the file `{path}` cannot be read: {source}")]
    File {
        /// The file as written.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The YAML is nested deeper than any configuration is.
    #[error("the nesting is too deep")]
    TooDeep,
}

/// Where values come from.
pub(super) struct Sources<'a> {
    pub(super) env: &'a dyn Fn(&str) -> Option<String>,
    pub(super) read_file: &'a dyn Fn(&str) -> io::Result<String>,
}

/// Expands all strings inside a value; an error comes with its path.
pub(super) fn expand(
    value: &mut Value,
    sources: &Sources<'_>,
) -> Result<(), (String, ExpandError)> {
    expand_at(value, sources, &mut Vec::new())
}

const MAX_DEPTH: usize = 32;

fn expand_at(
    value: &mut Value,
    sources: &Sources<'_>,
    path: &mut Vec<String>,
) -> Result<(), (String, ExpandError)> {
    if path.len() > MAX_DEPTH {
        return Err((path.join("."), ExpandError::TooDeep));
    }
    match value {
        Value::String(text) => {
            *text = expand_text(text, sources).map_err(|error| (path.join("."), error))?;
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                path.push(index.to_string());
                expand_at(item, sources, path)?;
                path.pop();
            }
        }
        Value::Mapping(entries) => {
            for (key, item) in entries.iter_mut() {
                path.push(key.as_str().unwrap_or("?").to_owned());
                expand_at(item, sources, path)?;
                path.pop();
            }
        }
        _ => {}
    }
    Ok(())
}

/// Replaces every known `${…}`; what comes out is not expanded again, unknown ones stay.
fn expand_text(text: &str, sources: &Sources<'_>) -> Result<String, ExpandError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((inside, tail)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            break;
        };
        match lookup(inside, sources)? {
            Some(found) => out.push_str(&found),
            None => {
                out.push_str("${");
                out.push_str(inside);
                out.push('}');
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

fn lookup(inside: &str, sources: &Sources<'_>) -> Result<Option<String>, ExpandError> {
    if let Some(variable) = inside.strip_prefix("env.") {
        let (name, default) = match variable.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (variable, None),
        };
        let found = (sources.env)(name).or_else(|| default.map(str::to_owned));
        return found
            .map(Some)
            .ok_or_else(|| ExpandError::Unset(name.to_owned()));
    }
    if let Some(path) = inside.strip_prefix("file.") {
        return (sources.read_file)(path)
            .map(Some)
            .map_err(|source| ExpandError::File {
                path: path.to_owned(),
                source,
            });
    }
    Ok(None)
}
