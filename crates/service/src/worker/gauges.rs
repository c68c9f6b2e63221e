//! What operators watch: how much waits in the outbox and for how long, how far consumers are behind, how many
//! dead letters there are.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use kernel::Fault;
use tokio_util::sync::CancellationToken;

use super::Worker;
use crate::dead_letters;

const INTERVAL: Duration = Duration::from_secs(10);
/// A longer backlog is not counted to its end.
const BACKLOG_LIMIT: i64 = 100_000;

pub(super) async fn measure(worker: &Worker, stop: CancellationToken) {
    loop {
        for measured in [
            outbox(worker).await,
            letters(worker).await,
            lag(worker).await,
        ] {
            if let Err(fault) = measured {
                tracing::debug!(
                    subgraph = worker.subgraph,
                    cause = fault.chain(),
                    "not measured"
                );
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn outbox(worker: &Worker) -> Result<(), Fault> {
    let (rows, oldest): (i64, Option<DateTime<Utc>>) = sqlx::query_as(
        "select count(*), min(event_time) from (select event_time from outbox \
         where published_at is null order by position limit $1) as backlog",
    )
    .bind(BACKLOG_LIMIT)
    .fetch_one(&worker.deps.db)
    .await?;
    let age = oldest.map_or(0, |oldest| {
        (worker.deps.clock.now() - oldest).num_milliseconds()
    });
    metrics::gauge!("pasar_outbox_backlog_events", "subgraph" => worker.subgraph).set(rows as f64);
    metrics::gauge!("pasar_outbox_oldest_age_seconds", "subgraph" => worker.subgraph)
        .set(age.max(0) as f64 / 1_000.0);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn letters(worker: &Worker) -> Result<(), Fault> {
    let counts = dead_letters::counts(&worker.deps.db).await?;
    for consumer in &worker.consumers {
        let found = counts.iter().find(|(name, _)| name == consumer.name);
        let count = found.map_or(0, |(_, count)| *count);
        metrics::gauge!("pasar_events_dead_letters", "consumer" => consumer.name).set(count as f64);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn lag(worker: &Worker) -> Result<(), Fault> {
    for consumer in &worker.consumers {
        let mut by_topic: BTreeMap<&'static str, i64> = BTreeMap::new();
        for lag in worker.bus.lag(consumer.name, consumer.topics).await? {
            let known = consumer
                .topics
                .iter()
                .find(|topic| **topic == lag.partition.topic);
            if let Some(topic) = known {
                *by_topic.entry(topic).or_default() += lag.records;
            }
        }
        for (topic, records) in by_topic {
            metrics::gauge!("pasar_events_lag", "consumer" => consumer.name, "topic" => topic)
                .set(records as f64);
        }
    }
    Ok(())
}
