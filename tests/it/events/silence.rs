//! Connections that die without a word, as when a host is gone: whoever waits for an answer gets none, nor an error.

use std::time::Duration;

use harness::{
    database::Database,
    things::{EVENTS, TestBus, Things, log_bus},
    wait::eventually,
};
use service::{Relay, relay::Round};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::suite::record;

/// Longer than anything here takes, so that a hang fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A way to a database that can fall silent.
struct Wire {
    url: String,
    silence: watch::Sender<()>,
}

impl Wire {
    async fn to(url: &str) -> Self {
        let (before, rest) = url.split_once('@').unwrap();
        let (target, database) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let silence = watch::Sender::new(());
        let (target, silent) = (target.to_owned(), silence.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, target.clone(), silent.subscribe()));
            }
        });
        Self {
            url: format!("{before}@{address}/{database}"),
            silence,
        }
    }

    /// From now on nothing passes over the connections that are open, and none of them ends.
    fn fall_silent(&self) {
        self.silence.send_modify(|()| {});
    }
}

async fn pass_on(mut client: TcpStream, target: String, mut silent: watch::Receiver<()>) {
    let mut server = TcpStream::connect(target).await.unwrap();
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = silent.changed() => std::future::pending().await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_whose_connections_die_without_a_word_begins_again() {
    let (things, on) = (Things::create().await, TestBus::log().await);
    let wire = Wire::to(&things.url()).await;
    let relay = Relay {
        db: service::db::connect(&wire.url, "it", 4).await.unwrap(),
        limit: Duration::from_secs(1),
        ..things.relay(on.connect().await)
    };
    things.change("thing").await;
    assert_eq!(relay.round().await.unwrap(), Round::Published(1));
    things.change("thing").await;
    wire.fall_silent();
    let round = tokio::time::timeout(PATIENCE, relay.round()).await;
    let fault = round.expect("an end in time").unwrap_err();
    assert_eq!(fault.kind().code(), "UNAVAILABLE", "{}", fault.chain());
    eventually("it publishes over new connections", async || {
        relay
            .round()
            .await
            .is_ok_and(|round| round == Round::Published(1))
    })
    .await;
}

// The other side of it: the server does not keep the lock of a relay, or the rows of an effect, for a process
// that is suspended or out of reach in the middle of a transaction; and whoever waits for them is told in time
// that this may pass.
#[tokio::test]
async fn the_database_takes_back_what_the_silent_hold() {
    let database = Database::create(&EVENTS).await;
    let db = service::db::connect(&database.url(), "it", 2)
        .await
        .unwrap();
    let limits: (String, String) = sqlx::query_as(
        "select current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout')",
    )
    .fetch_one(&db)
    .await
    .unwrap();
    assert_eq!(limits, ("30s".to_owned(), "8s".to_owned()));
    let mut silent = db.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(7)")
        .execute(&mut *silent)
        .await
        .unwrap();
    let waited = sqlx::query("select pg_advisory_xact_lock(7)")
        .execute(&db)
        .await;
    assert!(service::db::may_pass(&waited.unwrap_err().into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_whose_connections_die_without_a_word_goes_on() {
    let database = Database::create(&EVENTS).await;
    let publisher = log_bus(&database.url()).await;
    let wire = Wire::to(&database.url()).await;
    let reader = log_bus(&wire.url).await;
    let mut member = reader.join("g", &["shop.thing"]).await.unwrap();
    publisher.publish(&[record("a", 0)]).await.unwrap();
    let first = member.next().await.unwrap();
    member.commit(&first.partition, 1);
    wire.fall_silent();
    publisher.publish(&[record("a", 1)]).await.unwrap();
    let next = tokio::time::timeout(PATIENCE, member.next()).await;
    let next = next.expect("a batch in time").unwrap();
    // The position may not have been written before, and then the first comes again.
    let last = next.records.last().unwrap();
    assert_eq!(last.record, record("a", 1));
}
