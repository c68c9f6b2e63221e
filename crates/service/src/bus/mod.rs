//! The event bus: carries records from the relays to the consumers, at least once, in order per key.
//!
//! Two buses do the same: [`log`], a PostgreSQL database, and `kafka`. What each of them gives:
//!
//! ```text
//! Bus         publish(&self, &[Record]) -> Result<(), Fault>          all of them are durable, or an error (then some may be)
//!             join(&self, group, topics) -> Result<Membership, Fault> becomes a member of a group; topics need not exist yet
//!             lag(&self, group, topics) -> Result<Vec<Lag>, Fault>    per partition; also for a group that never read
//!             describe(&self) -> String                               for people: what and where
//!             close(&self)                                            after the last use; sends what is buffered
//! Membership  next(&mut self) -> Result<Batch, Fault>                 waits; may be dropped while it waits; after an error that may pass call it again
//!             commit(&self, &Partition, next)                         says how far the work is; written soon, all partitions together
//!             leave(self)                                             writes what is not written yet and hands its partitions on; dropping it is a crash
//! ```
//!
//! - **Order.** Records of one key go to one partition, in the order of `publish`. A partition belongs to
//!   one member of a group at a time, save for the moment in which a member that lost it has not noticed.
//! - **Back-pressure.** A partition that has given a [`Batch`] gives no other until `commit` was called with
//!   the position after the batch's last record: a member holds at most one batch of each partition. `commit`
//!   with an earlier position keeps progress. The partition goes on before the position is written, and also
//!   when that fails (it is tried again): a crash in between repeats records.
//! - **A lost partition.** [`Batch::lost`] is cancelled when the partition goes to another member; work on it
//!   may stop there. A commit for it then changes nothing and is no error. Nothing breaks when the work is
//!   finished all the same: effects happen once by the inbox.
//! - A group that never committed reads from the oldest record there is. One whose position is before the
//!   oldest goes on there as well: [`Batch::missed`] says what it will never see.
//! - Topics are made on first use, by `publish` and by `join`.
//! - Unreachable is `UNAVAILABLE`, so that whoever calls tries again.

pub mod kafka;
pub mod log;

use bytes::Bytes;
use kernel::Fault;
use tokio_util::sync::CancellationToken;

/// The most records in one [`Batch`].
pub const BATCH_RECORDS: usize = 100;

/// What is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `<subgraph>.<aggregateType>`.
    pub topic: String,
    /// The aggregate's id: what keeps order.
    pub key: String,
    /// Kind of event, readable without the envelope.
    pub event_type: String,
    /// The envelope (docs/events.md) as JSON text; a consumer must be ready for anything else.
    pub event: Bytes,
    /// W3C trace context of the request behind it.
    pub traceparent: Option<String>,
}

/// A part of a topic with an order of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition {
    /// Its topic.
    pub topic: String,
    /// Its number, from 0.
    pub number: i32,
}

/// A record with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Position in the partition; grows, gaps are possible.
    pub position: i64,
    /// What was published.
    pub record: Record,
}

/// Records of one partition in their order, at least one and at most [`BATCH_RECORDS`].
#[derive(Debug)]
pub struct Batch {
    /// Where they come from.
    pub partition: Partition,
    /// What came.
    pub records: Vec<Received>,
    /// How many records before these were deleted, by their age, before the group had read them.
    pub missed: i64,
    /// Cancelled when the partition goes to another member.
    pub lost: CancellationToken,
}

/// How far a group is behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// Where.
    pub partition: Partition,
    /// Records that were published and not committed by the group.
    pub records: i64,
}

/// Where events travel. Cheap to clone.
#[derive(Clone)]
pub enum Bus {
    /// In a PostgreSQL database.
    Log(log::LogBus),
    /// Apache Kafka.
    Kafka(kafka::KafkaBus),
}

impl Bus {
    /// Publishes `records`: they are durable afterwards. Those of one key keep their order.
    ///
    /// # Errors
    /// [`Fault`] when it is not certain that all of them are durable. Publish all of them again.
    pub async fn publish(&self, records: &[Record]) -> Result<(), Fault> {
        match self {
            Self::Log(log) => log.publish(records).await,
            Self::Kafka(kafka) => kafka.publish(records).await,
        }
    }

    /// Becomes a member of `group`, which reads `topics`.
    ///
    /// # Errors
    /// [`Fault`] when the bus does not answer.
    pub async fn join(&self, group: &str, topics: &[&str]) -> Result<Membership, Fault> {
        match self {
            Self::Log(log) => Ok(Membership::Log(log.join(group, topics).await?)),
            Self::Kafka(kafka) => Ok(Membership::Kafka(kafka.join(group, topics).await?)),
        }
    }

    /// How far `group` is behind, for each partition of `topics`.
    ///
    /// # Errors
    /// [`Fault`] when the bus does not answer.
    pub async fn lag(&self, group: &str, topics: &[&str]) -> Result<Vec<Lag>, Fault> {
        match self {
            Self::Log(log) => log.lag(group, topics).await,
            Self::Kafka(kafka) => kafka.lag(group, topics).await,
        }
    }

    /// Deletes what is past its retention, where the bus does not do so by itself.
    ///
    /// # Errors
    /// [`Fault`] when the bus does not answer.
    pub async fn sweep(&self) -> Result<u64, Fault> {
        match self {
            Self::Log(log) => log.sweep().await,
            // The brokers do, by the topics' own setting.
            Self::Kafka(_) => Ok(0),
        }
    }

    /// What and where it is, for people.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Log(log) => log.describe(),
            Self::Kafka(kafka) => kafka.describe(),
        }
    }

    /// Ends it after its last use.
    pub async fn close(&self) {
        match self {
            Self::Log(log) => log.close().await,
            Self::Kafka(kafka) => kafka.close().await,
        }
    }
}

/// A member of a group. Dropping it is like a crash: others take over after a while.
pub enum Membership {
    /// Of the PostgreSQL log.
    Log(log::LogMembership),
    /// Of a Kafka cluster.
    Kafka(kafka::KafkaMembership),
}

impl Membership {
    /// Waits for the next batch of any partition. May be dropped while it waits; nothing is lost.
    ///
    /// # Errors
    /// [`Fault`] when the bus does not answer; call it again after a pause. One that cannot pass
    /// ([`may_pass`](crate::db::may_pass)) is a defect: join again.
    pub async fn next(&mut self) -> Result<Batch, Fault> {
        match self {
            Self::Log(log) => log.next().await,
            Self::Kafka(kafka) => kafka.next().await,
        }
    }

    /// Says that the group is done with everything in `partition` before `next`. Call it when the work on a
    /// batch has ended, also when that was before its end.
    pub fn commit(&self, partition: &Partition, next: i64) {
        match self {
            Self::Log(log) => log.commit(partition, next),
            Self::Kafka(kafka) => kafka.commit(partition, next),
        }
    }

    /// Writes how far the work is and hands the partitions on at once.
    pub async fn leave(self) {
        match self {
            Self::Log(log) => log.leave().await,
            Self::Kafka(kafka) => kafka.leave().await,
        }
    }
}
