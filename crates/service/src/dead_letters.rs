//! What could not take effect waits here for an operator, and what comes after it for the same aggregate
//! waits behind it, so that no consumer ever sees an aggregate's events out of order.
//!
//! A letter is written together with the inbox row of its event: the bus has no more to do with it.

use chrono::{DateTime, Utc};
use kernel::{EventId, Fault};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::{
    Consumer, Ctx, Deps, Event,
    bus::{Partition, Received},
    consumer::{context, guarded, remember},
};

/// The longest text of an error that is kept, in characters.
const ERROR_CHARACTERS: usize = 1_000;

/// One of them, for people.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DeadLetter {
    /// Who could not deal with it.
    pub consumer: String,
    /// Which event.
    pub event_id: Uuid,
    /// What happened; absent when it is no event at all.
    pub event_type: Option<String>,
    /// Where it came from.
    pub topic: String,
    /// Whose later events wait behind it; empty when it is no event at all.
    pub aggregate_id: String,
    /// Only waits behind another.
    pub is_parked: bool,
    /// How often it was tried.
    pub attempts: i32,
    /// What went wrong the last time.
    pub error: String,
    /// When it was put here.
    pub failed_at: DateTime<Utc>,
}

/// What a replay did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Took effect at last.
    pub done: usize,
    /// Aggregates whose first letter failed again.
    pub failed: usize,
}

/// Puts an event behind the letters of its aggregate.
pub(crate) async fn park(
    tx: &mut PgConnection,
    consumer: &str,
    topic: &str,
    event: &Event,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let error = "waits behind an earlier event of its aggregate";
    let letter = New {
        is_parked: true,
        ..New::of(consumer, topic, event, 0, error)?
    };
    letter.write(tx, now).await
}

/// Gives an event up after `attempts`. `false` when somebody has dealt with it in the meantime.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn bury(
    ctx: &Ctx,
    consumer: &str,
    topic: &str,
    event: &Event,
    attempts: i32,
    error: &Fault,
) -> Result<bool, Fault> {
    let error = error.chain();
    let letter = New::of(consumer, topic, event, attempts, &error)?;
    letter.write_once(ctx).await
}

/// Gives up a record that is no event. Nothing is parked behind it: nobody knows what it is about.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn bury_malformed(
    ctx: &Ctx,
    consumer: &str,
    partition: &Partition,
    received: &Received,
    error: &Fault,
) -> Result<bool, Fault> {
    let place = format!(
        "{}/{}/{}",
        partition.topic, partition.number, received.position
    );
    let mut id = [0; 16];
    // The same for every delivery of the record.
    let hash = Sha256::digest(place.as_bytes());
    id.iter_mut()
        .zip(hash)
        .for_each(|(byte, hash)| *byte = hash);
    let raw = String::from_utf8_lossy(&received.record.event);
    let letter = New {
        consumer,
        topic: &partition.topic,
        event_id: Uuid::from_bytes(id),
        aggregate_id: "",
        event: storable(&json!({
            "raw": raw, "key": received.record.key, "eventTypeHeader": received.record.event_type,
        })),
        is_parked: false,
        attempts: 1,
        error: &error.chain(),
    };
    letter.write_once(ctx).await
}

/// The letters of a database, oldest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn list(
    db: &PgPool,
    consumer: Option<&str>,
    limit: i64,
) -> Result<Vec<DeadLetter>, Fault> {
    Ok(sqlx::query_as(
        "select consumer, event_id, event ->> 'eventType' as event_type, topic, aggregate_id, \
             is_parked, attempts, error, failed_at \
         from dead_letters where $1::text is null or consumer = $1 order by position limit $2",
    )
    .bind(consumer)
    .bind(limit)
    .fetch_all(db)
    .await?)
}

/// How many letters there are, by consumer.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn counts(db: &PgPool) -> Result<Vec<(String, i64)>, Fault> {
    Ok(sqlx::query_as(
        "select consumer, count(*) from dead_letters group by consumer order by consumer",
    )
    .fetch_all(db)
    .await?)
}

/// Tries the letters of `consumer` again, each aggregate's in order up to the first that fails again. With
/// `event`, only those of its aggregate. Wakes whom [`deliver`](crate::consumer::deliver) wakes.
///
/// # Errors
/// [`Fault`] of the database. A letter that fails again is no error: it is counted and stays.
pub async fn replay(
    deps: &Deps,
    subgraph: &str,
    consumer: &Consumer,
    event: Option<EventId>,
) -> Result<Replayed, Fault> {
    let aggregates: Vec<String> = sqlx::query_scalar(
        "select aggregate_id from dead_letters where consumer = $1 and aggregate_id <> '' \
             and ($2::uuid is null or aggregate_id in (select aggregate_id from dead_letters \
                 where consumer = $1 and event_id = $2)) \
         group by aggregate_id order by min(position)",
    )
    .bind(consumer.name)
    .bind(event.map(EventId::uuid))
    .fetch_all(&deps.db)
    .await?;
    let mut replayed = Replayed::default();
    for aggregate in aggregates {
        loop {
            match replay_first(deps, subgraph, consumer, &aggregate).await? {
                Some(true) => replayed.done += 1,
                Some(false) => {
                    replayed.failed += 1;
                    break;
                }
                None => break,
            }
        }
    }
    Ok(replayed)
}

/// Tries the first letter of an aggregate: whether it took effect, or nothing when there is none.
async fn replay_first(
    deps: &Deps,
    subgraph: &str,
    consumer: &Consumer,
    aggregate: &str,
) -> Result<Option<bool>, Fault> {
    let mut tx = deps.db.begin().await?;
    let first: Option<(i64, Value)> = sqlx::query_as(
        "select position, event from dead_letters where consumer = $1 and aggregate_id = $2 \
         order by position limit 1 for update",
    )
    .bind(consumer.name)
    .bind(aggregate)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((position, event)) = first else {
        return Ok(None);
    };
    let outcome = match serde_json::from_value::<Event>(event) {
        Ok(event) => {
            let ctx = context(deps, subgraph, &event);
            guarded((consumer.handle)(&ctx, &mut tx, &event)).await
        }
        Err(error) => Err(error.into()),
    };
    if let Err(fault) = outcome {
        drop(tx);
        sqlx::query(
            "update dead_letters set attempts = attempts + 1, error = $2, is_parked = false \
             where position = $1",
        )
        .bind(position)
        .bind(shortened(&fault.chain()))
        .execute(&deps.db)
        .await?;
        return Ok(Some(false));
    }
    sqlx::query("delete from dead_letters where position = $1")
        .bind(position)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    deps.live.wake_here(subgraph);
    Ok(Some(true))
}

/// Drops a letter for good: its event never takes effect for `consumer`. `false` when there is none.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn discard(db: &PgPool, consumer: &str, event: EventId) -> Result<bool, Fault> {
    let dropped = sqlx::query("delete from dead_letters where consumer = $1 and event_id = $2")
        .bind(consumer)
        .bind(event.uuid())
        .execute(db)
        .await?;
    Ok(dropped.rows_affected() > 0)
}

/// A letter to be.
struct New<'a> {
    consumer: &'a str,
    topic: &'a str,
    event_id: Uuid,
    aggregate_id: &'a str,
    event: Value,
    is_parked: bool,
    attempts: i32,
    error: &'a str,
}

impl<'a> New<'a> {
    fn of(
        consumer: &'a str,
        topic: &'a str,
        event: &'a Event,
        attempts: i32,
        error: &'a str,
    ) -> Result<Self, Fault> {
        Ok(Self {
            consumer,
            topic,
            event_id: event.event_id.uuid(),
            aggregate_id: &event.aggregate_id,
            event: storable(&serde_json::to_value(event)?),
            is_parked: false,
            attempts,
            error,
        })
    }

    async fn write(self, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<(), Fault> {
        sqlx::query(
            "insert into dead_letters (consumer, event_id, topic, aggregate_id, event, is_parked, \
             attempts, error, failed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.consumer)
        .bind(self.event_id)
        .bind(self.topic)
        .bind(without_nul(self.aggregate_id))
        .bind(self.event)
        .bind(self.is_parked)
        .bind(self.attempts)
        .bind(shortened(self.error))
        .bind(now)
        .execute(tx)
        .await?;
        Ok(())
    }

    /// In a transaction of its own, unless the event was dealt with.
    async fn write_once(self, ctx: &Ctx) -> Result<bool, Fault> {
        let mut tx = ctx.begin().await?;
        let event = EventId::from_uuid(self.event_id);
        if !remember(&mut tx, self.consumer, event, ctx.now()).await? {
            return Ok(false);
        }
        self.write(&mut tx, ctx.now()).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// PostgreSQL stores no NUL in texts either.
pub(crate) fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// PostgreSQL stores no NUL in JSON; an event with one is poison for every consumer and kept as text.
fn storable(event: &Value) -> Value {
    let text = event.to_string();
    if text.contains("\\u0000") {
        json!({ "raw": text.replace("\\u0000", "") })
    } else {
        event.clone()
    }
}

fn shortened(error: &str) -> String {
    without_nul(error).chars().take(ERROR_CHARACTERS).collect()
}
