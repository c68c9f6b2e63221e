//! Publishing: all or nothing known, in order, without gaps.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::Fault;
use rdkafka::{
    ClientConfig,
    error::{KafkaError, RDKafkaErrorCode},
    message::{Header, OwnedHeaders},
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _, PurgeConfig},
};

use super::{
    context::{Logs, fault},
    member::{EVENT_TYPE, TRACEPARENT},
};
use crate::bus::Record;

/// How long a publish may take before it counts as failed: less than a relay waits
/// ([`ROUND_LIMIT`](crate::relay::ROUND_LIMIT)), or the records of each of its attempts would gather in the queue.
const PUBLISH_LIMIT: Duration = Duration::from_secs(15);
/// How long the end of the process waits for what is buffered.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);
/// Pause when the queue is full of others' records.
const FULL_PAUSE: Duration = Duration::from_millis(10);

type Producer = FutureProducer<Logs>;

/// One producer at a time; a failed one is replaced.
pub(super) struct Producers {
    config: ClientConfig,
    logs: Logs,
    current: Mutex<Arc<Producer>>,
}

impl Producers {
    pub(super) fn new(client: &ClientConfig, logs: &Logs) -> Result<Self, Fault> {
        let mut config = client.clone();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // Rather none of the later records than a gap before them.
            .set("enable.gapless.guarantee", "true")
            // Never: a record that times out alone would be that gap. See PUBLISH_LIMIT.
            .set("message.timeout.ms", "0");
        // Whoever operates the cluster may know better.
        for (name, value) in [
            ("linger.ms", "2"),
            // The bound of what publishers may have under way together.
            ("queue.buffering.max.messages", "20000"),
            ("queue.buffering.max.kbytes", "65536"),
            ("compression.type", "lz4"),
        ] {
            if config.get(name).is_none() {
                config.set(name, value);
            }
        }
        let logs = logs.clone();
        let current = Mutex::new(Arc::new(make(&config, &logs)?));
        Ok(Self {
            config,
            logs,
            current,
        })
    }

    fn current(&self) -> MutexGuard<'_, Arc<Producer>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn publish(&self, prefix: &str, records: &[Record]) -> Result<(), Fault> {
        let producer = Arc::clone(&self.current());
        let sent = tokio::time::timeout(PUBLISH_LIMIT, send_all(&producer, prefix, records)).await;
        let failure = match sent {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => fault("publishing", error),
            Err(_) => Fault::unavailable(format!(
                "Kafka: no answer to a publish within {} s",
                PUBLISH_LIMIT.as_secs()
            )),
        };
        self.replace(&producer)?;
        Err(failure)
    }

    /// Throws away the failed producer and what it holds: later records must not get out without the
    /// earlier ones. Others who publish at the same time fail too and begin anew.
    fn replace(&self, failed: &Arc<Producer>) -> Result<(), Fault> {
        let fresh = Arc::new(make(&self.config, &self.logs)?);
        {
            let mut current = self.current();
            if !Arc::ptr_eq(&current, failed) {
                return Ok(());
            }
            *current = fresh;
        }
        failed.purge(PurgeConfig::default().queue().inflight());
        let failed = Arc::clone(failed);
        // Ending a client waits for its threads.
        drop(tokio::task::spawn_blocking(move || drop(failed)));
        Ok(())
    }

    pub(super) async fn close(&self) {
        let producer = Arc::clone(&self.current());
        let flushed = tokio::task::spawn_blocking(move || producer.flush(FLUSH_LIMIT)).await;
        if let Ok(Err(error)) = flushed {
            tracing::warn!(%error, "records were not sent before the end; they are published again");
        }
    }
}

fn make(config: &ClientConfig, logs: &Logs) -> Result<Producer, Fault> {
    config
        .create_with_context(logs.clone())
        .map_err(|error| fault("making a producer", error))
}

/// Hands `records` to the client in their order and waits for all of them.
async fn send_all(producer: &Producer, prefix: &str, records: &[Record]) -> Result<(), KafkaError> {
    let mut under_way = VecDeque::with_capacity(records.len());
    for record in records {
        let topic = format!("{prefix}{}", record.topic);
        loop {
            match producer.send_result(message(&topic, record)) {
                Ok(delivery) => {
                    under_way.push_back(delivery);
                    break;
                }
                // The queue is bounded; what makes room is a delivery, ours or another's.
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    match under_way.pop_front() {
                        Some(first) => delivered(first).await?,
                        None => tokio::time::sleep(FULL_PAUSE).await,
                    }
                }
                Err((error, _)) => return Err(error),
            }
        }
    }
    for delivery in under_way {
        delivered(delivery).await?;
    }
    Ok(())
}

async fn delivered(delivery: DeliveryFuture) -> Result<(), KafkaError> {
    match delivery.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(error),
        Err(_) => Err(KafkaError::Canceled),
    }
}

fn message<'a>(topic: &'a str, record: &'a Record) -> FutureRecord<'a, str, [u8]> {
    let mut headers = OwnedHeaders::new().insert(Header {
        key: EVENT_TYPE,
        value: Some(&record.event_type),
    });
    if let Some(traceparent) = &record.traceparent {
        headers = headers.insert(Header {
            key: TRACEPARENT,
            value: Some(traceparent),
        });
    }
    FutureRecord::to(topic)
        .key(record.key.as_str())
        .payload(record.event.as_ref())
        .headers(headers)
}
