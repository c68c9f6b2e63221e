//! Settings: the compiled-in `config/default.toml`, then files, then the environment.
//!
//! The type of a section lives in the crate that uses it; this module only loads and merges.
//! - An environment variable is `PASAR__SECTION__KEY`.
//! - A key that ends in `_file` means: the value of the key without `_file` is the content of that
//!   file. It works for every text setting and is meant for secrets.
//! - A misspelled key is an error that says where it stands (settings types carry
//!   `#[serde(deny_unknown_fields)]`).

mod error;
mod layers;
mod values;

use std::path::PathBuf;

use serde::{Serialize, de::DeserializeOwned};

pub use error::ConfigError;
pub use values::{ByteSize, DurationSetting, Secret};

use layers::Layers;

/// Every setting with its default, as compiled into the binary.
pub const DEFAULTS: &str = include_str!("../../../../config/default.toml");

/// What the name of an environment variable begins with when it is a setting.
pub const ENV_PREFIX: &str = "PASAR__";

/// Loads the settings: defaults, then `files` in order, then `env` (see [`environment`]).
///
/// # Errors
/// When a file cannot be read, a key is unknown, a value has the wrong form or one is missing.
pub fn load<T: DeserializeOwned>(
    files: &[PathBuf],
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<T, ConfigError> {
    load_over(DEFAULTS, files, env)
}

/// [`load`] with other defaults than the compiled-in ones.
///
/// # Errors
/// As [`load`].
pub fn load_over<T: DeserializeOwned>(
    defaults: &str,
    files: &[PathBuf],
    env: impl IntoIterator<Item = (String, String)>,
) -> Result<T, ConfigError> {
    let mut layers = Layers::default();
    layers.add_text(defaults, "config/default.toml")?;
    for path in files {
        let origin = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: origin.clone(),
            source,
        })?;
        layers.add_text(&text, &origin)?;
    }
    for (name, value) in env {
        layers.add_variable(&name, &value)?;
    }
    layers.read_files()?;
    layers.finish()
}

/// The environment of this process, for [`load`]. Variables that are not Unicode are left out.
#[must_use]
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The settings in force, as TOML. [`Secret`] values print as `[redacted]`.
///
/// # Errors
/// When `settings` has a shape that TOML cannot express, such as a map with keys that are not text.
pub fn print<T: Serialize>(settings: &T) -> Result<String, ConfigError> {
    toml::to_string_pretty(settings).map_err(|source| ConfigError::Unprintable(source.to_string()))
}

/// Collects required settings that nobody gave, so that start-up names all of them at once.
#[derive(Debug, Default)]
pub struct Missing(Vec<String>);

impl Missing {
    /// Takes `value`, or notes that `key` is missing.
    pub fn take<T: Clone>(&mut self, key: &str, value: Option<&T>) -> Option<T> {
        if value.is_none() {
            self.0.push(key.to_owned());
        }
        value.cloned()
    }

    /// # Errors
    /// When something was missing; the message names every key and its environment variable.
    pub fn finish(self) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Missing(self.0))
        }
    }
}

/// The environment variable that sets `key`: `router.body_limit` is `PASAR__ROUTER__BODY_LIMIT`.
#[must_use]
pub fn variable_name(key: &str) -> String {
    format!("{ENV_PREFIX}{}", key.replace('.', "__").to_uppercase())
}

#[cfg(test)]
mod tests;
