//! The task behind a member: reads its partitions, reports that it lives, writes its positions. It does one
//! thing after the other, so nothing of it is ever cut off in the middle.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use kernel::Fault;
use tokio::{
    sync::{broadcast, mpsc},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    LogBus,
    lease::{self, Member},
    membership::Order,
    records::fetch,
};
use crate::bus::{Batch, Partition};

/// How long readers wait for a wake-up before they look by themselves.
const LOOK: Duration = Duration::from_secs(1);
/// How long the task waits after the database has failed it.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

pub(super) struct Driver {
    bus: LogBus,
    member: Member,
    batches: mpsc::UnboundedSender<Batch>,
    wake: broadcast::Receiver<Arc<str>>,
    owned: BTreeMap<Partition, Owned>,
    /// Positions to be written.
    committed: BTreeMap<Partition, i64>,
    next_report: Instant,
    next_look: Instant,
}

/// A partition that is this member's.
struct Owned {
    /// The first position that has not been given out.
    cursor: i64,
    /// The position after the batch that is under way.
    under_way: Option<i64>,
    lost: CancellationToken,
}

impl Driver {
    #[expect(
        clippy::disallowed_methods,
        reason = "names a member of a group; nothing that is stored for long"
    )]
    pub(super) fn new(
        bus: LogBus,
        group: &str,
        topics: &[&str],
        batches: mpsc::UnboundedSender<Batch>,
    ) -> Self {
        let member = Member {
            id: Uuid::now_v7(),
            group: group.to_owned(),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            lease: bus.0.settings.lease,
        };
        Self {
            wake: bus.0.wake.subscribe(),
            bus,
            member,
            batches,
            owned: BTreeMap::new(),
            committed: BTreeMap::new(),
            next_report: Instant::now(),
            next_look: Instant::now(),
        }
    }

    /// Works until the member leaves or is dropped.
    pub(super) async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            // Whoever says nothing for as long as a lease is dead to the group; so is a connection to us.
            let step = tokio::time::timeout(self.member.lease, self.step()).await;
            if let Err(fault) = step.map_err(Fault::unavailable).flatten() {
                tracing::warn!(
                    group = self.member.group,
                    cause = fault.chain(),
                    "the log does not answer"
                );
                let again = Instant::now() + AFTER_FAILURE;
                self.next_look = self.next_look.max(again);
                self.next_report = self.next_report.max(again);
            }
            let until = self.next_look.min(self.next_report);
            let order = tokio::select! {
                order = orders.recv() => Some(order),
                () = woken(&mut self.wake, &self.member.topics) => {
                    self.next_look = self.next_look.min(Instant::now());
                    None
                }
                () = tokio::time::sleep_until(until) => None,
            };
            let mut next = order;
            while let Some(order) = next {
                match order {
                    Some(Order::Commit(partition, position)) => self.note(&partition, position),
                    Some(Order::Leave(done)) => {
                        self.leave().await;
                        let _nobody_waits = done.send(());
                        return;
                    }
                    // The membership was dropped: as a crash.
                    None => {
                        self.lose_all();
                        return;
                    }
                }
                next = orders.try_recv().ok().map(Some);
            }
        }
    }

    async fn step(&mut self) -> Result<(), Fault> {
        if !self.committed.is_empty() {
            lease::commit(&self.bus.0.db, &self.member, &self.committed).await?;
            self.committed.clear();
        }
        if Instant::now() >= self.next_report {
            self.report().await?;
        }
        if Instant::now() >= self.next_look {
            self.look().await?;
        }
        Ok(())
    }

    /// Reports, takes what is free, begins to give back what is too much.
    async fn report(&mut self) -> Result<(), Fault> {
        let give_back: Vec<Partition> = self
            .owned
            .iter()
            .filter(|(_, owned)| owned.lost.is_cancelled() && owned.under_way.is_none())
            .map(|(partition, _)| partition.clone())
            .collect();
        let report = lease::report(&self.bus.0.db, &self.member, &give_back).await?;
        self.next_report = Instant::now() + self.member.lease / 4;
        let mut lost: BTreeSet<Partition> = self.owned.keys().cloned().collect();
        for (partition, committed) in &report.owned {
            lost.remove(partition);
            self.owned
                .entry(partition.clone())
                .or_insert_with(|| Owned {
                    cursor: *committed,
                    under_way: None,
                    lost: CancellationToken::new(),
                });
            // Given out for the first time, or given back and got again.
            self.next_look = self.next_look.min(Instant::now());
        }
        for partition in lost {
            if let Some(owned) = self.owned.remove(&partition) {
                owned.lost.cancel();
            }
        }
        self.give_back_surplus(&report.share);
        Ok(())
    }

    /// Ends the work on partitions above the share; idle ones first. They are released by a later report.
    fn give_back_surplus(&mut self, share: &BTreeMap<String, usize>) {
        for (topic, share) in share {
            let mut kept: Vec<&Owned> = self
                .owned
                .iter()
                .filter(|(partition, owned)| {
                    partition.topic == *topic && !owned.lost.is_cancelled()
                })
                .map(|(_, owned)| owned)
                .collect();
            let surplus = kept.len().saturating_sub(*share);
            kept.sort_by_key(|owned| owned.under_way.is_some());
            for owned in kept.into_iter().take(surplus) {
                owned.lost.cancel();
                self.next_report = Instant::now();
            }
        }
    }

    /// Reads every partition that has nothing under way.
    async fn look(&mut self) -> Result<(), Fault> {
        let from: Vec<(Partition, i64)> = self
            .owned
            .iter()
            .filter(|(_, owned)| owned.under_way.is_none() && !owned.lost.is_cancelled())
            .map(|(partition, owned)| (partition.clone(), owned.cursor))
            .collect();
        self.next_look = Instant::now() + LOOK;
        if from.is_empty() {
            return Ok(());
        }
        for (partition, records) in fetch(&self.bus.0.db, &from).await? {
            let (Some(owned), Some(last)) = (self.owned.get_mut(&partition), records.last()) else {
                continue;
            };
            // A group that begins has missed nothing.
            let missed = match records.first() {
                Some(first) if owned.cursor > 0 => first.position - owned.cursor,
                _ => 0,
            };
            owned.cursor = last.position + 1;
            owned.under_way = Some(owned.cursor);
            let batch = Batch {
                partition,
                records,
                missed,
                lost: owned.lost.clone(),
            };
            // Fails when the membership was dropped, which ends this task at its next order.
            drop(self.batches.send(batch));
        }
        Ok(())
    }

    /// Notes a commit, and whether its partition may give the next batch.
    fn note(&mut self, partition: &Partition, position: i64) {
        let Some(owned) = self.owned.get_mut(partition) else {
            return;
        };
        self.committed.insert(partition.clone(), position);
        if owned.lost.is_cancelled() {
            owned.under_way = None;
            self.next_report = Instant::now();
        } else if owned.under_way.is_some_and(|end| position >= end) {
            owned.under_way = None;
            self.next_look = Instant::now();
        }
    }

    async fn leave(&mut self) {
        self.lose_all();
        let left = async {
            lease::commit(&self.bus.0.db, &self.member, &self.committed).await?;
            lease::leave(&self.bus.0.db, &self.member).await
        };
        if let Err(fault) = left.await {
            tracing::warn!(
                group = self.member.group,
                cause = fault.chain(),
                "not left in order; others take over when the lease has expired"
            );
        }
    }

    fn lose_all(&mut self) {
        for owned in self.owned.values() {
            owned.lost.cancel();
        }
    }
}

/// Resolves when one of `topics` may have something new.
async fn woken(wake: &mut broadcast::Receiver<Arc<str>>, topics: &[String]) {
    loop {
        match wake.recv().await {
            Ok(topic) if topics.iter().any(|known| **known == *topic) => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
