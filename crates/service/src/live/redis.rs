//! Wake-ups between processes: one pub/sub channel of Redis that carries names of channels.
//!
//! Nothing is kept there: what a process misses while the server is away is made good by waking everybody.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt as _;
use kernel::Fault;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult, aio::MultiplexedConnection};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Local;

/// The channel of Redis.
const CHANNEL: &str = "pasar:live";
/// Stands for every channel.
const ALL: &str = "*";
/// Wake-ups that may wait to be sent; beyond, one for all takes their place.
const QUEUE: usize = 4_096;
/// How long the server may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// How often a silent connection is asked whether it lives.
const PING: Duration = Duration::from_secs(10);
/// Pause before the server is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// What is to be told to the other processes.
pub(super) struct Queue {
    sender: mpsc::Sender<Box<str>>,
    overflowed: Arc<AtomicBool>,
}

impl Queue {
    pub(super) fn send(&self, channel: &str) {
        if self.sender.try_send(channel.into()).is_err() {
            self.overflowed.store(true, Ordering::Release);
        }
    }
}

fn open(url: &str) -> Result<Client, Fault> {
    Client::open(url).map_err(|error| Fault::internal(format!("redis.url cannot be used: {error}")))
}

/// Asks for a sign of life.
pub(super) async fn ask(url: &str) -> Result<(), Fault> {
    let client = open(url)?;
    let asked = async {
        let mut connection = connect(&client).await?;
        redis::cmd("PING").exec_async(&mut connection).await
    };
    asked
        .await
        .map_err(|error: RedisError| Fault::unavailable(format!("Redis does not answer: {error}")))
}

async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(ANSWER_LIMIT))
        .set_response_timeout(Some(ANSWER_LIMIT));
    client
        .get_multiplexed_async_connection_with_config(&config)
        .await
}

/// Starts what sends and what hears; both end with the guard.
pub(super) fn start(url: &str, local: &Arc<Local>) -> Result<(Queue, DropGuard), Fault> {
    let client = open(url)?;
    let stop = CancellationToken::new();
    let (sender, receiver) = mpsc::channel(QUEUE);
    let overflowed = Arc::new(AtomicBool::new(false));
    // So that a process does not hear itself.
    let own: Arc<str> = format!("{:016x} ", rand::random::<u64>()).into();
    let publisher = Publisher {
        client: client.clone(),
        own: Arc::clone(&own),
        queue: receiver,
        overflowed: Arc::clone(&overflowed),
    };
    let hearing = hear(client, own, Arc::downgrade(local));
    tokio::spawn(stop.clone().run_until_cancelled_owned(publisher.run()));
    tokio::spawn(stop.clone().run_until_cancelled_owned(hearing));
    Ok((Queue { sender, overflowed }, stop.drop_guard()))
}

struct Publisher {
    client: Client,
    own: Arc<str>,
    queue: mpsc::Receiver<Box<str>>,
    overflowed: Arc<AtomicBool>,
}

impl Publisher {
    async fn run(mut self) {
        let mut is_away = false;
        loop {
            let outcome = match connect(&self.client).await {
                Ok(connection) => self.publish(connection, &mut is_away).await,
                Err(error) => Err(error),
            };
            let Err(error) = outcome else { return };
            if !is_away {
                metrics::counter!("pasar_live_outages_total").increment(1);
                tracing::warn!(%error, "Redis is away: other processes hear of news when it is back");
            }
            is_away = true;
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Sends what comes until that fails. Ends well when nobody is left who sends.
    async fn publish(
        &mut self,
        mut connection: MultiplexedConnection,
        is_away: &mut bool,
    ) -> RedisResult<()> {
        if *is_away {
            // For what was not sent.
            self.send(&mut connection, ALL).await?;
            tracing::info!("Redis is back");
            *is_away = false;
        }
        while let Some(channel) = self.queue.recv().await {
            self.send(&mut connection, &channel).await?;
            if self.overflowed.swap(false, Ordering::AcqRel) {
                self.send(&mut connection, ALL).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, connection: &mut MultiplexedConnection, channel: &str) -> RedisResult<()> {
        redis::cmd("PUBLISH")
            .arg(CHANNEL)
            .arg(format!("{}{channel}", self.own))
            .exec_async(connection)
            .await
    }
}

/// Hears the other processes for as long as there are listeners to wake.
async fn hear(client: Client, own: Arc<str>, local: Weak<Local>) {
    loop {
        if let Err(error) = subscribe(&client, &own, &local).await {
            tracing::debug!(%error, "the subscription to Redis ended");
        }
        if local.strong_count() == 0 {
            return;
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Passes wake-ups on until the connection ends.
async fn subscribe(client: &Client, own: &str, local: &Weak<Local>) -> RedisResult<()> {
    let connecting = tokio::time::timeout(ANSWER_LIMIT, client.get_async_pubsub());
    let mut pubsub = connecting.await.map_err(std::io::Error::from)??;
    tokio::time::timeout(ANSWER_LIMIT, pubsub.subscribe(CHANNEL))
        .await
        .map_err(std::io::Error::from)??;
    let wake_all = || {
        if let Some(local) = local.upgrade() {
            local.wake_all();
        }
    };
    // Whatever was said before was not heard.
    wake_all();
    let (mut sink, mut messages) = pubsub.split();
    let hearing = async {
        while let Some(message) = messages.next().await {
            let text: String = message.get_payload()?;
            let Some(local) = local.upgrade() else { break };
            match text.strip_prefix(own) {
                Some(_) => {}
                None => match text.split_once(' ') {
                    Some((_, ALL)) | None => local.wake_all(),
                    Some((_, channel)) => local.wake(channel),
                },
            }
        }
        Ok(())
    };
    // A connection that died without a word is noticed here.
    let watching = async {
        loop {
            tokio::time::sleep(PING).await;
            let answer = tokio::time::timeout(ANSWER_LIMIT, sink.ping::<redis::Value>());
            answer.await.map_err(std::io::Error::from)??;
        }
    };
    tokio::select! {
        ended = hearing => ended,
        failed = watching => failed,
    }
}
