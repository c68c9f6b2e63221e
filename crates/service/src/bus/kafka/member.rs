//! Reading as a member of a group.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt as _;
use kernel::Fault;
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{CommitMode, Consumer as _, StreamConsumer},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    message::{BorrowedMessage, Headers as _},
};

use super::{
    context::{Member, fault},
    held::Flow,
};
use crate::bus::{BATCH_RECORDS, Batch, Partition, Received, Record};

/// The header with the kind of event.
pub(super) const EVENT_TYPE: &str = "eventType";
/// The header with the W3C trace context.
pub(super) const TRACEPARENT: &str = "traceparent";

/// How long a commit may take before it counts as failed.
const COMMIT_LIMIT: Duration = Duration::from_secs(10);
/// A commit that meets a rebalance is tried again this often, after a pause.
const COMMIT_ATTEMPTS: u32 = 10;
const COMMIT_PAUSE: Duration = Duration::from_millis(100);

/// A member of a group of consumers. Dropping it leaves the group without saying how far it came.
pub struct KafkaMembership {
    /// Always there until it leaves.
    consumer: Option<Arc<StreamConsumer<Member>>>,
    context: Member,
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
        Ok(Self {
            consumer: Some(Arc::new(consumer)),
            context,
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
        let consumer = self.consumer()?;
        loop {
            let taken = self.context.held().take();
            if let Some((batch, flow)) = taken {
                self.steer(consumer, &batch.partition, flow)?;
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
        self.steer(consumer, &partition, flow)
    }

    /// Pauses or resumes the reading of a partition.
    fn steer(
        &self,
        consumer: &StreamConsumer<Member>,
        partition: &Partition,
        flow: Flow,
    ) -> Result<(), Fault> {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.context.topic(partition), partition.number);
        match flow {
            Flow::Unchanged => Ok(()),
            Flow::Pause => consumer.pause(&list),
            Flow::Resume => consumer.resume(&list),
        }
        .map_err(|error| fault("pausing", error))
    }

    /// See [`crate::bus`].
    ///
    /// # Errors
    /// [`Fault`] when the cluster does not answer; the next commit makes up for it.
    pub async fn commit(&mut self, partition: &Partition, next: i64) -> Result<(), Fault> {
        let consumer = Arc::clone(self.consumer()?);
        if !self.context.held().done(partition, next) {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(
            &self.context.topic(partition),
            partition.number,
            Offset::Offset(next),
        )
        .map_err(|error| fault("committing", error))?;
        let committed = tokio::task::spawn_blocking(move || commit(&consumer, &list));
        match tokio::time::timeout(COMMIT_LIMIT, committed).await {
            Ok(committed) => {
                committed?.map_err(|error| fault("committing", error))?;
                self.context.held().committed(partition, next);
                Ok(())
            }
            Err(_) => Err(Fault::unavailable(format!(
                "Kafka: no answer to a commit within {} s",
                COMMIT_LIMIT.as_secs()
            ))),
        }
    }

    /// Hands its partitions on at once.
    pub async fn leave(mut self) {
        self.context.held().lose_all();
        let consumer = self.consumer.take();
        // Leaving waits for the group's answer.
        drop(tokio::task::spawn_blocking(move || drop(consumer)).await);
    }
}

impl Drop for KafkaMembership {
    fn drop(&mut self) {
        self.context.held().lose_all();
        if let Some(consumer) = self.consumer.take() {
            std::thread::spawn(move || drop(consumer));
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
