//! The event bus in a PostgreSQL database, `pasar_events`: durable, and nothing else to run.
//!
//! A topic is a fixed number of partitions; a record's key decides which. Whoever appends to a partition
//! holds its row until the commit, so positions are gapless and become visible in order: a reader that
//! remembers the last position it saw never passes over a record that commits later. `NOTIFY` wakes readers
//! and carries nothing; they also look once a second.

mod driver;
mod lease;
mod membership;

use std::{
    collections::{BTreeMap, HashMap},
    pin::pin,
    sync::{Arc, RwLock},
    time::Duration,
};

use kernel::Fault;
use sha2::{Digest as _, Sha256};
use sqlx::{PgPool, Row as _, migrate::Migrator, postgres::PgListener};
use tokio::sync::{OnceCell, broadcast};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Lag, Partition, Record};
use crate::db::fault;

pub use membership::LogMembership;

/// The channel of `NOTIFY`.
const CHANNEL: &str = "log";
/// Wake-ups that a reader may be behind before it is told to look at everything.
const WAKE_UPS: usize = 256;
/// Records deleted by one statement of the sweep.
const SWEEP_ROWS: i64 = 5_000;

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
        let mut swept = 0;
        loop {
            let rows = sqlx::query(
                "delete from log where ctid = any(array( \
                     select ctid from log where appended_at < now() - $1::interval limit $2))",
            )
            .bind(self.0.settings.retention)
            .bind(SWEEP_ROWS)
            .execute(&self.0.db)
            .await
            .map_err(fault)?
            .rows_affected();
            swept += rows;
            if i64::try_from(rows).is_ok_and(|rows| rows < SWEEP_ROWS) {
                return Ok(swept);
            }
        }
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

/// Where the records of `key` go. Stable: it must never change for existing topics.
fn partition_of(key: &str, partitions: i32) -> i32 {
    let hash = Sha256::digest(key.as_bytes());
    let number = hash
        .iter()
        .take(4)
        .fold(0_i64, |number, byte| (number << 8) | i64::from(*byte));
    i32::try_from(number % i64::from(partitions.max(1))).unwrap_or(0)
}

type Positions<'a> = BTreeMap<(&'a str, i32), i64>;

/// Locks the partitions in one order everywhere, so that publishers wait and never deadlock. Gives the
/// next position of each.
async fn lock_partitions<'a>(
    tx: &mut sqlx::PgConnection,
    places: &[(&'a str, i32)],
) -> Result<Positions<'a>, Fault> {
    let mut positions: Positions<'a> = places.iter().map(|place| (*place, 0)).collect();
    let (topics, numbers): (Vec<&str>, Vec<i32>) = positions.keys().copied().unzip();
    let rows: Vec<(i64,)> = sqlx::query_as(
        "select next_position from partitions \
         where (topic, number) in (select * from unnest($1::text[], $2::integer[])) \
         order by topic collate \"C\", number for update",
    )
    .bind(&topics)
    .bind(&numbers)
    .fetch_all(&mut *tx)
    .await
    .map_err(fault)?;
    if rows.len() != positions.len() {
        return Err(Fault::internal("a partition of the log is missing"));
    }
    for (position, (next,)) in positions.values_mut().zip(rows) {
        *position = next;
    }
    Ok(positions)
}

async fn append<'a>(
    tx: &mut sqlx::PgConnection,
    records: &[Record],
    places: &[(&'a str, i32)],
    next: &mut Positions<'a>,
) -> Result<(), Fault> {
    let mut positions = Vec::with_capacity(records.len());
    for place in places {
        let position = next.entry(*place).or_default();
        positions.push(*position);
        *position += 1;
    }
    let (topics, numbers): (Vec<&str>, Vec<i32>) = places.iter().copied().unzip();
    let keys: Vec<&str> = records.iter().map(|record| &*record.key).collect();
    let types: Vec<&str> = records.iter().map(|record| &*record.event_type).collect();
    let events: Vec<&[u8]> = records.iter().map(|record| &*record.event).collect();
    let parents: Vec<Option<&str>> = records
        .iter()
        .map(|record| record.traceparent.as_deref())
        .collect();
    let (moved_topics, moved_numbers): (Vec<&str>, Vec<i32>) = next.keys().copied().unzip();
    let moved_positions: Vec<i64> = next.values().copied().collect();
    sqlx::query(
        "with moved as (update partitions p set next_position = m.next_position \
             from unnest($8::text[], $9::integer[], $10::bigint[]) as m (topic, number, next_position) \
             where p.topic = m.topic and p.number = m.number) \
         insert into log (topic, partition, position, key, event_type, event, traceparent) \
         select * from unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::text[], \
             $6::bytea[], $7::text[])",
    )
    .bind(&topics)
    .bind(&numbers)
    .bind(&positions)
    .bind(&keys)
    .bind(&types)
    .bind(&events)
    .bind(&parents)
    .bind(&moved_topics)
    .bind(&moved_numbers)
    .bind(&moved_positions)
    .execute(tx)
    .await
    .map_err(fault)?;
    Ok(())
}

/// Reads records of several partitions, each from its position.
async fn fetch(
    db: &PgPool,
    from: &[(Partition, i64)],
) -> Result<BTreeMap<Partition, Vec<super::Received>>, Fault> {
    let topics: Vec<&str> = from
        .iter()
        .map(|(partition, _)| &*partition.topic)
        .collect();
    let numbers: Vec<i32> = from.iter().map(|(partition, _)| partition.number).collect();
    let positions: Vec<i64> = from.iter().map(|(_, position)| *position).collect();
    let rows = sqlx::query(
        "select l.* from unnest($1::text[], $2::integer[], $3::bigint[]) as f (topic, number, position) \
         cross join lateral (select topic, partition, position, key, event_type, event, traceparent from log \
             where topic = f.topic and partition = f.number and position >= f.position \
             order by position limit $4) l",
    )
    .bind(&topics)
    .bind(&numbers)
    .bind(&positions)
    .bind(i64::try_from(super::BATCH_RECORDS)?)
    .fetch_all(db)
    .await
    .map_err(fault)?;
    let mut found: BTreeMap<Partition, Vec<super::Received>> = BTreeMap::new();
    for row in rows {
        let topic: String = row.try_get("topic")?;
        let partition = Partition {
            topic: topic.clone(),
            number: row.try_get("partition")?,
        };
        let record = Record {
            topic,
            key: row.try_get("key")?,
            event_type: row.try_get("event_type")?,
            event: row.try_get::<Vec<u8>, _>("event")?.into(),
            traceparent: row.try_get("traceparent")?,
        };
        let position = row.try_get("position")?;
        let received = super::Received { position, record };
        found.entry(partition).or_default().push(received);
    }
    for records in found.values_mut() {
        records.sort_unstable_by_key(|received| received.position);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_where_it_is() {
        assert_eq!(partition_of("prod_01h455vb4pex5vsknk084sn02q", 8), 2);
        let mut seen = [0; 8];
        for number in 0..800 {
            let partition = partition_of(&format!("key {number}"), 8);
            seen[usize::try_from(partition).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| *count > 50), "{seen:?}");
    }
}
