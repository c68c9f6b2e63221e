//! Whether the databases of this process answer, for `/health/ready`.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use process::health::Health;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio_util::sync::CancellationToken;

use crate::launch::Launched;

/// How often they are asked.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long one may take: a busy server is slow, and still better than none.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks the databases until `shutdown`. The process is not ready while none of them answers: as long as one
/// does, it has something to say, and the others cost their own fields only.
pub(crate) fn watch(launched: &Launched, health: &Health, shutdown: &CancellationToken) {
    let pools = launched.running.iter().map(|member| &member.deps.db);
    let mut databases: Vec<_> = pools
        .map(|db| Database::new(db.connect_options()))
        .collect();
    let (health, shutdown) = (health.clone(), shutdown.clone());
    tokio::spawn(async move {
        let mut was_there = true;
        while !shutdown.is_cancelled() {
            let is_there = join_all(databases.iter_mut().map(Database::answers))
                .await
                .contains(&true);
            if is_there && !was_there {
                health.set_ready("database");
            } else if !is_there && was_there {
                health.set_not_ready("database", "it does not answer");
            }
            was_there = is_there;
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    });
}

/// Has a connection of its own: a pool that is used up by requests says nothing about the server.
struct Database {
    options: Arc<PgConnectOptions>,
    connection: Option<PgConnection>,
}

impl Database {
    const fn new(options: Arc<PgConnectOptions>) -> Self {
        Self {
            options,
            connection: None,
        }
    }

    async fn answers(&mut self) -> bool {
        let asked = ask(self.connection.take(), &self.options);
        self.connection = tokio::time::timeout(PATIENCE, asked)
            .await
            .ok()
            .and_then(Result::ok);
        self.connection.is_some()
    }
}

/// A connection that has just answered: the one before, or a new one when that is broken.
async fn ask(
    connection: Option<PgConnection>,
    options: &PgConnectOptions,
) -> sqlx::Result<PgConnection> {
    if let Some(mut connection) = connection
        && connection.ping().await.is_ok()
    {
        return Ok(connection);
    }
    PgConnection::connect_with(options).await
}
