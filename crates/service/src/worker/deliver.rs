//! One record at a time: its effect, the retries, and giving up.

use std::future::Future;

use kernel::Fault;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::Worker;
use crate::{
    Consumer, Delivery, Event,
    bus::{Batch, Partition, Received},
    consumer,
    db::may_pass,
    dead_letters,
};

/// Deals with the records in order. Gives the position up to which that is done: the end of the batch,
/// unless `stop` or the loss of the partition came first.
pub(super) async fn deliver_batch(
    worker: &Worker,
    consumer: &Consumer,
    batch: &Batch,
    stop: &CancellationToken,
) -> i64 {
    let mut next = batch
        .records
        .first()
        .map_or(0, |received| received.position);
    let work = Work {
        worker,
        consumer,
        partition: &batch.partition,
        stop,
        lost: &batch.lost,
    };
    for received in &batch.records {
        if work.is_over() || work.settle(received).await.is_none() {
            break;
        }
        next = received.position + 1;
    }
    next
}

struct Work<'a> {
    worker: &'a Worker,
    consumer: &'a Consumer,
    partition: &'a Partition,
    stop: &'a CancellationToken,
    lost: &'a CancellationToken,
}

impl Work<'_> {
    /// Deals with one record for good; nothing when it was interrupted.
    async fn settle(&self, received: &Received) -> Option<()> {
        let event = match Event::parse(&received.record.event) {
            Ok(event) => event,
            Err(fault) => return self.bury_malformed(received, &fault).await,
        };
        let span = tracing::info_span!(
            "consume",
            consumer = self.consumer.name,
            event_type = event.event_type,
            event_id = %event.event_id,
        );
        if let Some(traceparent) = &event.traceparent {
            (self.worker.settings.adopt)(&span, traceparent);
        }
        self.settle_event(&event).instrument(span).await
    }

    async fn settle_event(&self, event: &Event) -> Option<()> {
        let mut failures: u32 = 0;
        let mut attempts: u32 = 0;
        loop {
            let fault = match self.attempt(event).await {
                Ok(delivery) => {
                    self.count(match delivery {
                        Delivery::Done => "done",
                        Delivery::Repeated => "repeated",
                        Delivery::Parked => "parked",
                    });
                    return Some(());
                }
                Err(fault) => fault,
            };
            failures += 1;
            if may_pass(&fault) {
                self.count("waiting");
                tracing::warn!(cause = fault.chain(), failures, "an effect has to wait");
            } else {
                attempts += 1;
                if attempts >= self.worker.settings.attempts {
                    return self.bury(event, attempts, &fault).await;
                }
                self.count("failed");
                tracing::warn!(cause = fault.chain(), attempts, "an effect failed");
            }
            self.pause(failures).await?;
        }
    }

    /// One try, which neither panics nor lasts for ever.
    async fn attempt(&self, event: &Event) -> Result<Delivery, Fault> {
        let worker = self.worker;
        // Never closed.
        let _permit = worker.effects.acquire().await?;
        let topic = &self.partition.topic;
        let effect = consumer::deliver(&worker.deps, worker.subgraph, self.consumer, topic, event);
        consumer::guarded(effect).await
    }

    async fn bury(&self, event: &Event, attempts: u32, cause: &Fault) -> Option<()> {
        tracing::error!(
            cause = cause.chain(),
            attempts,
            "given up: a dead letter (`pasar events dead-letters`)"
        );
        let attempts = i32::try_from(attempts).unwrap_or(i32::MAX);
        self.for_ever(|| async move {
            let ctx = self.worker.ctx("dead letters");
            let topic = &self.partition.topic;
            dead_letters::bury(&ctx, self.consumer.name, topic, event, attempts, cause).await
        })
        .await
    }

    async fn bury_malformed(&self, received: &Received, cause: &Fault) -> Option<()> {
        tracing::error!(
            consumer = self.consumer.name,
            topic = self.partition.topic,
            partition = self.partition.number,
            position = received.position,
            cause = cause.chain(),
            "a record is no event: a dead letter"
        );
        self.for_ever(|| async move {
            let ctx = self.worker.ctx("dead letters");
            let name = self.consumer.name;
            dead_letters::bury_malformed(&ctx, name, self.partition, received, cause).await
        })
        .await
    }

    /// Writes a letter, however often that fails: going on without would lose the event.
    async fn for_ever<F: Future<Output = Result<bool, Fault>>>(
        &self,
        write: impl Fn() -> F,
    ) -> Option<()> {
        let mut failures = 0;
        loop {
            match write().await {
                Ok(is_new) => {
                    self.count(if is_new { "dead" } else { "repeated" });
                    return Some(());
                }
                Err(fault) => {
                    failures += 1;
                    tracing::warn!(cause = fault.chain(), "a dead letter cannot be written");
                    self.pause(failures).await?;
                }
            }
        }
    }

    /// Waits before the next try; nothing when there is to be none.
    async fn pause(&self, failures: u32) -> Option<()> {
        let settings = &self.worker.settings;
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
        let pause = settings
            .backoff
            .saturating_mul(doubled)
            .min(settings.backoff_limit);
        tokio::select! {
            () = self.stop.cancelled() => None,
            () = self.lost.cancelled() => None,
            () = tokio::time::sleep(pause) => Some(()),
        }
    }

    fn is_over(&self) -> bool {
        self.stop.is_cancelled() || self.lost.is_cancelled()
    }

    fn count(&self, outcome: &'static str) {
        metrics::counter!(
            "pasar_events_delivered_total",
            "consumer" => self.consumer.name, "outcome" => outcome
        )
        .increment(1);
    }
}
