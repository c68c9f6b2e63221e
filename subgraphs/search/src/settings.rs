//! The section `[search]` of the configuration.

use kernel::Fault;
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgPool;

use crate::store::{Engines, elastic::Elastic, postgres::Postgres};

/// What this subgraph reads at its start.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// A node of Elasticsearch or OpenSearch, such as `http://127.0.0.1:9200`; without it PostgreSQL searches.
    #[serde(default)]
    pub(crate) elasticsearch_url: Option<String>,
    /// The alias that is searched; indexes are named after it.
    #[serde(default = "default_index")]
    pub(crate) index: String,
}

fn default_index() -> String {
    "pasar-products".to_owned()
}

impl Settings {
    /// Reads the section; all defaults when it is absent.
    ///
    /// # Errors
    /// An internal [`Fault`] when it has another shape.
    pub(crate) fn read(value: &Value) -> Result<Self, Fault> {
        let value = match value {
            Value::Null => Value::Object(serde_json::Map::new()),
            other => other.clone(),
        };
        Ok(serde_json::from_value(value)?)
    }

    /// The engines that these settings name.
    ///
    /// # Errors
    /// An internal [`Fault`] when the URL is malformed.
    pub(crate) fn engines(&self, db: PgPool) -> Result<Engines, Fault> {
        Ok(Engines::new(Postgres::new(db), self.node()?))
    }

    fn node(&self) -> Result<Option<Elastic>, Fault> {
        let url = self.elasticsearch_url.as_deref();
        url.map(|url| Elastic::new(url, &self.index)).transpose()
    }
}

/// The search node that the section `settings` names; `None` when PostgreSQL searches.
///
/// # Errors
/// An internal [`Fault`] when the section has another shape or the URL is malformed.
pub fn node(settings: &Value) -> Result<Option<Elastic>, Fault> {
    Settings::read(settings)?.node()
}
