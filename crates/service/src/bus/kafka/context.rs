//! What clients tell while they work: logs, and which partitions come and go.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Fault, FaultKind};
use rdkafka::{
    ClientContext, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance},
    error::{KafkaError, RDKafkaErrorCode},
};

use super::held::Held;
use crate::bus::Partition;

/// Turns an error of the client into a fault. What the settings got wrong is a defect; everything else may
/// be better later.
pub(super) fn fault(what: &str, error: KafkaError) -> Fault {
    match error {
        // Without the value, which may be a password.
        KafkaError::ClientConfig(_, why, name, _) => {
            Fault::internal(format!("the property `{name}` of Kafka's client: {why}"))
        }
        KafkaError::ClientCreation(why) => Fault::internal(format!("Kafka's client: {why}")),
        error => Fault::unavailable(format!("Kafka: {what}: {error}")),
    }
}

fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        // That a property which we rely on is called experimental helps nobody at every start.
        _ if facility == "CONFWARN" => tracing::debug!("librdkafka: {message}"),
        RDKafkaLogLevel::Debug => tracing::debug!(facility, "librdkafka: {message}"),
        RDKafkaLogLevel::Info | RDKafkaLogLevel::Notice => {
            tracing::info!(facility, "librdkafka: {message}");
        }
        // A broker that is away is said at level error, again and again; that somebody must act is for
        // the caller to say.
        _ => tracing::warn!(facility, "librdkafka: {message}"),
    }
}

/// Why the brokers refuse us: a wrong password, a certificate. Clients go on trying, so that calls only find that
/// nothing answers.
#[derive(Clone, Default)]
pub(super) struct Refusal(Arc<Mutex<Option<String>>>);

impl Refusal {
    fn note(&self, error: &KafkaError, reason: &str) {
        if let Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SSL) =
            error.rdkafka_error_code()
        {
            *self.reason() = Some(reason.to_owned());
        }
    }

    /// Adds the reason to a failure; a success shows that it is gone.
    pub(super) fn explain<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        let mut reason = self.reason();
        match (outcome, &*reason) {
            (Ok(value), _) => {
                *reason = None;
                Ok(value)
            }
            (Err(fault), Some(reason)) if fault.kind() == FaultKind::Unavailable => Err(
                Fault::unavailable(format!("Kafka refuses us: {reason} ({})", fault.chain())),
            ),
            (Err(fault), _) => Err(fault),
        }
    }

    fn reason(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client of which only the logs are of interest, and why it is refused.
#[derive(Clone, Default)]
pub(super) struct Logs(pub(super) Refusal);

impl ClientContext for Logs {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.note(&error, reason);
        tracing::debug!(%error, "librdkafka: {reason}");
    }
}

impl ConsumerContext for Logs {}

/// A member's client: keeps the list of partitions that the group gave it.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) prefix: Arc<str>,
    held: Arc<Mutex<Held>>,
}

impl Member {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.into(),
            held: Arc::default(),
        }
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name by which the rest of Pasar knows a partition.
    pub(super) fn partition(&self, topic: &str, number: i32) -> Partition {
        Partition {
            topic: topic
                .strip_prefix(&*self.prefix)
                .unwrap_or(topic)
                .to_owned(),
            number,
        }
    }

    /// The name by which Kafka knows it.
    pub(super) fn topic(&self, partition: &Partition) -> String {
        format!("{}{}", self.prefix, partition.topic)
    }

    fn partitions(&self, list: &TopicPartitionList) -> Vec<Partition> {
        let elements = list.elements();
        elements
            .iter()
            .map(|element| self.partition(element.topic(), element.partition()))
            .collect()
    }
}

impl ClientContext for Member {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, "librdkafka: {reason}");
    }
}

impl ConsumerContext for Member {
    // Before the group hears that they are free: work on them is told to stop first.
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Revoke(list) => {
                let partitions = self.partitions(list);
                tracing::info!(
                    partitions = partitions.len(),
                    "partitions go to other members"
                );
                let mut held = self.held();
                partitions.iter().for_each(|partition| held.lose(partition));
            }
            Rebalance::Error(error) => tracing::warn!(%error, "a rebalance failed"),
            Rebalance::Assign(_) => {}
        }
    }

    // Before the first message of any of them is given.
    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            // The client remembers that a partition was paused before it went to others.
            if let Err(error) = consumer.resume(list) {
                tracing::warn!(%error, "partitions that came back may stand still");
            }
            let partitions = self.partitions(list);
            tracing::info!(
                partitions = partitions.len(),
                "partitions come from the group"
            );
            let mut held = self.held();
            partitions
                .into_iter()
                .for_each(|partition| held.gain(partition));
        }
    }
}
