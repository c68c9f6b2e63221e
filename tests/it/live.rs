//! Wake-ups between processes through a real Redis; a process is stood for by a `Live` of its own.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use harness::parts;
use infra::Part;
use service::{Live, live::Listener};

/// Longer than anything here takes, so that a hang fails; shorter than listeners wait before they look by themselves.
const PATIENCE: Duration = Duration::from_secs(25);

async fn woken(listener: &mut Listener) {
    tokio::time::timeout(PATIENCE, listener.changed())
        .await
        .expect("a wake-up in time");
}

/// Waits until wake-ups of `from` reach `listener`: both have connected.
async fn connected(from: &Live, channel: &str, listener: &mut Listener) {
    let until = tokio::time::Instant::now() + PATIENCE;
    loop {
        from.wake(channel);
        let heard = tokio::time::timeout(Duration::from_millis(100), listener.changed()).await;
        if heard.is_ok() {
            return;
        }
        assert!(tokio::time::Instant::now() < until, "never connected");
    }
}

// T-NOT-4: live delivery with several processes.
#[tokio::test]
async fn two_processes_wake_each_other() {
    let Some(url) = parts::redis() else { return };
    let (one, two) = (Live::redis(url).unwrap(), Live::redis(url).unwrap());
    let (a, b) = (parts::unique("a"), parts::unique("b"));
    let (mut in_one, mut in_two) = (one.listen(&a), two.listen(&b));
    woken(&mut in_one).await;
    woken(&mut in_two).await;
    // Both have subscribed: from here on every wake-up arrives.
    for _ in 0..100 {
        two.wake(&a);
        woken(&mut in_one).await;
        one.wake(&b);
        woken(&mut in_two).await;
    }
}

/// What a table is to subscribers: the source of truth.
type Table = Arc<Mutex<Vec<usize>>>;

/// Reads as a subscription does: what is there, then what is new after each wake-up.
async fn follow(table: Table, mut listener: Listener, rows: usize) -> Vec<usize> {
    let mut read = Vec::new();
    loop {
        read.extend_from_slice(&table.lock().unwrap()[read.len()..]);
        if read.len() == rows {
            return read;
        }
        listener.changed().await;
    }
}

// Issue 4, faults: Redis flushed: nothing lost; nor when it is killed and comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flushed_and_killed_server_costs_nothing_that_the_table_has() {
    const ROWS: usize = 300;
    let Some(mut server) = parts::own(Part::Redis) else {
        return;
    };
    let url = server.address();
    let (writer, reader) = (Live::redis(&url).unwrap(), Live::redis(&url).unwrap());
    connected(&writer, "probe", &mut reader.listen("probe")).await;
    let table = Table::default();
    let following = tokio::spawn(follow(Arc::clone(&table), reader.listen("rows"), ROWS));
    for row in 0..ROWS {
        table.lock().unwrap().push(row);
        writer.wake("rows");
        match row {
            50 => flush(&url).await,
            100 => server.kill(),
            // Rows 100 to 250 are written while nobody carries the word.
            250 => server.start_again(),
            _ => {}
        }
    }
    let read = tokio::time::timeout(PATIENCE, following).await;
    let read = read.expect("everything is read in time").unwrap();
    assert_eq!(read, (0..ROWS).collect::<Vec<_>>());
    // And word goes round as before.
    connected(&writer, "probe", &mut reader.listen("probe")).await;
}

async fn flush(url: &str) {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let done: String = redis::cmd("FLUSHALL")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert_eq!(done, "OK");
}

// A server that never answers costs nothing in the process itself.
#[tokio::test]
async fn without_a_server_a_process_wakes_its_own() {
    let live = Live::redis("redis://127.0.0.1:1").unwrap();
    let mut listener = live.listen("a");
    for _ in 0..10_000 {
        live.wake("a");
        woken(&mut listener).await;
    }
    for (url, why) in [
        ("http://127.0.0.1", "redis.url"),
        ("rediss://:geheim@127.0.0.1", "TLS"),
    ] {
        let refused = Live::redis(url).err().unwrap().chain();
        assert!(refused.contains(why), "{refused}");
        assert!(!refused.contains("geheim"), "{refused}");
    }
}
