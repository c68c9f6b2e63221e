//! One tree out of several layers, which remembers where each value came from.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{ConfigError, ENV_PREFIX};

const FILE_SUFFIX: &str = "_file";

/// The merged settings and the origin of every leaf, by dotted key.
#[derive(Default)]
pub(super) struct Layers {
    tree: Table,
    origins: BTreeMap<String, String>,
    /// Keys set by the environment that are still the text as given; see [`Layers::finish`].
    raw: BTreeMap<String, String>,
}

impl Layers {
    pub(super) fn add_text(&mut self, text: &str, origin: &str) -> Result<(), ConfigError> {
        let table: Table = toml::from_str(text).map_err(|error| ConfigError::Syntax {
            origin: origin.to_owned(),
            message: error.to_string(),
        })?;
        merge(&mut self.tree, table, "", origin, &mut self.origins);
        Ok(())
    }

    /// Takes `PASAR__A__B`; anything else in the environment is none of our business.
    pub(super) fn add_variable(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let Some(path) = name.strip_prefix(ENV_PREFIX) else {
            return Ok(());
        };
        let malformed = || ConfigError::Variable {
            name: name.to_owned(),
        };
        let parts: Vec<String> = path.split("__").map(str::to_lowercase).collect();
        let (Some((leaf, sections)), true) = (parts.split_last(), parts.len() > 1) else {
            return Err(malformed());
        };
        if parts.iter().any(String::is_empty) {
            return Err(malformed());
        }
        let mut table = &mut self.tree;
        for section in sections {
            table = table
                .entry(section.clone())
                .or_insert_with(|| Value::Table(Table::new()))
                .as_table_mut()
                .ok_or_else(malformed)?;
        }
        table.insert(leaf.clone(), Value::String(value.to_owned()));
        let key = parts.join(".");
        self.origins.insert(key.clone(), name.to_owned());
        self.raw.insert(key, value.to_owned());
        Ok(())
    }

    /// Replaces every `<key>_file` by `<key>` with the content of that file.
    pub(super) fn read_files(&mut self) -> Result<(), ConfigError> {
        let keys: Vec<String> = self
            .origins
            .keys()
            .filter_map(|key| key.strip_suffix(FILE_SUFFIX).map(ToOwned::to_owned))
            .collect();
        for key in keys {
            let file_key = format!("{key}{FILE_SUFFIX}");
            let file_origin = self.origin(&file_key);
            let Some(Value::String(path)) = self.leaf_mut(&file_key).cloned() else {
                continue;
            };
            if self.leaf_mut(&key).is_some() {
                return Err(ConfigError::BothGiven {
                    origin: self.origin(&key),
                    key,
                    file_origin,
                });
            }
            let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::ValueFile {
                key: key.clone(),
                origin: file_origin.clone(),
                path: path.clone(),
                source,
            })?;
            let (section, leaf) = key.rsplit_once('.').unwrap_or(("", key.as_str()));
            if let Some(table) = self.section_mut(section) {
                table.remove(&format!("{leaf}{FILE_SUFFIX}"));
                let text = text.trim_end_matches(['\r', '\n']).to_owned();
                table.insert(leaf.to_owned(), Value::String(text));
            }
            self.raw.remove(&file_key);
            self.origins.insert(key, file_origin);
        }
        Ok(())
    }

    /// Turns the tree into `T`.
    ///
    /// A variable has no type, so its text is tried first as text and, where the setting wants
    /// something else, as a TOML value: `8080`, `true`, `["a", "b"]`.
    pub(super) fn finish<T: DeserializeOwned>(mut self) -> Result<T, ConfigError> {
        loop {
            let tree = Value::Table(self.tree.clone());
            let error = match serde_path_to_error::deserialize(tree) {
                Ok(settings) => return Ok(settings),
                Err(error) => error,
            };
            let key = error.path().to_string();
            let message = error.inner().message().trim().to_owned();
            let typed = message
                .starts_with("invalid type: string")
                .then(|| self.raw.remove(&key))
                .flatten()
                .and_then(|text| text.parse::<Value>().ok());
            match (typed, self.leaf_mut(&key)) {
                (Some(typed), Some(leaf)) => *leaf = typed,
                _ => return Err(self.describe(&key, message)),
            }
        }
    }

    /// Names the key and its origin. An unknown key is reported by serde at its section, and the
    /// key itself stands only in the message.
    fn describe(&self, path: &str, message: String) -> ConfigError {
        let unknown = message
            .strip_prefix("unknown field `")
            .and_then(|rest| rest.split('`').next());
        let section = if path == "." { "" } else { path };
        let key = match unknown {
            Some(field) if section.is_empty() => field.to_owned(),
            Some(field) if !section.ends_with(&format!(".{field}")) && section != field => {
                format!("{section}.{field}")
            }
            _ => path.to_owned(),
        };
        ConfigError::Value {
            origin: self.origin(&key),
            key,
            message,
        }
    }

    /// Where `key`, or the first thing below it, was set.
    fn origin(&self, key: &str) -> String {
        let below = format!("{key}.");
        self.origins
            .get(key)
            .or_else(|| {
                self.origins
                    .range(below.clone()..)
                    .next()
                    .filter(|(found, _)| found.starts_with(&below))
                    .map(|(_, origin)| origin)
            })
            .map_or_else(|| "the merged settings".to_owned(), Clone::clone)
    }

    fn section_mut(&mut self, section: &str) -> Option<&mut Table> {
        let mut table = &mut self.tree;
        for part in section.split('.').filter(|part| !part.is_empty()) {
            table = table.get_mut(part)?.as_table_mut()?;
        }
        Some(table)
    }

    fn leaf_mut(&mut self, key: &str) -> Option<&mut Value> {
        let (section, leaf) = key.rsplit_once('.').unwrap_or(("", key));
        self.section_mut(section)?.get_mut(leaf)
    }
}

fn merge(
    into: &mut Table,
    from: Table,
    prefix: &str,
    origin: &str,
    origins: &mut BTreeMap<String, String>,
) {
    for (name, value) in from {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match (into.get_mut(&name), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new, &key, origin, origins),
            (_, Value::Table(new)) => {
                let mut table = Table::new();
                merge(&mut table, new, &key, origin, origins);
                into.insert(name, Value::Table(table));
            }
            (_, value) => {
                origins.insert(key, origin.to_owned());
                into.insert(name, value);
            }
        }
    }
}
