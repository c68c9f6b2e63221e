//! The event bus and the workers of this process.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context as _;
use process::{
    config::{DurationSetting, Secret},
    telemetry::traceparent,
};
use serde::{Deserialize, Serialize};
use service::{
    Bus, Worker,
    bus::{
        kafka::{KafkaBus, KafkaSettings},
        log::{LogBus, LogSettings},
    },
    worker::WorkerSettings,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    Settings,
    databases::{Databases, EVENTS},
    launch::Launched,
};

/// How long workers may take to finish what is under way.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The section `[events]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EventsSettings {
    /// Which bus carries events.
    pub bus: BusKind,
    /// The database of the log, when it is not `pasar_events` on the server of `postgres.url`.
    #[serde(default)]
    pub database_url: Option<Secret>,
    /// Partitions of a topic that is used for the first time.
    pub partitions: u32,
    /// How long the bus keeps events, read or not.
    pub retention: DurationSetting,
    /// After this without a sign of life a consumer's partitions go to another process (log only).
    pub lease: DurationSetting,
    /// How often an effect is tried before its event becomes a dead letter.
    pub attempts: u32,
    /// The pause after the first failure.
    pub backoff: DurationSetting,
    /// The longest pause.
    pub backoff_limit: DurationSetting,
    /// Effects of one subgraph at the same time in this process.
    pub parallel: usize,
    /// How long published events stay in the outbox.
    pub outbox_retention: DurationSetting,
    /// How long it is remembered that an event took effect.
    pub inbox_retention: DurationSetting,
    /// Used when `bus` is `kafka`.
    pub kafka: KafkaSection,
}

/// Which bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BusKind {
    /// A PostgreSQL database.
    Log,
    /// A Kafka cluster.
    Kafka,
}

/// The section `[events.kafka]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaSection {
    /// Some of the brokers, `host:port` separated by commas.
    #[serde(default)]
    pub brokers: Option<String>,
    /// Before the name of every topic and group.
    pub prefix: String,
    /// Copies of a topic that is used for the first time.
    pub replication: u32,
    /// Further properties of librdkafka; `_` counts as `.`.
    #[serde(default)]
    pub properties: BTreeMap<String, Secret>,
}

/// The bus that the settings name. The log's database must have been migrated.
pub(crate) async fn bus(settings: &Settings, databases: &Databases) -> anyhow::Result<Bus> {
    let events = &settings.events;
    anyhow::ensure!(
        events.inbox_retention.get() > events.retention.get(),
        "events.inbox_retention must be longer than events.retention: an event that comes again would take \
         effect twice"
    );
    match events.bus {
        BusKind::Log => {
            let db = databases.connect(settings, EVENTS).await?;
            let settings = LogSettings {
                partitions: events.partitions,
                retention: events.retention.get(),
                lease: events.lease.get(),
            };
            Ok(Bus::Log(LogBus::new(db, settings)))
        }
        BusKind::Kafka => {
            let brokers = events.kafka.brokers.clone();
            let properties = events.kafka.properties.iter();
            let kafka = KafkaSettings {
                prefix: events.kafka.prefix.clone(),
                partitions: events.partitions,
                replication: events.kafka.replication,
                retention: events.retention.get(),
                properties: properties
                    .map(|(name, value)| (name.clone(), value.expose().to_owned()))
                    .collect(),
                ..KafkaSettings::new(brokers.context("set events.kafka.brokers")?)
            };
            let bus = KafkaBus::new(kafka);
            Ok(Bus::Kafka(bus.map_err(|fault| {
                anyhow::anyhow!("events.kafka: {}", fault.chain())
            })?))
        }
    }
}

/// Workers that run in this process.
pub(crate) struct Workers {
    bus: Bus,
    stop: CancellationToken,
    running: JoinSet<()>,
}

impl Workers {
    /// Starts the worker of every launched subgraph.
    pub(crate) fn start(settings: &Settings, launched: &Launched, bus: Bus) -> Self {
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        for subgraph in &launched.running {
            let worker = Worker::new(
                subgraph.name,
                subgraph.deps.clone(),
                &subgraph.running,
                bus.clone(),
                worker_settings(&settings.events),
            );
            running.spawn(worker.run(stop.clone()));
        }
        Self { bus, stop, running }
    }

    /// Stops them in order. Call it when no requests run any more; what is left in the outboxes is published
    /// at the next start.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        let ended = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_LIMIT, ended).await.is_err() {
            tracing::warn!(
                "workers did not end in time; what they were at is done again elsewhere"
            );
            self.running.shutdown().await;
        }
        self.bus.close().await;
    }
}

fn worker_settings(events: &EventsSettings) -> WorkerSettings {
    WorkerSettings {
        attempts: events.attempts,
        backoff: events.backoff.get(),
        backoff_limit: events.backoff_limit.get(),
        parallel: events.parallel,
        outbox_retention: events.outbox_retention.get(),
        inbox_retention: events.inbox_retention.get(),
        adopt: traceparent::adopt,
    }
}
