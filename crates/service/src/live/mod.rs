//! Wake-ups for live subscriptions: "something new is there for this channel". What is new is always
//! read from the database, so a lost wake-up delays and never loses.

mod redis;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kernel::Fault;
use tokio::sync::watch;
use tokio_util::sync::DropGuard;

/// How long a listener trusts that it would be woken: a wake-up that was lost delays by this at most.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Carries wake-ups between whoever writes and whoever listens.
#[derive(Clone)]
pub struct Live {
    local: Arc<Local>,
    others: Option<Arc<Others>>,
    look_again: Duration,
}

/// The way to the other processes.
struct Others {
    queue: redis::Queue,
    _ends_tasks: DropGuard,
}

/// The listeners of this process, by channel: a wake-up costs what its own listeners cost.
#[derive(Default)]
struct Local(Mutex<HashMap<Arc<str>, watch::Sender<()>>>);

/// Hears the wake-ups of one channel.
pub struct Listener {
    channel: Arc<str>,
    receiver: watch::Receiver<()>,
    local: Arc<Local>,
    look_again: Duration,
}

impl Live {
    /// Wake-ups within this process.
    #[must_use]
    pub fn local() -> Self {
        Self {
            local: Arc::default(),
            others: None,
            look_again: LOOK_AGAIN,
        }
    }

    /// Wake-ups also between processes, through the Redis server at `url`. While it is away, each process wakes
    /// its own listeners only; when it is back, every listener is woken once, for what it may have missed.
    ///
    /// # Errors
    /// [`Fault`] when `url` is none. A server that does not answer is not an error.
    pub fn redis(url: &str) -> Result<Self, Fault> {
        let local = Arc::new(Local::default());
        let (queue, ends_tasks) = redis::start(url, &local)?;
        Ok(Self {
            local,
            others: Some(Arc::new(Others {
                queue,
                _ends_tasks: ends_tasks,
            })),
            look_again: LOOK_AGAIN,
        })
    }

    /// Asks the Redis server at `url` for a sign of life, for whoever looks after it.
    ///
    /// # Errors
    /// [`Fault`] when `url` is none, or the server does not answer within some seconds.
    pub async fn ask_redis(url: &str) -> Result<(), Fault> {
        redis::ask(url).await
    }

    /// Wakes the listeners of `channel`. Call it after the commit.
    pub fn wake(&self, channel: &str) {
        self.local.wake(channel);
        if let Some(others) = &self.others {
            others.queue.send(channel);
        }
    }

    /// Wakes the listeners of `channel` in this process.
    pub fn wake_here(&self, channel: &str) {
        self.local.wake(channel);
    }

    /// Begins to hear `channel`. Begin before reading what is there already, so that nothing falls between.
    #[must_use]
    pub fn listen(&self, channel: &str) -> Listener {
        let mut channels = self.local.channels();
        let (channel, receiver) = match channels.get_key_value(channel) {
            Some((channel, sender)) => (Arc::clone(channel), sender.subscribe()),
            None => {
                let channel: Arc<str> = channel.into();
                let (sender, receiver) = watch::channel(());
                channels.insert(Arc::clone(&channel), sender);
                (channel, receiver)
            }
        };
        drop(channels);
        Listener {
            channel,
            receiver,
            local: Arc::clone(&self.local),
            look_again: self.look_again,
        }
    }
}

impl Local {
    fn channels(&self) -> MutexGuard<'_, HashMap<Arc<str>, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, channel: &str) {
        if let Some(sender) = self.channels().get(channel) {
            sender.send_modify(|()| {});
        }
    }

    fn wake_all(&self) {
        for sender in self.channels().values() {
            sender.send_modify(|()| {});
        }
    }
}

impl Listener {
    /// Resolves when there may be something new since it did so last, and after half a minute in any case.
    pub async fn changed(&mut self) {
        // The sender stays as long as it has listeners, so waiting for it does not fail; whoever is woken looks.
        drop(tokio::time::timeout(self.look_again, self.receiver.changed()).await);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut channels = self.local.channels();
        // Under the lock nobody subscribes: the one that is left is this.
        let is_last = channels
            .get(&self.channel)
            .is_some_and(|sender| sender.receiver_count() == 1);
        if is_last {
            channels.remove(&self.channel);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn is_woken(listener: &mut Listener) -> bool {
        listener.changed().now_or_never().is_some()
    }

    #[tokio::test]
    async fn whoever_is_not_woken_looks_again_after_a_while() {
        let mut live = Live::local();
        live.look_again = Duration::from_millis(10);
        let mut listener = live.listen("a");
        let patience = Duration::from_secs(20);
        assert!(
            tokio::time::timeout(patience, listener.changed())
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn only_the_listeners_of_a_channel_are_woken_and_once_for_many() {
        let live = Live::local();
        let (mut one, mut same) = (live.listen("a"), live.listen("a"));
        let mut other = live.listen("b");
        assert!(!is_woken(&mut one));
        live.wake("a");
        live.wake("a");
        live.wake("nobody");
        assert!(is_woken(&mut one));
        assert!(!is_woken(&mut one), "what came together is one wake-up");
        assert!(is_woken(&mut same));
        assert!(!is_woken(&mut other));
        live.local.wake_all();
        assert!(is_woken(&mut one) && is_woken(&mut other));
    }

    #[tokio::test]
    async fn channels_without_listeners_are_forgotten() {
        let live = Live::local();
        let (one, mut two) = (live.listen("a"), live.listen("a"));
        drop(one);
        live.wake("a");
        assert!(is_woken(&mut two));
        drop(two);
        assert!(live.local.channels().is_empty());
    }
}
