//! The partitions that a member holds, with what was read of them and is not worked on yet.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use tokio_util::sync::CancellationToken;

use crate::bus::{BATCH_RECORDS, Batch, Partition, Received};

/// Read-ahead of one partition at which its reading is paused.
const MOST: usize = 5 * BATCH_RECORDS;
/// Read-ahead at which it goes on.
const FEW: usize = BATCH_RECORDS;

/// What happens to the reading of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Unchanged,
    Pause,
    Resume,
}

#[derive(Default)]
pub(super) struct Held {
    partitions: BTreeMap<Partition, State>,
    /// The partition that gave the last batch: the next ones have their turn first.
    last: Option<Partition>,
}

#[derive(Default)]
struct State {
    ahead: VecDeque<Received>,
    /// Position after the last record that was read.
    read: i64,
    /// Position after the batch that is being worked on.
    out: Option<i64>,
    /// Everything before it is done.
    done: i64,
    /// What of that the group knows.
    committed: i64,
    /// Whether it is known what the group missed before the first record.
    is_checked: bool,
    /// Records that were deleted unread and that no batch has told of.
    missed: i64,
    is_paused: bool,
    lost: CancellationToken,
}

impl Held {
    pub(super) fn gain(&mut self, partition: Partition) {
        self.partitions.entry(partition).or_default();
    }

    pub(super) fn lose(&mut self, partition: &Partition) {
        if let Some(state) = self.partitions.remove(partition) {
            state.lost.cancel();
        }
    }

    pub(super) fn lose_all(&mut self) {
        for (_, state) in std::mem::take(&mut self.partitions) {
            state.lost.cancel();
        }
    }

    /// Keeps a record that was read.
    pub(super) fn keep(&mut self, partition: &Partition, received: Received) -> Flow {
        let Some(state) = self.partitions.get_mut(partition) else {
            return Flow::Unchanged;
        };
        // After a pause the client may give again what it gave before.
        if received.position < state.read {
            return Flow::Unchanged;
        }
        if state.read > 0 {
            state.missed += received.position - state.read;
        }
        state.read = received.position + 1;
        state.ahead.push_back(received);
        if state.ahead.len() < MOST || state.is_paused {
            return Flow::Unchanged;
        }
        state.is_paused = true;
        Flow::Pause
    }

    /// A partition whose first record is here and which may have lost some before it, with that record's position.
    pub(super) fn unchecked(&self) -> Option<(Partition, i64)> {
        self.partitions.iter().find_map(|(partition, state)| {
            let first = state.ahead.front()?.position;
            (!state.is_checked && first > 0).then(|| (partition.clone(), first))
        })
    }

    /// Notes what the group missed before the first record.
    pub(super) fn checked(&mut self, partition: &Partition, missed: i64) {
        if let Some(state) = self.partitions.get_mut(partition) {
            state.is_checked = true;
            state.missed += missed;
        }
    }

    /// The next batch of a partition that is not being worked on.
    pub(super) fn take(&mut self) -> Option<(Batch, Flow)> {
        let from = self.last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let is_ready =
            |(_, state): &(&Partition, &State)| state.out.is_none() && !state.ahead.is_empty();
        let mut later = self.partitions.range((from, Bound::Unbounded));
        let found = later
            .find(is_ready)
            .or_else(|| self.partitions.iter().find(is_ready));
        let partition = found?.0.clone();
        let state = self.partitions.get_mut(&partition)?;
        let length = state.ahead.len().min(BATCH_RECORDS);
        let records: Vec<Received> = state.ahead.drain(..length).collect();
        state.is_checked = true;
        state.out = records.last().map(|last| last.position + 1);
        let flow = if state.is_paused && state.ahead.len() <= FEW {
            state.is_paused = false;
            Flow::Resume
        } else {
            Flow::Unchanged
        };
        self.last = Some(partition.clone());
        let batch = Batch {
            partition,
            records,
            missed: std::mem::take(&mut state.missed),
            lost: state.lost.clone(),
        };
        Some((batch, flow))
    }

    /// Notes that everything before `next` is done.
    pub(super) fn done(&mut self, partition: &Partition, next: i64) {
        if let Some(state) = self.partitions.get_mut(partition) {
            state.done = next.max(state.done);
            if state.out.is_some_and(|out| out <= next) {
                state.out = None;
            }
        }
    }

    /// The positions that the group does not know yet.
    pub(super) fn uncommitted(&self) -> Vec<(Partition, i64)> {
        let behind = |(partition, state): (&Partition, &State)| {
            (state.done > state.committed).then(|| (partition.clone(), state.done))
        };
        self.partitions.iter().filter_map(behind).collect()
    }

    /// Notes that the group knows `positions`.
    pub(super) fn committed(&mut self, positions: &[(Partition, i64)]) {
        for (partition, next) in positions {
            if let Some(state) = self.partitions.get_mut(partition) {
                state.committed = state.committed.max(*next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::bus::Record;

    fn partition(number: i32) -> Partition {
        Partition {
            topic: "t".to_owned(),
            number,
        }
    }

    fn received(position: i64) -> Received {
        Received {
            position,
            record: Record {
                topic: "t".to_owned(),
                key: String::new(),
                event_type: String::new(),
                event: Bytes::new(),
                traceparent: None,
            },
        }
    }

    fn held(partitions: i32) -> Held {
        let mut held = Held::default();
        (0..partitions).for_each(|number| held.gain(partition(number)));
        held
    }

    fn positions(batch: &Batch) -> Vec<i64> {
        batch.records.iter().map(|it| it.position).collect()
    }

    #[test]
    fn a_partition_gives_one_batch_at_a_time_until_it_is_done() {
        let mut held = held(1);
        for position in 0..150 {
            held.keep(&partition(0), received(position));
        }
        let (batch, _) = held.take().unwrap();
        assert_eq!(positions(&batch), (0..100).collect::<Vec<_>>());
        assert!(held.take().is_none());
        held.done(&partition(0), 40);
        assert_eq!(held.uncommitted(), [(partition(0), 40)], "progress is kept");
        assert!(held.take().is_none(), "the batch is not done");
        held.done(&partition(0), 100);
        held.done(&partition(0), 70);
        assert_eq!(held.uncommitted(), [(partition(0), 100)]);
        held.committed(&[(partition(0), 40)]);
        assert_eq!(held.uncommitted(), [(partition(0), 100)]);
        held.committed(&[(partition(0), 100)]);
        assert_eq!(held.uncommitted(), []);
        let (batch, _) = held.take().unwrap();
        assert_eq!(positions(&batch), (100..150).collect::<Vec<_>>());
    }

    #[test]
    fn partitions_take_turns() {
        let mut held = held(3);
        for position in 0..300 {
            for number in [0, 2] {
                held.keep(&partition(number), received(position));
            }
        }
        let mut order = Vec::new();
        while let Some((batch, _)) = held.take() {
            order.push(batch.partition.number);
            let next = batch.records.last().unwrap().position + 1;
            held.done(&batch.partition, next);
        }
        assert_eq!(order, [0, 2, 0, 2, 0, 2]);
    }

    #[test]
    fn reading_ahead_is_bounded_and_goes_on_without_repeating() {
        let mut held = held(1);
        let flows: Vec<Flow> = (0..510)
            .map(|position| held.keep(&partition(0), received(position)))
            .collect();
        assert_eq!(flows.iter().filter(|flow| **flow == Flow::Pause).count(), 1);
        assert_eq!(flows[499], Flow::Pause);
        // What was fetched and not given yet is fetched again.
        held.keep(&partition(0), received(508));
        let mut seen = Vec::new();
        let mut resumed = 0;
        while let Some((batch, flow)) = held.take() {
            resumed += usize::from(flow == Flow::Resume);
            seen.extend(positions(&batch));
            held.done(&batch.partition, seen.len().try_into().unwrap());
        }
        assert_eq!(seen, (0..510).collect::<Vec<_>>());
        assert_eq!(resumed, 1);
    }

    #[test]
    fn what_was_deleted_unread_is_told_once() {
        let mut held = held(2);
        held.keep(&partition(0), received(0));
        assert_eq!(held.unchecked(), None, "it begins with the first of all");
        held.keep(&partition(1), received(7));
        assert_eq!(held.unchecked(), Some((partition(1), 7)));
        held.checked(&partition(1), 3);
        assert_eq!(held.unchecked(), None);
        // Deleted while it was being read.
        held.keep(&partition(1), received(10));
        let missed: Vec<i64> = std::iter::from_fn(|| held.take())
            .map(|(batch, _)| batch.missed)
            .collect();
        assert_eq!(missed, [0, 3 + 2]);
        held.done(&partition(1), 11);
        held.keep(&partition(1), received(11));
        assert_eq!(held.take().unwrap().0.missed, 0);
    }

    #[test]
    fn what_was_lost_is_forgotten_and_its_work_told() {
        let mut held = held(2);
        for number in 0..2 {
            held.keep(&partition(number), received(7));
        }
        let (batch, _) = held.take().unwrap();
        held.lose(&batch.partition);
        assert!(batch.lost.is_cancelled());
        held.done(&batch.partition, 8);
        assert_eq!(held.uncommitted(), [], "nothing to commit");
        held.keep(&batch.partition, received(8));
        let (other, _) = held.take().unwrap();
        assert_eq!(other.partition.number, 1);
        assert!(held.take().is_none());
        held.lose_all();
        assert!(other.lost.is_cancelled());
    }
}
