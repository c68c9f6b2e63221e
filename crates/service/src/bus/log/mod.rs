//! The event bus in a PostgreSQL database, `pasar_events`: durable, and nothing else to run.
//!
//! A topic is a fixed number of partitions; a record's key decides which. Whoever appends to a partition
//! holds its row until the commit, so positions are gapless and become visible in order: a reader that
//! remembers the last position it saw never passes over a record that commits later. `NOTIFY` wakes readers
//! and carries nothing; they also look once a second.

mod driver;
mod lease;
mod membership;
mod records;

use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, RwLock},
    time::Duration,
};

use kernel::Fault;
use sqlx::{PgPool, migrate::Migrator, postgres::PgListener};
use tokio::sync::{OnceCell, broadcast};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Lag, Partition, Record};
use crate::db::{self, fault};

pub use membership::LogMembership;
use records::{append, lock_partitions, partition_of};

/// The channel of `NOTIFY`.
const CHANNEL: &str = "log";
/// Wake-ups that a reader may be behind before it is told to look at everything.
const WAKE_UPS: usize = 256;

/// How the log behaves.
#[derive(Debug, Clone, Copy)]
pub struct LogSettings {
    /// Partitions of a topic that is used for the first time; existing topics keep theirs.
    pub partitions: u32,
    /// How long records are kept, read or not.
    pub retention: Duration,
    /// After this without a sign of life a member's partitions go to others.
    pub lease: Duration,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            partitions: 8,
            retention: Duration::from_secs(7 * 24 * 3_600),
            lease: Duration::from_secs(10),
        }
    }
}

/// The bus in PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub struct LogBus(Arc<Inner>);

struct Inner {
    db: PgPool,
    settings: LogSettings,
    /// Partitions of the topics that are known to exist.
    topics: RwLock<HashMap<String, i32>>,
    wake: broadcast::Sender<Arc<str>>,
    listens: OnceCell<()>,
    /// Ends the task that hears wake-ups with the last user of the bus.
    used: DropGuard,
}

/// The migrations of the bus's own database.
#[must_use]
pub fn migrations() -> Migrator {
    sqlx::migrate!("../../migrations/events")
}

impl LogBus {
    /// The bus in the migrated database `db`.
    #[must_use]
    pub fn new(db: PgPool, settings: LogSettings) -> Self {
        Self(Arc::new(Inner {
            db,
            settings,
            topics: RwLock::default(),
            wake: broadcast::channel(WAKE_UPS).0,
            listens: OnceCell::new(),
            used: CancellationToken::new().drop_guard(),
        }))
    }

    /// Appends all of `records` in one transaction.
    ///
    /// # Errors
    /// [`Fault`] of the database; nothing was appended, unless the connection was lost during the commit.
    pub async fn publish(&self, records: &[Record]) -> Result<(), Fault> {
        if records.is_empty() {
            return Ok(());
        }
        let mut topics: Vec<&str> = records.iter().map(|record| &*record.topic).collect();
        topics.sort_unstable();
        topics.dedup();
        let counts = self.ensure_topics(&topics).await?;
        let mut places = Vec::with_capacity(records.len());
        for record in records {
            let partitions = counts.get(&record.topic).copied().unwrap_or(1);
            places.push((&*record.topic, partition_of(&record.key, partitions)));
        }
        let mut tx = self.0.db.begin().await.map_err(fault)?;
        let mut next = lock_partitions(&mut tx, &places).await?;
        append(&mut tx, records, &places, &mut next).await?;
        tx.commit().await.map_err(fault)?;
        // After the commit and by itself: PostgreSQL lets only one transaction with a NOTIFY commit at a time.
        let notified = sqlx::query("select pg_notify($1, topic) from unnest($2::text[]) as topic")
            .bind(CHANNEL)
            .bind(&topics)
            .execute(&self.0.db)
            .await;
        if let Err(error) = notified {
            tracing::debug!(%error, "readers were not woken; they look by themselves");
        }
        Ok(())
    }

    /// Becomes a member of `group` that reads `topics`.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn join(&self, group: &str, topics: &[&str]) -> Result<LogMembership, Fault> {
        self.ensure_topics(topics).await?;
        self.0
            .listens
            .get_or_try_init(|| self.listen())
            .await
            .map_err(fault)?;
        Ok(LogMembership::start(self.clone(), group, topics))
    }

    /// How far `group` is behind in `topics`.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn lag(&self, group: &str, topics: &[&str]) -> Result<Vec<Lag>, Fault> {
        let rows: Vec<(String, i32, i64)> = sqlx::query_as(
            "select p.topic, p.number, p.next_position - greatest(coalesce(l.committed, 0), coalesce( \
                 (select min(position) from log where topic = p.topic and partition = p.number), p.next_position)) \
             from partitions p left join leases l on l.consumer_group = $1 \
                 and l.topic = p.topic and l.partition = p.number \
             where p.topic = any($2) order by p.topic, p.number",
        )
        .bind(group)
        .bind(topics)
        .fetch_all(&self.0.db)
        .await
        .map_err(fault)?;
        let lag = |(topic, number, records)| Lag {
            partition: Partition { topic, number },
            records,
        };
        Ok(rows.into_iter().map(lag).collect())
    }

    /// Deletes the records that are older than the retention, read or not: a group that is gone for longer
    /// than that has lost them, and must be filled anew from their owners.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn sweep(&self) -> Result<u64, Fault> {
        let old = "delete from log where ctid = any(array( \
            select ctid from log where appended_at < now() - $1::interval limit $2))";
        db::sweep(&self.0.db, old, self.0.settings.retention).await
    }

    /// For people.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("PostgreSQL log, {} partitions", self.0.settings.partitions)
    }

    /// Gives its connections back.
    pub async fn close(&self) {
        self.0.db.close().await;
    }

    /// Makes the topics that do not exist; gives the number of partitions of each.
    async fn ensure_topics(&self, topics: &[&str]) -> Result<HashMap<String, i32>, Fault> {
        let known = self
            .0
            .topics
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        if topics.iter().all(|topic| known.contains_key(*topic)) {
            return Ok(known);
        }
        sqlx::query(
            "with new as (insert into topics (name) select unnest($1::text[]) \
                 on conflict do nothing returning name) \
             insert into partitions (topic, number) \
                 select name, generate_series(0, $2 - 1) from new",
        )
        .bind(topics)
        .bind(i32::try_from(self.0.settings.partitions.max(1))?)
        .execute(&self.0.db)
        .await
        .map_err(fault)?;
        let counts: Vec<(String, i32)> = sqlx::query_as(
            "select topic, count(*)::integer from partitions where topic = any($1) group by topic",
        )
        .bind(topics)
        .fetch_all(&self.0.db)
        .await
        .map_err(fault)?;
        let mut known = self
            .0
            .topics
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        known.extend(counts);
        Ok(known.clone())
    }

    /// Starts to hear of new records.
    async fn listen(&self) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(&self.0.db).await?;
        listener.listen(CHANNEL).await?;
        let wake = self.0.wake.clone();
        let closed = self.0.db.close_event();
        let unused = self.0.used.token().clone().cancelled_owned();
        tokio::spawn(async move {
            let mut ended = pin!(async {
                tokio::select! {
                    () = closed => {}
                    () = unused => {}
                }
            });
            loop {
                tokio::select! {
                    biased;
                    () = &mut ended => return,
                    heard = listener.recv() => match heard {
                        // Nobody may be reading.
                        Ok(notification) => drop(wake.send(notification.payload().into())),
                        Err(error) => {
                            tracing::debug!(%error, "wake-ups of the log are interrupted");
                            tokio::time::sleep(Duration::from_secs(1)).await;
                        }
                    },
                }
            }
        });
        Ok(())
    }
}
