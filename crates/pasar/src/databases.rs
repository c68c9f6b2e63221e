//! Each subgraph's own database: where it is, made and migrated.

use anyhow::Context as _;
use process::config::{Missing, Secret};
use service::{Subgraph, cluster::provision};
use sha2::{Digest as _, Sha256};
use sqlx::{PgPool, migrate::Migrate as _};

use crate::Settings;

/// How to reach every subgraph's database.
pub(crate) struct Databases {
    /// A role that may create roles and databases.
    admin_url: Option<String>,
    /// What the roles' passwords are derived from, so that every process knows them.
    secret: Option<Secret>,
}

impl Databases {
    /// The databases that the settings name.
    pub(crate) fn from_settings(settings: &Settings) -> Self {
        let admin_url = settings
            .postgres
            .url
            .as_ref()
            .map(|url| url.expose().to_owned());
        Self {
            admin_url,
            secret: settings.internal.secret.clone(),
        }
    }

    /// The databases of a server whose administrator has this URL.
    pub(crate) const fn of_server(admin_url: String, secret: Secret) -> Self {
        Self {
            admin_url: Some(admin_url),
            secret: Some(secret),
        }
    }

    /// Makes the database and role of `subgraph` unless they exist. A database with a URL of its own
    /// is made by whoever set that URL.
    pub(crate) async fn ensure(
        &self,
        settings: &Settings,
        subgraph: &Subgraph,
    ) -> anyhow::Result<()> {
        if own_url(settings, subgraph).is_some() {
            return Ok(());
        }
        let (admin_url, password) = self.derived(subgraph)?;
        provision::ensure_database(&admin_url, subgraph.name, &password).await?;
        Ok(())
    }

    /// Connections to the database of `subgraph`.
    pub(crate) async fn connect(
        &self,
        settings: &Settings,
        subgraph: &Subgraph,
    ) -> anyhow::Result<PgPool> {
        let url = match own_url(settings, subgraph) {
            Some(url) => url.expose().to_owned(),
            None => {
                let (admin_url, password) = self.derived(subgraph)?;
                provision::database_url(&admin_url, subgraph.name, &password)?
            }
        };
        service::db::connect(&url, subgraph.name, settings.postgres.max_connections)
            .await
            .map_err(|fault| anyhow::anyhow!(fault.chain()))
            .with_context(|| {
                format!(
                    "the database of `{}` does not answer: is it made? (`pasar migrate` makes it)",
                    subgraph.name
                )
            })
    }

    fn derived(&self, subgraph: &Subgraph) -> anyhow::Result<(String, String)> {
        let mut missing = Missing::default();
        let admin_url = missing.take("postgres.url", self.admin_url.as_ref());
        let secret = missing.take("internal.secret", self.secret.as_ref());
        missing.finish()?;
        let (admin_url, secret) = admin_url.zip(secret).context("settings are missing")?;
        let mut hash = Sha256::new();
        hash.update("pasar database role\0");
        hash.update(subgraph.name);
        hash.update("\0");
        hash.update(secret.expose());
        Ok((admin_url, hex::encode(hash.finalize())))
    }
}

fn own_url<'a>(settings: &'a Settings, subgraph: &Subgraph) -> Option<&'a Secret> {
    settings.subgraphs.get(subgraph.name)?.database_url.as_ref()
}

/// Applies the pending migrations of `subgraph`.
pub(crate) async fn migrate(db: &PgPool, subgraph: &Subgraph) -> anyhow::Result<()> {
    (subgraph.migrations)()
        .run(db)
        .await
        .with_context(|| format!("the database of `{}` cannot be migrated", subgraph.name))
}

/// How many migrations of `subgraph` the database has not seen.
pub(crate) async fn pending(db: &PgPool, subgraph: &Subgraph) -> anyhow::Result<usize> {
    let migrator = (subgraph.migrations)();
    let mut connection = db.acquire().await?;
    connection
        .ensure_migrations_table(&migrator.table_name)
        .await?;
    let applied = connection
        .list_applied_migrations(&migrator.table_name)
        .await?;
    let is_new = |version: i64| !applied.iter().any(|done| done.version == version);
    Ok(migrator
        .iter()
        .filter(|migration| is_new(migration.version))
        .count())
}
