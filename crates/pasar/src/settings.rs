//! All settings of the binary: one section per owner.

use std::{collections::BTreeMap, path::PathBuf};

use process::{
    assertion::InternalSettings,
    config::{self, Secret},
    http::HttpSettings,
    jwt::AuthSettings,
    telemetry::TelemetrySettings,
};
use router_server::RouterSettings;
use serde::{Deserialize, Serialize};
use service::Live;

use crate::events::EventsSettings;

/// Everything that can be configured; `config/default.toml` shows it with its defaults.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Listeners.
    pub http: HttpSettings,
    /// Logs and traces.
    pub telemetry: TelemetrySettings,
    /// Whose tokens are accepted.
    pub auth: AuthSettings,
    /// Trust between the parts of Pasar.
    pub internal: InternalSettings,
    /// The router.
    pub router: RouterSettings,
    /// The databases.
    pub postgres: PostgresSettings,
    /// Keys of the identity subgraph.
    pub identity: IdentitySettings,
    /// The event bus and its consumers.
    pub events: EventsSettings,
    /// What carries word between processes.
    #[serde(default)]
    pub redis: RedisSettings,
    /// How messages leave.
    pub notifications: notifications::channels::Settings,
    /// Where products are searched.
    #[serde(default)]
    pub search: SearchSettings,
    /// Each subgraph by name.
    pub subgraphs: BTreeMap<String, SubgraphSettings>,
}

/// The section `[postgres]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresSettings {
    /// A server where this role may create roles and databases. Without it `pasar up` runs a private
    /// one.
    #[serde(default)]
    pub url: Option<Secret>,
    /// Connections of one subgraph.
    pub max_connections: u32,
}

/// The section `[redis]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RedisSettings {
    /// A server that wakes live subscriptions of all processes. Without it each process wakes its own.
    #[serde(default)]
    pub url: Option<Secret>,
}

impl RedisSettings {
    /// What wakes live subscriptions.
    ///
    /// # Errors
    /// When the URL is none.
    pub(crate) fn live(&self) -> anyhow::Result<Live> {
        match &self.url {
            Some(url) => Live::redis(url.expose()).map_err(|fault| anyhow::anyhow!(fault.chain())),
            None => Ok(Live::local()),
        }
    }

    /// What and where it is, for people; without the password.
    pub(crate) fn describe(&self) -> Option<String> {
        Some(format!("Redis at {}", address(self.url.as_ref()?)))
    }
}

/// The section `[identity]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySettings {
    /// The Ed25519 key that signs access tokens, as PKCS#8 PEM. `pasar up` generates one.
    #[serde(default)]
    pub signing_key: Option<Secret>,
    /// Public keys that signed tokens before, SPKI PEM. Keep one here for 15 minutes after a change.
    #[serde(default)]
    pub previous_keys: Vec<String>,
}

/// The section `[search]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SearchSettings {
    /// A node of Elasticsearch or OpenSearch; without it PostgreSQL searches. May hold a password.
    #[serde(default)]
    pub elasticsearch_url: Option<Secret>,
    /// The alias that is searched; indexes are named after it.
    #[serde(default)]
    pub index: Option<String>,
}

impl SearchSettings {
    /// What and where it is, for people; without the password.
    pub(crate) fn describe(&self) -> Option<String> {
        let url = self.elasticsearch_url.as_ref()?;
        Some(format!("the node at {}", address(url)))
    }
}

/// Host and port of a URL: neither its scheme nor who logs in.
fn address(url: &Secret) -> &str {
    let url = url.expose();
    let address = url.split_once("://").map_or(url, |(_, address)| address);
    address
        .rsplit_once('@')
        .map_or(address, |(_, address)| address)
}

/// A section `[subgraphs.<name>]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SubgraphSettings {
    /// Where the other subgraphs reach it when it runs in another process.
    #[serde(default)]
    pub url: Option<String>,
    /// Its database, when it is not `pasar_<name>` on the server of `postgres.url`.
    #[serde(default)]
    pub database_url: Option<Secret>,
}

impl Settings {
    /// Loads the settings: defaults, then `files`, then the environment.
    ///
    /// # Errors
    /// When a file, key or value is wrong; the text says which.
    pub fn load(files: &[PathBuf]) -> anyhow::Result<Self> {
        let settings: Self = config::load(files, config::environment())?;
        for name in settings.subgraphs.keys() {
            crate::subgraphs::choose(std::slice::from_ref(name))?;
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_passwords() {
        for url in [
            "redis://host:1",
            "rediss://:p@ss@host:1",
            "http://user:p@host:1",
            "host:1",
        ] {
            assert_eq!(address(&Secret::new(url.to_owned())), "host:1");
        }
    }
}
