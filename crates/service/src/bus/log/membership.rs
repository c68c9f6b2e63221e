//! What a member of a group holds: the two ends of the channels to its [`driver`](super::driver).

use kernel::Fault;
use tokio::sync::{mpsc, oneshot};

use super::{LogBus, driver::Driver};
use crate::bus::{Batch, Partition};

/// What a member tells its driver.
pub(super) enum Order {
    /// The group is done with everything before the position.
    Commit(Partition, i64),
    /// Hand everything on and end.
    Leave(oneshot::Sender<()>),
}

/// A member of a group of the log. A task reads and reports for it; dropping the membership ends that task
/// as a crash would.
pub struct LogMembership {
    // Both are bounded by the protocol: a partition has one batch under way, and its few commits.
    batches: mpsc::UnboundedReceiver<Batch>,
    orders: mpsc::UnboundedSender<Order>,
}

impl LogMembership {
    pub(super) fn start(bus: LogBus, group: &str, topics: &[&str]) -> Self {
        let (to_member, batches) = mpsc::unbounded_channel();
        let (orders, from_member) = mpsc::unbounded_channel();
        tokio::spawn(Driver::new(bus, group, topics, to_member).run(from_member));
        Self { batches, orders }
    }

    /// The next batch of any partition.
    ///
    /// # Errors
    /// [`Fault`] when the member's task has ended, which only a defect makes it do.
    pub async fn next(&mut self) -> Result<Batch, Fault> {
        let ended = || Fault::internal("the task of a member of the log has ended");
        self.batches.recv().await.ok_or_else(ended)
    }

    /// See [`crate::bus`].
    pub fn commit(&self, partition: &Partition, next: i64) {
        // Fails when the task has ended, which `next` tells.
        drop(self.orders.send(Order::Commit(partition.clone(), next)));
    }

    /// Writes what was committed and hands the partitions on.
    pub async fn leave(self) {
        let (done, left) = oneshot::channel();
        if self.orders.send(Order::Leave(done)).is_ok() {
            // An error means that the task is gone, and so is the member.
            drop(left.await);
        }
    }
}
