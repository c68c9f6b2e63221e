//! One consumer as a member of its group: batches of different partitions at the same time, each in order.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Worker, deliver::deliver_batch};
use crate::{
    Consumer,
    bus::{Batch, Membership, Partition},
    db::may_pass,
};

/// After the bus has failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How long leaving the group may take when everything stops.
const LEAVE_LIMIT: Duration = Duration::from_secs(5);

/// Reads until `stop`.
pub(super) async fn run(worker: Arc<Worker>, consumer: Consumer, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match worker.bus.join(consumer.name, consumer.topics).await {
            Ok(membership) => read(&worker, &consumer, membership, &stop).await,
            Err(fault) => {
                tracing::warn!(
                    consumer = consumer.name,
                    cause = fault.chain(),
                    "the bus does not answer"
                );
                pause(&stop).await;
            }
        }
    }
}

async fn read(
    worker: &Arc<Worker>,
    consumer: &Consumer,
    mut membership: Membership,
    stop: &CancellationToken,
) {
    // At most one per partition: a partition gives its next batch after the commit of the last.
    let mut under_way = JoinSet::new();
    // Of the work on them, also when reading ends for another reason than `stop`.
    let over = stop.child_token();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = under_way.join_next() => {
                let Ok((partition, next)) = ended else {
                    // Effects are guarded, so this is a defect of this module. Begin again from the commits.
                    tracing::error!(consumer = consumer.name, "a batch was lost by a defect");
                    break;
                };
                membership.commit(&partition, next);
            }
            batch = membership.next() => match batch {
                Ok(batch) => {
                    tell_missed(consumer, &batch);
                    let work = work(Arc::clone(worker), consumer.clone(), batch, over.clone());
                    under_way.spawn(work);
                }
                Err(fault) => {
                    tracing::warn!(consumer = consumer.name, cause = fault.chain(), "reading fails");
                    pause(stop).await;
                    if !may_pass(&fault) {
                        break;
                    }
                }
            }
        }
    }
    // Each ends at its next event.
    over.cancel();
    while let Some(ended) = under_way.join_next().await {
        if let Ok((partition, next)) = ended {
            membership.commit(&partition, next);
        }
    }
    if tokio::time::timeout(LEAVE_LIMIT, membership.leave())
        .await
        .is_err()
    {
        tracing::warn!(consumer = consumer.name, "left the group without goodbye");
    }
}

async fn work(
    worker: Arc<Worker>,
    consumer: Consumer,
    batch: Batch,
    stop: CancellationToken,
) -> (Partition, i64) {
    let next = deliver_batch(&worker, &consumer, &batch, &stop).await;
    (batch.partition, next)
}

/// What the bus deleted before it was read cannot come any more: somebody must fill the consumer anew.
fn tell_missed(consumer: &Consumer, batch: &Batch) {
    let Ok(missed @ 1..) = u64::try_from(batch.missed) else {
        return;
    };
    let topic = consumer
        .topics
        .iter()
        .find(|topic| **topic == batch.partition.topic);
    metrics::counter!(
        "pasar_events_missed_total",
        "consumer" => consumer.name, "topic" => *topic.unwrap_or(&"")
    )
    .increment(missed);
    tracing::error!(
        consumer = consumer.name,
        topic = batch.partition.topic,
        partition = batch.partition.number,
        missed,
        "events grew older than the bus keeps them before they were read: fill this consumer anew from their owners"
    );
}

async fn pause(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(PAUSE) => {}
    }
}
