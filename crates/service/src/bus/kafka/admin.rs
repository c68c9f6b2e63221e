//! Topics and offsets.

use std::time::{Duration, Instant};

use kernel::Fault;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::Client,
    consumer::{BaseConsumer, Consumer as _},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
};

use super::{
    ANSWER_LIMIT, KafkaSettings,
    context::{Logs, fault},
};
use crate::bus::{Lag, Partition};

/// How long a new topic may take to be known and have leaders.
const LEADER_LIMIT: Duration = Duration::from_secs(20);

/// Makes topics.
pub(super) struct Admin(std::sync::Arc<AdminClient<Logs>>);

impl Admin {
    pub(super) fn new(client: &ClientConfig, logs: &Logs) -> Result<Self, Fault> {
        let admin: AdminClient<Logs> = client
            .create_with_context(logs.clone())
            .map_err(|error| fault("making a client", error))?;
        Ok(Self(std::sync::Arc::new(admin)))
    }

    /// Makes the topics that do not exist and waits until all can be written to.
    pub(super) async fn ensure(
        &self,
        settings: &KafkaSettings,
        topics: &[String],
    ) -> Result<(), Fault> {
        let retention = settings.retention.as_millis().to_string();
        let in_sync = settings.replication.saturating_sub(1).max(1).to_string();
        let number = |value: u32| i32::try_from(value).map_err(Fault::internal);
        let (partitions, replication) =
            (number(settings.partitions)?, number(settings.replication)?);
        let new: Vec<NewTopic<'_>> = topics
            .iter()
            .map(|topic| {
                NewTopic::new(topic, partitions, TopicReplication::Fixed(replication))
                    .set("retention.ms", &retention)
                    .set("min.insync.replicas", &in_sync)
                    .set("cleanup.policy", "delete")
            })
            .collect();
        let options = AdminOptions::new()
            .request_timeout(Some(ANSWER_LIMIT))
            .operation_timeout(Some(ANSWER_LIMIT));
        let made = self
            .0
            .create_topics(&new, &options)
            .await
            .map_err(|error| fault("making topics", error))?;
        for outcome in made {
            check_made(outcome)?;
        }
        let (admin, topics) = (std::sync::Arc::clone(&self.0), topics.to_vec());
        tokio::task::spawn_blocking(move || wait_for_leaders(admin.inner(), &topics)).await?
    }
}

/// Whether a topic was made or need not be.
fn check_made(outcome: Result<String, (String, RDKafkaErrorCode)>) -> Result<(), Fault> {
    match outcome {
        Ok(topic) => tracing::info!(topic, "topic made"),
        Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
        // Then an operator makes the topics; those that are missing are named below.
        Err((
            topic,
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed,
        )) => tracing::info!(topic, "Kafka does not let us make topics"),
        Err((topic, code)) => {
            return Err(fault(
                &format!("the topic `{topic}` cannot be made"),
                KafkaError::AdminOp(code),
            ));
        }
    }
    Ok(())
}

fn wait_for_leaders(client: &Client<Logs>, topics: &[String]) -> Result<(), Fault> {
    let until = Instant::now() + LEADER_LIMIT;
    for topic in topics {
        while !has_leaders(client, topic).map_err(|error| fault("looking for topics", error))? {
            if Instant::now() > until {
                return Err(Fault::unavailable(format!(
                    "Kafka: the topic `{topic}` is not there or has no leader"
                )));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    Ok(())
}

fn has_leaders(client: &Client<Logs>, topic: &str) -> KafkaResult<bool> {
    let metadata = client.fetch_metadata(Some(topic), ANSWER_LIMIT)?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    Ok(found.is_some_and(|found| {
        let partitions = found.partitions();
        found.error().is_none()
            && !partitions.is_empty()
            && partitions.iter().all(|partition| partition.leader() >= 0)
    }))
}

/// How far the group of `watcher` is behind in `topics`, which have the prefix.
pub(super) fn lag(
    watcher: &BaseConsumer<Logs>,
    prefix: &str,
    topics: &[String],
) -> KafkaResult<Vec<Lag>> {
    let mut wanted = TopicPartitionList::new();
    for topic in topics {
        let metadata = watcher.fetch_metadata(Some(topic), ANSWER_LIMIT)?;
        let found = metadata
            .topics()
            .iter()
            .filter(|found| found.error().is_none());
        for partition in found.flat_map(rdkafka::metadata::MetadataTopic::partitions) {
            wanted.add_partition(topic, partition.id());
        }
    }
    if wanted.count() == 0 {
        return Ok(Vec::new());
    }
    let committed = watcher.committed_offsets(wanted, ANSWER_LIMIT)?;
    let elements = committed.elements();
    elements
        .iter()
        .map(|element| {
            let (topic, number) = (element.topic(), element.partition());
            let (low, high) = watermarks(watcher, topic, number)?;
            let done = match element.offset() {
                Offset::Offset(offset) => offset.max(low),
                // Never committed: it begins with the oldest record.
                _ => low,
            };
            Ok(Lag {
                partition: Partition {
                    topic: topic.strip_prefix(prefix).unwrap_or(topic).to_owned(),
                    number,
                },
                records: (high - done).max(0),
            })
        })
        .collect()
}

/// The oldest and the next position. A leader that has just changed is asked again.
fn watermarks(watcher: &BaseConsumer<Logs>, topic: &str, number: i32) -> KafkaResult<(i64, i64)> {
    let until = Instant::now() + ANSWER_LIMIT;
    loop {
        match watcher.fetch_watermarks(topic, number, ANSWER_LIMIT) {
            Err(KafkaError::MetadataFetch(RDKafkaErrorCode::NotLeaderForPartition))
                if Instant::now() < until =>
            {
                std::thread::sleep(Duration::from_millis(100));
            }
            found => return found,
        }
    }
}
