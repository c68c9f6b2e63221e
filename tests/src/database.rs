//! A database per test, cloned from a template per subgraph that is named by the hash of its
//! migrations: built once, never stale.

use std::sync::atomic::{AtomicU32, Ordering};

use service::cluster::{self, ClusterError, ClusterSettings, ClusterSource};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, postgres::PgPoolOptions};

use crate::server::{admin_url, target_dir};

/// One per process that runs tests at the same time.
const CLUSTERS: usize = 16;
/// Any number that nothing else locks on.
const TEMPLATE_LOCK: i64 = 0x7061_7361_725f_7470;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Starts a private cluster that ends with this process. Gives its administrator URL.
pub(crate) async fn start_cluster() -> String {
    for number in 0..CLUSTERS {
        let settings = ClusterSettings {
            data_dir: target_dir().join(format!("test-postgres/{number}")),
            source: ClusterSource::Auto,
            cache_dir: Some(target_dir().join("test-postgres/cache")),
            durable: false,
        };
        match cluster::start(settings, &|_| {}).await {
            Ok(cluster) => {
                let url = cluster.admin_url().to_owned();
                remove_left_overs(&url).await;
                // Its guard process ends the server when this process ends.
                std::mem::forget(cluster);
                return url;
            }
            Err(ClusterError::InUse { .. }) => {}
            Err(error) => panic!("no PostgreSQL for the tests: {error}"),
        }
    }
    panic!("{CLUSTERS} test processes hold a cluster each: wait for one to end");
}

/// Removes what tests of ended processes left: this process holds the cluster, so nobody uses it.
async fn remove_left_overs(url: &str) {
    let mut admin = PgConnection::connect(url).await.unwrap();
    let names: Vec<String> =
        sqlx::query_scalar("select datname from pg_database where datname like 't\\_%'")
            .fetch_all(&mut admin)
            .await
            .unwrap();
    for name in names {
        execute(&mut admin, format!("drop database {name} with (force)")).await;
    }
}

/// The database of one test; dropping it removes it.
pub struct Database {
    name: String,
    pool: PgPool,
}

impl Database {
    /// Clones the template of `subgraph`.
    pub async fn create(subgraph: &service::Subgraph) -> Self {
        let template = template(subgraph).await;
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("t_{}_{}_{number}", subgraph.name, std::process::id());
        let mut admin = PgConnection::connect(admin_url()).await.unwrap();
        execute(
            &mut admin,
            format!("drop database if exists {name} with (force)"),
        )
        .await;
        execute(
            &mut admin,
            format!("create database {name} template {template}"),
        )
        .await;
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .connect(&database_url(&name))
            .await
            .unwrap();
        Self { name, pool }
    }

    /// Connections to it.
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        database_url(&self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = self.name.clone();
        // On its own thread: the runtime of the test may be ending.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut admin = PgConnection::connect(admin_url()).await.unwrap();
                execute(
                    &mut admin,
                    format!("drop database if exists {name} with (force)"),
                )
                .await;
            });
        });
        drop(dropped.join());
    }
}

async fn template(subgraph: &service::Subgraph) -> String {
    let migrator = (subgraph.migrations)();
    let mut hash = Sha256::new();
    for migration in migrator.iter() {
        hash.update(&migration.checksum);
    }
    let name = format!(
        "tpl_{}_{}",
        subgraph.name,
        hex::encode(&hash.finalize()[..6])
    );
    let mut admin = PgConnection::connect(admin_url()).await.unwrap();
    sqlx::query("select pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut admin)
        .await
        .unwrap();
    let exists: bool = sqlx::query_scalar(
        "select exists (select from pg_database where datname = $1 and datistemplate)",
    )
    .bind(&name)
    .fetch_one(&mut admin)
    .await
    .unwrap();
    if !exists {
        // Without the template mark it was left half made by a killed run.
        execute(
            &mut admin,
            format!("drop database if exists {name} with (force)"),
        )
        .await;
        execute(&mut admin, format!("create database {name}")).await;
        let mut db = PgConnection::connect(&database_url(&name)).await.unwrap();
        migrator.run_direct(None, &mut db, false).await.unwrap();
        db.close().await.unwrap();
        execute(
            &mut admin,
            format!("alter database {name} with is_template true"),
        )
        .await;
    }
    // Ends the session and with it the lock.
    admin.close().await.unwrap();
    name
}

fn database_url(name: &str) -> String {
    let (server, _) = admin_url().rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

async fn execute(db: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(db).await.unwrap();
}
