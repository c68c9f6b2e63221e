//! Wake-ups for live subscriptions: "something new is there for this channel". What is new is always
//! read from the database, so a lost wake-up delays and never loses.

use std::sync::Arc;

use tokio::sync::broadcast;

/// How many wake-ups a listener may lag behind before it is told to look everywhere.
const BACKLOG: usize = 4_096;

/// Carries wake-ups between whoever writes and whoever listens.
#[derive(Clone)]
pub struct Live {
    sender: broadcast::Sender<Arc<str>>,
}

/// Hears the wake-ups of one channel.
pub struct Listener {
    channel: Arc<str>,
    receiver: broadcast::Receiver<Arc<str>>,
}

impl Live {
    /// Wake-ups within this process.
    #[must_use]
    pub fn local() -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
        }
    }

    /// Wakes the listeners of `channel`. Call it after the commit.
    pub fn wake(&self, channel: &str) {
        // Nobody may be listening.
        drop(self.sender.send(channel.into()));
    }

    /// Begins to hear `channel`. Begin before reading what is there already, so that nothing falls between.
    #[must_use]
    pub fn listen(&self, channel: &str) -> Listener {
        Listener {
            channel: channel.into(),
            receiver: self.sender.subscribe(),
        }
    }
}

impl Listener {
    /// Resolves when there may be something new; never when the process ends.
    pub async fn changed(&mut self) {
        loop {
            match self.receiver.recv().await {
                Ok(channel) if channel == self.channel => return,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
