//! What can be wrong with a configuration. Each message names the key and where it was set.

use super::variable_name;

/// Why the settings could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file named on the command line.
    #[error("cannot read the config file {path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that is not TOML.
    #[error("{origin} is not valid TOML: {message}")]
    Syntax {
        /// The file.
        origin: String,
        /// What the parser said, with line and column.
        message: String,
    },
    /// A variable that names no key.
    #[error("{name}: an environment variable for a setting is PASAR__SECTION__KEY")]
    Variable {
        /// The variable.
        name: String,
    },
    /// A value and a file with the value.
    #[error("{key} (from {origin}) and {key}_file (from {file_origin}) are both set: keep one")]
    BothGiven {
        /// The key without `_file`.
        key: String,
        /// Where the value was set.
        origin: String,
        /// Where the file was set.
        file_origin: String,
    },
    /// A file with a value that cannot be read.
    #[error("{key}_file (from {origin}): cannot read {path}: {source}")]
    ValueFile {
        /// The key without `_file`.
        key: String,
        /// Where it was set.
        origin: String,
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key that does not exist or a value that does not fit.
    #[error("{key} (from {origin}): {message}")]
    Value {
        /// The key.
        key: String,
        /// Where it was set.
        origin: String,
        /// What is wrong.
        message: String,
    },
    /// Required settings without a value.
    #[error("settings are missing: {}", list(.0))]
    Missing(Vec<String>),
    /// Settings that TOML cannot express.
    #[error("cannot print the settings: {0}")]
    Unprintable(String),
}

fn list(keys: &[String]) -> String {
    keys.iter()
        .map(|key| format!("{key} (set {} or {key}_file)", variable_name(key)))
        .collect::<Vec<_>>()
        .join(", ")
}
