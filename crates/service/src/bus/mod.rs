//! The event bus: carries records from the relays to the consumers, at least once, in order per key.
//!
//! Two buses do the same: `log`, a PostgreSQL database, and `kafka`. What each of them gives:
//!
//! ```text
//! Bus         publish(&self, &[Record]) -> Result<(), Fault>          all of them are durable, or an error (then some may be)
//!             join(&self, group, topics) -> Result<Membership, Fault> becomes a member of a group; topics need not exist yet
//!             lag(&self, group, topics) -> Result<Vec<Lag>, Fault>    per partition; also for a group that never read
//!             describe(&self) -> String                               for people: what and where
//!             close(&self)                                            after the last use; sends what is buffered
//! Membership  next(&mut self) -> Result<Batch, Fault>                 waits; may be dropped while it waits; after an error call it again
//!             commit(&mut self, &Partition, next) -> Result<(), Fault>
//!             leave(self)                                             hands its partitions on at once; dropping it is a crash
//! ```
//!
//! - **Order.** Records of one key go to one partition, in the order of `publish`. A partition belongs to
//!   one member of a group at a time, save for the moment in which a member that lost it has not noticed.
//! - **Back-pressure.** A partition that has given a [`Batch`] gives no other until `commit` was called with
//!   the position after the batch's last record: a member holds at most one batch of each partition. `commit`
//!   with an earlier position keeps progress. When `commit` fails the partition still goes on: a later
//!   commit covers it, and a crash in between repeats records.
//! - **A lost partition.** [`Batch::lost`] is cancelled when the partition goes to another member; work on it
//!   may stop there. A commit for it then changes nothing and is no error. Nothing breaks when the work is
//!   finished all the same: effects happen once by the inbox.
//! - A group that never committed reads from the oldest record there is.
//! - Topics are made on first use, by `publish` and by `join`.
//! - Unreachable is `UNAVAILABLE`, so that whoever calls tries again.

use bytes::Bytes;
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
