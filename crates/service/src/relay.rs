//! The relay: carries the rows of one database's outbox to the event bus, in their order, at least once.
//!
//! A round is one transaction: it takes the relays' lock, reads what has not been published in the order of
//! `position`, publishes it, marks it and commits. Any number of relays may run; the lock lets one work.
//! - Positions commit out of order, so a relay never remembers one: it asks for rows that are not marked,
//!   and finds a late one in its next round.
//! - An aggregate's events stay in order although other rows come late: a command holds the aggregate's row
//!   from before it draws the position until its commit, so an earlier event of it is always visible.
//! - A relay that dies after publishing leaves its rows unmarked; the next one publishes them again, from the
//!   first. Repeated events keep the order of their first copies, and consumers know them by their ids.
//!
//! Nothing wakes a relay: a NOTIFY in the commands' own transactions would make all commits of the server
//! queue up (PostgreSQL takes one lock for them). It looks often while there is work and less often when not.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kernel::{Clock, EventId, Fault};
use serde_json::Value;
use sqlx::{FromRow, PgPool};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Bus, Event,
    bus::Record,
    db::{self, fault},
};

/// Any number that nothing else locks on in a subgraph's database.
const LOCK_KEY: i64 = 0x7061_7361_725f_6f62;
/// Rows of one round.
const ROUND_ROWS: i64 = 500;
/// How long a round of a worker's relay may take: less than a transaction may be idle, so that a relay that waits
/// for the bus gives up before the database takes its lock away, and one whose connection has died without a word
/// begins again.
pub const ROUND_LIMIT: Duration = Duration::from_secs(25);
/// How long a relay waits when there was nothing to do: doubled each time, from the first to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(160));
/// How long it waits after a failure, likewise.
const FAILURE_PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(3));

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Another relay is at work.
    StandBy,
    /// So many events were published.
    Published(usize),
}

/// An outbox and where it goes.
#[derive(Clone)]
pub struct Relay {
    /// The database.
    pub db: PgPool,
    /// Whose it is: the first part of the topics' names.
    pub subgraph: &'static str,
    /// Where the events go.
    pub bus: Bus,
    /// What time rows are marked with.
    pub clock: Clock,
    /// See [`ROUND_LIMIT`].
    pub limit: Duration,
}

#[derive(FromRow)]
struct Row {
    position: i64,
    event_id: Uuid,
    event_type: String,
    event_time: DateTime<Utc>,
    aggregate_type: String,
    aggregate_id: String,
    version: i32,
    payload: Value,
    actor: String,
    traceparent: Option<String>,
}

impl Relay {
    /// Publishes what is there, at most a bounded number of events.
    ///
    /// # Errors
    /// [`Fault`] of the database or the bus, or when they take too long. Nothing is marked then; some may have been
    /// published.
    pub async fn round(&self) -> Result<Round, Fault> {
        let round = tokio::time::timeout(self.limit, self.carry()).await;
        round.map_err(|_| {
            Fault::unavailable(format!(
                "neither database nor bus answered within {} s",
                self.limit.as_secs()
            ))
        })?
    }

    async fn carry(&self) -> Result<Round, Fault> {
        // One statement is all that an idle relay costs.
        let is_waiting: bool =
            sqlx::query_scalar("select exists (select from outbox where published_at is null)")
                .fetch_one(&self.db)
                .await
                .map_err(fault)?;
        if !is_waiting {
            return Ok(Round::Published(0));
        }
        let mut tx = self.db.begin().await.map_err(fault)?;
        let is_active: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)")
            .bind(LOCK_KEY)
            .fetch_one(&mut *tx)
            .await
            .map_err(fault)?;
        if !is_active {
            return Ok(Round::StandBy);
        }
        let rows: Vec<Row> = sqlx::query_as(
            "select position, event_id, event_type, event_time, aggregate_type, aggregate_id, \
                 version, payload, actor, traceparent \
             from outbox where published_at is null order by position limit $1",
        )
        .bind(ROUND_ROWS)
        .fetch_all(&mut *tx)
        .await
        .map_err(fault)?;
        if rows.is_empty() {
            return Ok(Round::Published(0));
        }
        let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
        let records = rows
            .into_iter()
            .map(|row| self.record(row))
            .collect::<Result<Vec<_>, Fault>>()?;
        self.bus.publish(&records).await?;
        sqlx::query("update outbox set published_at = $2 where position = any($1)")
            .bind(&positions)
            .bind(self.clock.now())
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        metrics::counter!("pasar_events_published_total", "subgraph" => self.subgraph)
            .increment(u64::try_from(records.len())?);
        Ok(Round::Published(records.len()))
    }

    /// Publishes until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let (mut idle, mut failed) = (PAUSE.0, FAILURE_PAUSE.0);
        while !stop.is_cancelled() {
            // Not cut off by `stop`: a round is short, and half a round is published twice.
            let pause = match self.round().await {
                Ok(Round::Published(0) | Round::StandBy) => {
                    failed = FAILURE_PAUSE.0;
                    idle = (idle * 2).min(PAUSE.1);
                    idle
                }
                Ok(Round::Published(_)) => {
                    (idle, failed) = (PAUSE.0, FAILURE_PAUSE.0);
                    continue;
                }
                Err(fault) => {
                    tracing::warn!(
                        subgraph = self.subgraph,
                        cause = fault.chain(),
                        "events wait in the outbox"
                    );
                    failed = (failed * 2).min(FAILURE_PAUSE.1);
                    failed
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Deletes rows that were published before `before`; gives how many.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn sweep(&self, before: DateTime<Utc>) -> Result<u64, Fault> {
        let old = "delete from outbox where ctid = any(array( \
            select ctid from outbox where published_at < $1 limit $2))";
        db::sweep(&self.db, old, before).await
    }

    fn record(&self, row: Row) -> Result<Record, Fault> {
        let topic = format!("{}.{}", self.subgraph, row.aggregate_type);
        let event = Event {
            event_id: EventId::from_uuid(row.event_id),
            event_type: row.event_type,
            event_time: row.event_time,
            aggregate_type: row.aggregate_type,
            aggregate_id: row.aggregate_id,
            version: row.version,
            payload: row.payload,
            actor: row.actor,
            traceparent: row.traceparent,
        };
        Ok(Record {
            topic,
            key: event.aggregate_id.clone(),
            event: Bytes::from(serde_json::to_vec(&event)?),
            event_type: event.event_type,
            traceparent: event.traceparent,
        })
    }
}
