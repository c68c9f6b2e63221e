//! Each subgraph's own database: where it is, made and migrated.

use anyhow::Context as _;
use process::config::{Missing, Secret};
use service::{Subgraph, cluster::provision};
use sha2::{Digest as _, Sha256};
use sqlx::{
    PgPool,
    migrate::{Migrate as _, Migrator},
};

use crate::{Settings, events::BusKind};

/// A database that the binary makes and migrates.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// Its owner: it is called `pasar_<name>`.
    pub(crate) name: &'static str,
    migrations: fn() -> Migrator,
}

/// The database of the event log.
pub(crate) const EVENTS: Target = Target {
    name: "events",
    migrations: service::bus::log::migrations,
};

impl From<&Subgraph> for Target {
    fn from(subgraph: &Subgraph) -> Self {
        Self {
            name: subgraph.name,
            migrations: subgraph.migrations,
        }
    }
}

/// The databases of `subgraphs`, and that of the event log when it carries the events.
pub(crate) fn with_events(settings: &Settings, subgraphs: &[&Subgraph]) -> Vec<Target> {
    let mut targets: Vec<Target> = subgraphs
        .iter()
        .map(|subgraph| (*subgraph).into())
        .collect();
    if settings.events.bus == BusKind::Log {
        targets.push(EVENTS);
    }
    targets
}

/// How to reach every database.
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

    /// Makes the database and role of `target` unless they exist. A database with a URL of its own
    /// is made by whoever set that URL.
    pub(crate) async fn ensure(
        &self,
        settings: &Settings,
        target: impl Into<Target>,
    ) -> anyhow::Result<()> {
        let target = target.into();
        if own_url(settings, target).is_some() {
            return Ok(());
        }
        let (admin_url, password) = self.derived(target.name)?;
        provision::ensure_database(&admin_url, target.name, &password).await?;
        Ok(())
    }

    /// Connections to the database of `target`.
    pub(crate) async fn connect(
        &self,
        settings: &Settings,
        target: impl Into<Target>,
    ) -> anyhow::Result<PgPool> {
        let target = target.into();
        let url = match own_url(settings, target) {
            Some(url) => url.expose().to_owned(),
            None => {
                let (admin_url, password) = self.derived(target.name)?;
                provision::database_url(&admin_url, target.name, &password)?
            }
        };
        service::db::connect(&url, target.name, settings.postgres.max_connections)
            .await
            .map_err(|fault| anyhow::anyhow!(fault.chain()))
            .with_context(|| {
                format!(
                    "the database of `{}` does not answer: is it made? (`pasar migrate` makes it)",
                    target.name
                )
            })
    }

    fn derived(&self, name: &str) -> anyhow::Result<(String, String)> {
        let mut missing = Missing::default();
        let admin_url = missing.take("postgres.url", self.admin_url.as_ref());
        let secret = missing.take("internal.secret", self.secret.as_ref());
        missing.finish()?;
        let (admin_url, secret) = admin_url.zip(secret).context("settings are missing")?;
        let mut hash = Sha256::new();
        hash.update("pasar database role\0");
        hash.update(name);
        hash.update("\0");
        hash.update(secret.expose());
        Ok((admin_url, hex::encode(hash.finalize())))
    }
}

fn own_url(settings: &Settings, target: Target) -> Option<&Secret> {
    if target.name == EVENTS.name {
        return settings.events.database_url.as_ref();
    }
    settings.subgraphs.get(target.name)?.database_url.as_ref()
}

/// Applies the pending migrations of `target`.
pub(crate) async fn migrate(db: &PgPool, target: impl Into<Target>) -> anyhow::Result<()> {
    let target = target.into();
    (target.migrations)()
        .run(db)
        .await
        .with_context(|| format!("the database of `{}` cannot be migrated", target.name))
}

/// How many migrations of `target` the database has not seen.
pub(crate) async fn pending(db: &PgPool, target: impl Into<Target>) -> anyhow::Result<usize> {
    let migrator = (target.into().migrations)();
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
