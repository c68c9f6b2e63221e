//! One consumer as a member of its group: batches of different partitions at the same time, each in order.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Worker, deliver::deliver_batch};
use crate::{
    Consumer,
    bus::{Batch, Membership, Partition},
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
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = under_way.join_next() => {
                let Ok((partition, next)) = ended else {
                    // Effects are guarded, so this is a defect of this module. Begin again from the commits.
                    tracing::error!(consumer = consumer.name, "a batch was lost by a defect");
                    break;
                };
                commit(&mut membership, consumer, &partition, next).await;
            }
            batch = membership.next() => match batch {
                Ok(batch) => {
                    let work = work(Arc::clone(worker), consumer.clone(), batch, stop.clone());
                    under_way.spawn(work);
                }
                Err(fault) => {
                    tracing::warn!(consumer = consumer.name, cause = fault.chain(), "reading fails");
                    pause(stop).await;
                }
            }
        }
    }
    // Each ends at its next event.
    while let Some(ended) = under_way.join_next().await {
        if let Ok((partition, next)) = ended {
            commit(&mut membership, consumer, &partition, next).await;
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

async fn commit(
    membership: &mut Membership,
    consumer: &Consumer,
    partition: &Partition,
    next: i64,
) {
    if let Err(fault) = membership.commit(partition, next).await {
        tracing::warn!(
            consumer = consumer.name,
            cause = fault.chain(),
            "a position was not written; the next one makes up for it"
        );
    }
}

async fn pause(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(PAUSE) => {}
    }
}
