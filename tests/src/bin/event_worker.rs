//! The worker of `harness::things` as a process of its own, for tests to kill:
//! `event-worker DATABASE log EVENTS_DATABASE` or `event-worker DATABASE kafka BROKERS PREFIX`. Ends with its input.

use std::time::Duration;

use harness::things;
use tokio::io::AsyncReadExt as _;
use tokio_util::sync::CancellationToken;

/// After this others take over from one that was killed.
const SILENCE: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (mut input, mut byte) = (tokio::io::stdin(), [0]);
    tokio::select! {
        () = work() => {}
        _ = input.read(&mut byte) => {}
    }
}

async fn work() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [database, rest @ ..] = words.as_slice() else {
        return;
    };
    let db = loop {
        match service::db::connect(database, things::NAME, 6).await {
            Ok(db) => break db,
            // It may just be killed or starting.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    let bus = match rest {
        ["kafka", brokers, prefix] => things::kafka_bus(brokers, prefix, SILENCE),
        ["log", events] => loop {
            match things::try_log_bus(events, SILENCE).await {
                Ok(bus) => break bus,
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        },
        _ => return,
    };
    let worker = things::worker(db, bus, std::sync::Arc::default());
    worker.run(CancellationToken::new()).await;
}
