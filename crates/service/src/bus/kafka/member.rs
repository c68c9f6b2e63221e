//! Reading as a member of a group.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use kernel::Fault;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer as _, StreamConsumer},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    message::{BorrowedMessage, Headers as _},
    topic_partition_list::TopicPartitionListElem,
};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    ANSWER_LIMIT,
    context::{Member, fault},
    held::Flow,
};
use crate::bus::{BATCH_RECORDS, Batch, Partition, Received, Record};

/// The header with the kind of event.
pub(super) const EVENT_TYPE: &str = "eventType";
/// The header with the W3C trace context.
pub(super) const TRACEPARENT: &str = "traceparent";

/// Pause after a commit that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// A commit that meets a rebalance is tried again this often, after a pause.
const COMMIT_ATTEMPTS: u32 = 10;
const COMMIT_PAUSE: Duration = Duration::from_millis(100);

/// A member of a group of consumers. Dropping it leaves the group without saying how far it came.
pub struct KafkaMembership {
    /// Always there until it leaves.
    consumer: Option<Arc<StreamConsumer<Member>>>,
    context: Member,
    committer: Committer,
    /// The question what the group missed of a partition; it goes on when `next` is dropped.
    asked: Option<(Partition, JoinHandle<i64>)>,
}

/// The task that writes positions: one request at a time, for all partitions that went on meanwhile.
struct Committer {
    task: JoinHandle<()>,
    work: Arc<Notify>,
    stop: CancellationToken,
}

impl KafkaMembership {
    pub(super) fn join(
        client: &ClientConfig,
        prefix: &str,
        group: &str,
        topics: &[String],
    ) -> Result<Self, Fault> {
        let mut config = client.clone();
        config
            .set("group.id", group)
            // Offsets are committed when the work is, and by hand.
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            .set("allow.auto.create.topics", "false");
        // Whoever operates the cluster may know better.
        for (name, value) in [
            ("partition.assignment.strategy", "cooperative-sticky"),
            ("session.timeout.ms", "10000"),
            ("queued.min.messages", "1000"),
            ("queued.max.messages.kbytes", "8192"),
            ("fetch.error.backoff.ms", "100"),
            ("fetch.queue.backoff.ms", "50"),
        ] {
            if config.get(name).is_none() {
                config.set(name, value);
            }
        }
        let context = Member::new(prefix);
        let consumer: StreamConsumer<Member> = config
            .create_with_context(context.clone())
            .map_err(|error| fault("making a consumer", error))?;
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        consumer
            .subscribe(&topics)
            .map_err(|error| fault("subscribing", error))?;
        let consumer = Arc::new(consumer);
        let (work, stop) = (Arc::new(Notify::new()), CancellationToken::new());
        let committing = write_positions(
            Arc::downgrade(&consumer),
            context.clone(),
            Arc::clone(&work),
            stop.clone(),
        );
        let task = tokio::spawn(committing);
        Ok(Self {
            consumer: Some(consumer),
            context,
            committer: Committer { task, work, stop },
            asked: None,
        })
    }

    fn consumer(&self) -> Result<&Arc<StreamConsumer<Member>>, Fault> {
        let consumer = self.consumer.as_ref();
        consumer.ok_or_else(|| Fault::internal("this member has left its group"))
    }

    /// See [`crate::bus`].
    ///
    /// # Errors
    /// [`Fault`] when the cluster does not answer; call it again after a pause.
    pub async fn next(&mut self) -> Result<Batch, Fault> {
        let consumer = &Arc::clone(self.consumer()?);
        loop {
            if let Some((partition, asked)) = &mut self.asked {
                let missed = asked.await.unwrap_or(0);
                self.context.held().checked(partition, missed);
                self.asked = None;
            }
            let unchecked = self.context.held().unchecked();
            if let Some((partition, first)) = unchecked {
                let (consumer, topic) = (Arc::clone(consumer), self.context.topic(&partition));
                let number = partition.number;
                let asked =
                    tokio::task::spawn_blocking(move || missed(&consumer, &topic, number, first));
                self.asked = Some((partition, asked));
                continue;
            }
            let taken = self.context.held().take();
            if let Some((batch, flow)) = taken {
                self.steer(consumer, &batch.partition, flow);
                return Ok(batch);
            }
            self.keep(consumer, consumer.recv().await)?;
            // What is there already comes along, so that batches are not of one.
            for _ in 1..BATCH_RECORDS {
                match consumer.recv().now_or_never() {
                    Some(message) => self.keep(consumer, message)?,
                    None => break,
                }
            }
        }
    }

    fn keep(
        &self,
        consumer: &StreamConsumer<Member>,
        message: KafkaResult<BorrowedMessage<'_>>,
    ) -> Result<(), Fault> {
        let message = match message {
            Ok(message) => message,
            Err(KafkaError::MessageConsumption(RDKafkaErrorCode::PollExceeded)) => {
                // The group has given everything to others; the client joins again by itself.
                self.context.held().lose_all();
                tracing::warn!("this member was silent for too long and lost its partitions");
                return Ok(());
            }
            // The client goes on by itself. It says so many times a second while brokers are away, and whoever
            // paused after each of them would still be at it long after they are back.
            Err(KafkaError::MessageConsumption(
                RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::Resolve
                | RDKafkaErrorCode::OperationTimedOut,
            )) => return Ok(()),
            Err(error) => return Err(fault("reading", error)),
        };
        let partition = self.context.partition(message.topic(), message.partition());
        let received = received(&partition, &message);
        let flow = self.context.held().keep(&partition, received);
        self.steer(consumer, &partition, flow);
        Ok(())
    }

    /// Pauses or resumes the reading of a partition.
    fn steer(&self, consumer: &StreamConsumer<Member>, partition: &Partition, flow: Flow) {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.context.topic(partition), partition.number);
        let steered = match flow {
            Flow::Unchanged => Ok(()),
            Flow::Pause => consumer.pause(&list),
            Flow::Resume => consumer.resume(&list),
        };
        // It has just gone to another member: there is nothing to read.
        if let Err(error) = steered {
            tracing::debug!(%error, "a partition was not paused or resumed");
        }
    }

    /// See [`crate::bus`].
    pub fn commit(&self, partition: &Partition, next: i64) {
        self.context.held().done(partition, next);
        self.committer.work.notify_one();
    }

    /// Writes how far the work is and hands the partitions on at once.
    pub async fn leave(mut self) {
        self.committer.stop.cancel();
        // An error is a task that was cut off.
        drop((&mut self.committer.task).await);
        self.context.held().lose_all();
        let consumer = self.consumer.take();
        // Leaving waits for the group's answer.
        drop(tokio::task::spawn_blocking(move || drop(consumer)).await);
    }
}

impl Drop for KafkaMembership {
    fn drop(&mut self) {
        self.committer.task.abort();
        self.context.held().lose_all();
        if let Some(consumer) = self.consumer.take() {
            std::thread::spawn(move || drop(consumer));
        }
    }
}

/// Writes positions until `stop`, and then once more. What could not be written is tried again.
async fn write_positions(
    consumer: Weak<StreamConsumer<Member>>,
    context: Member,
    work: Arc<Notify>,
    stop: CancellationToken,
) {
    let mut has_failed = false;
    loop {
        let is_last = tokio::select! {
            () = tokio::time::sleep(AFTER_FAILURE), if has_failed => false,
            () = work.notified(), if !has_failed => false,
            () = stop.cancelled() => true,
        };
        has_failed = match write(&consumer, &context).await {
            Ok(()) => false,
            Err(fault) => {
                tracing::warn!(
                    cause = fault.chain(),
                    "positions were not written and are tried again"
                );
                true
            }
        };
        if is_last {
            return;
        }
    }
}

/// Writes what the group does not know yet.
async fn write(consumer: &Weak<StreamConsumer<Member>>, context: &Member) -> Result<(), Fault> {
    let positions = context.held().uncommitted();
    if positions.is_empty() {
        return Ok(());
    }
    let mut list = TopicPartitionList::new();
    for (partition, next) in &positions {
        let (topic, offset) = (context.topic(partition), Offset::Offset(*next));
        list.add_partition_offset(&topic, partition.number, offset)
            .map_err(|error| fault("committing", error))?;
    }
    let consumer = Weak::clone(consumer);
    // Ending a client waits for its threads: whoever holds it last must be no task.
    let committed = tokio::task::spawn_blocking(move || match consumer.upgrade() {
        Some(consumer) => commit(&consumer, &list),
        None => Ok(()),
    });
    committed
        .await?
        .map_err(|error| fault("committing", error))?;
    context.held().committed(&positions);
    Ok(())
}

/// How many records before `first`, the first that there is, the group had not read.
fn missed(consumer: &StreamConsumer<Member>, topic: &str, number: i32, first: i64) -> i64 {
    let mut list = TopicPartitionList::new();
    list.add_partition(topic, number);
    match consumer.committed_offsets(list, ANSWER_LIMIT) {
        Ok(known) => match known.elements().first().map(TopicPartitionListElem::offset) {
            Some(Offset::Offset(committed)) => (first - committed).max(0),
            // It begins.
            _ => 0,
        },
        Err(error) => {
            tracing::debug!(%error, "it is not known whether records were missed");
            0
        }
    }
}

fn commit(consumer: &StreamConsumer<Member>, list: &TopicPartitionList) -> KafkaResult<()> {
    let mut attempt = 0;
    loop {
        let code = match consumer.commit(list, CommitMode::Sync) {
            Ok(()) => return Ok(()),
            Err(KafkaError::ConsumerCommit(code)) => code,
            Err(error) => return Err(error),
        };
        match code {
            // Nothing to say, or the partitions are others' by now: they do the work again.
            RDKafkaErrorCode::NoOffset
            | RDKafkaErrorCode::IllegalGeneration
            | RDKafkaErrorCode::UnknownMemberId
            | RDKafkaErrorCode::FencedInstanceId
            | RDKafkaErrorCode::AssignmentLost => return Ok(()),
            RDKafkaErrorCode::RebalanceInProgress if attempt < COMMIT_ATTEMPTS => {
                attempt += 1;
                std::thread::sleep(COMMIT_PAUSE);
            }
            code => return Err(KafkaError::ConsumerCommit(code)),
        }
    }
}

fn received(partition: &Partition, message: &BorrowedMessage<'_>) -> Received {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let header = |name: &str| {
        let headers = message.headers()?;
        let found = headers.iter().find(|header| header.key == name)?;
        found.value.map(text)
    };
    Received {
        position: message.offset(),
        record: Record {
            topic: partition.topic.clone(),
            key: message.key().map(text).unwrap_or_default(),
            event_type: header(EVENT_TYPE).unwrap_or_default(),
            event: Bytes::copy_from_slice(message.payload().unwrap_or_default()),
            traceparent: header(TRACEPARENT),
        },
    }
}
