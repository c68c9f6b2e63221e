//! The event bus in Apache Kafka.
//!
//! - **Publishing**: one idempotent producer (`acks=all`) that never gives up by itself and never leaves a gap.
//!   When a publish takes too long or fails, the producer is thrown away with all that it still holds, and the
//!   next publish begins anew: every attempt is an unbroken run from its first record, so whatever mix of
//!   attempts reaches the broker, the first appearances are in order.
//! - **Reading**: a member commits an offset only when it is told that the work is done. Cooperative rebalances
//!   take only the partitions that move.

mod admin;
mod context;
mod held;
mod member;
mod producer;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kernel::Fault;
use rdkafka::{ClientConfig, consumer::BaseConsumer};

use self::{
    admin::Admin,
    context::{Logs, fault},
    producer::Producers,
};
use super::{Lag, Record};

pub use member::KafkaMembership;

/// How long the cluster may take to answer one question.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What Pasar decides itself: without these the promises of the bus would not hold.
const OURS: &[&str] = &[
    "acks",
    "allow.auto.create.topics",
    "auto.offset.reset",
    "bootstrap.servers",
    "delivery.report.only.error",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.timeout.ms",
    "metadata.broker.list",
    "partitioner",
    "request.required.acks",
    "delivery.timeout.ms",
    "transactional.id",
];

/// How to reach a cluster, and what to make there.
#[derive(Clone)]
pub struct KafkaSettings {
    /// Some of its brokers, `host:port` separated by commas.
    pub brokers: String,
    /// Before the name of every topic and group, for clusters that are shared.
    pub prefix: String,
    /// Partitions of a topic that is used for the first time; existing topics keep theirs.
    pub partitions: u32,
    /// Copies of such a topic. From 3 on, a record counts as written when all but one have it.
    pub replication: u32,
    /// How long records of such a topic are kept, read or not.
    pub retention: Duration,
    /// Further properties of librdkafka, such as `security.protocol` or `sasl.password`; `_` counts as `.`.
    pub properties: BTreeMap<String, String>,
}

impl KafkaSettings {
    /// A cluster at `brokers`, everything else as usual.
    #[must_use]
    pub fn new(brokers: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            prefix: String::new(),
            partitions: 8,
            replication: 1,
            retention: Duration::from_secs(7 * 24 * 3_600),
            properties: BTreeMap::new(),
        }
    }

    /// What every client of the cluster is told.
    fn client(&self) -> Result<ClientConfig, Fault> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "pasar")
            .set("socket.keepalive.enable", "true")
            // A broker that comes back is found within a second.
            .set("reconnect.backoff.max.ms", "1000");
        for (name, value) in &self.properties {
            let name = name.replace('_', ".");
            if OURS.contains(&name.as_str()) {
                return Err(Fault::internal(format!(
                    "events.kafka.properties: Pasar sets `{name}` itself"
                )));
            }
            config.set(name, value);
        }
        Ok(config)
    }
}

/// The bus in Kafka. Cheap to clone.
#[derive(Clone)]
pub struct KafkaBus(Arc<Inner>);

struct Inner {
    settings: KafkaSettings,
    client: ClientConfig,
    logs: Logs,
    admin: Admin,
    producers: Producers,
    /// Topics that are known to exist.
    topics: Mutex<HashSet<String>>,
    /// One client per group whose lag was asked for.
    watchers: Mutex<HashMap<String, Arc<BaseConsumer<Logs>>>>,
}

impl KafkaBus {
    /// The bus at `settings`. Nothing is sent yet: a cluster that is away shows with the first use.
    ///
    /// # Errors
    /// [`Fault`] when a property is unknown or its value is not possible.
    pub fn new(settings: KafkaSettings) -> Result<Self, Fault> {
        let (client, logs) = (settings.client()?, Logs::default());
        Ok(Self(Arc::new(Inner {
            admin: Admin::new(&client, &logs)?,
            producers: Producers::new(&client, &logs)?,
            client,
            logs,
            settings,
            topics: Mutex::default(),
            watchers: Mutex::default(),
        })))
    }

    /// See [`crate::bus`].
    ///
    /// # Errors
    /// [`Fault`] when it is not certain that all of `records` are durable.
    pub async fn publish(&self, records: &[Record]) -> Result<(), Fault> {
        self.0.logs.0.explain(self.send(records).await)
    }

    async fn send(&self, records: &[Record]) -> Result<(), Fault> {
        let topics: HashSet<&str> = records.iter().map(|record| record.topic.as_str()).collect();
        self.ensure(topics).await?;
        let outcome = self
            .0
            .producers
            .publish(&self.0.settings.prefix, records)
            .await;
        if outcome.is_err() {
            // Somebody may have deleted one: they are looked at again.
            self.0
                .topics
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clear();
        }
        outcome
    }

    /// See [`crate::bus`].
    ///
    /// # Errors
    /// [`Fault`] when the cluster does not answer.
    pub async fn join(&self, group: &str, topics: &[&str]) -> Result<KafkaMembership, Fault> {
        let ensured = self.ensure(topics.iter().copied()).await;
        self.0.logs.0.explain(ensured)?;
        let topics: Vec<String> = topics.iter().map(|topic| self.named(topic)).collect();
        KafkaMembership::join(
            &self.0.client,
            &self.0.settings.prefix,
            &self.named(group),
            &topics,
        )
    }

    /// See [`crate::bus`].
    ///
    /// # Errors
    /// [`Fault`] when the cluster does not answer.
    pub async fn lag(&self, group: &str, topics: &[&str]) -> Result<Vec<Lag>, Fault> {
        let watcher = self.watcher(&self.named(group))?;
        let prefix = self.0.settings.prefix.clone();
        let topics: Vec<String> = topics.iter().map(|topic| self.named(topic)).collect();
        let lag = tokio::task::spawn_blocking(move || admin::lag(&watcher, &prefix, &topics))
            .await?
            .map_err(|error| fault("looking up offsets", error));
        self.0.logs.0.explain(lag)
    }

    /// What and where it is, for people.
    #[must_use]
    pub fn describe(&self) -> String {
        let KafkaSettings {
            brokers, prefix, ..
        } = &self.0.settings;
        if prefix.is_empty() {
            return format!("Kafka at {brokers}");
        }
        format!("Kafka at {brokers}, topics {prefix}*")
    }

    /// Sends what is buffered.
    pub async fn close(&self) {
        self.0.producers.close().await;
        let watchers = std::mem::take(
            &mut *self
                .0
                .watchers
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        // Ending a client waits for its threads.
        drop(tokio::task::spawn_blocking(move || drop(watchers)).await);
    }

    /// Makes the topics that are not known to exist.
    async fn ensure(&self, topics: impl IntoIterator<Item = &str>) -> Result<(), Fault> {
        let topics = topics.into_iter().map(|topic| self.named(topic));
        let missing: Vec<String> = {
            let known = self.0.topics.lock().unwrap_or_else(PoisonError::into_inner);
            topics.filter(|topic| !known.contains(topic)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        self.0.admin.ensure(&self.0.settings, &missing).await?;
        let mut known = self.0.topics.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(missing);
        Ok(())
    }

    fn watcher(&self, group: &str) -> Result<Arc<BaseConsumer<Logs>>, Fault> {
        let mut watchers = self
            .0
            .watchers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(watcher) = watchers.get(group) {
            return Ok(Arc::clone(watcher));
        }
        let watcher: BaseConsumer<Logs> = self
            .0
            .client
            .clone()
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .create_with_context(self.0.logs.clone())
            .map_err(|error| fault("making a client", error))?;
        let watcher = Arc::new(watcher);
        watchers.insert(group.to_owned(), Arc::clone(&watcher));
        Ok(watcher)
    }

    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.0.settings.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> KafkaSettings {
        let mut settings = KafkaSettings::new("127.0.0.1:1");
        settings
            .properties
            .insert(name.to_owned(), value.to_owned());
        settings
    }

    fn refusal(settings: KafkaSettings) -> String {
        KafkaBus::new(settings).err().unwrap().chain()
    }

    #[tokio::test]
    async fn properties_are_checked_before_anything_is_sent() {
        let unknown = refusal(with("sasl_pasword", "geheim"));
        assert!(unknown.contains("sasl.pasword"), "{unknown}");
        assert!(
            !unknown.contains("geheim"),
            "values may be secret: {unknown}"
        );
        let ours = refusal(with("acks", "1"));
        assert!(ours.contains("Pasar sets `acks` itself"), "{ours}");
        let mut secured = with("security_protocol", "sasl_ssl");
        for (name, value) in [
            ("sasl.mechanisms", "SCRAM-SHA-512"),
            ("sasl_username", "pasar"),
            ("sasl_password", "geheim"),
        ] {
            secured.properties.insert(name.to_owned(), value.to_owned());
        }
        assert!(KafkaBus::new(secured).is_ok());
    }

    #[tokio::test]
    async fn a_shared_cluster_is_described_with_the_prefix() {
        let settings = KafkaSettings {
            prefix: "staging.".to_owned(),
            ..KafkaSettings::new("k1:9092,k2:9092")
        };
        let bus = KafkaBus::new(settings).unwrap();
        assert_eq!(bus.describe(), "Kafka at k1:9092,k2:9092, topics staging.*");
    }
}
