//! What every bus promises (crates/service/src/bus/mod.rs).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use harness::{things::TestBus, wait::eventually};
use service::{
    Bus,
    bus::{BATCH_RECORDS, Batch, Membership, Partition, Record},
};

const THING: &str = "shop.thing";

pub(super) fn record(key: &str, number: usize) -> Record {
    Record {
        topic: THING.to_owned(),
        key: key.to_owned(),
        event_type: "thing.happened".to_owned(),
        event: Bytes::from(number.to_string()),
        traceparent: None,
    }
}

/// What came: by key, each number once, in the order of first appearance.
#[derive(Default)]
struct Seen(BTreeMap<String, Vec<usize>>);

impl Seen {
    /// Notes a batch; gives the position after it.
    fn note(&mut self, batch: &Batch) -> i64 {
        for received in &batch.records {
            let number: usize = std::str::from_utf8(&received.record.event)
                .unwrap()
                .parse()
                .unwrap();
            let numbers = self.0.entry(received.record.key.clone()).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        batch.records.last().unwrap().position + 1
    }

    fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    fn assert_in_order(&self) {
        for (key, numbers) in &self.0 {
            let expected: Vec<usize> = (0..numbers.len()).collect();
            assert_eq!(numbers, &expected, "the order of {key}");
        }
    }
}

/// Reads and commits until `count` different records were seen.
async fn read(member: &mut Membership, count: usize) -> Seen {
    let mut seen = Seen::default();
    while seen.count() < count {
        let batch = member.next().await.unwrap();
        let next = seen.note(&batch);
        member.commit(&batch.partition, next);
    }
    seen
}

async fn publish(bus: &Bus, keys: &[&str], numbers: std::ops::Range<usize>) {
    for number in numbers {
        let records: Vec<Record> = keys.iter().map(|key| record(key, number)).collect();
        bus.publish(&records).await.unwrap();
    }
}

// Order per key, whoever publishes beside it.
pub(super) async fn records_of_a_key_come_in_order(on: &TestBus) {
    let mut publishers = Vec::new();
    for publisher in 0..3 {
        let bus = on.connect().await;
        publishers.push(tokio::spawn(async move {
            let keys: Vec<String> = (0..10).map(|key| format!("{publisher}-{key}")).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            publish(&bus, &keys, 0..20).await;
            // Also several of one key at once.
            let many: Vec<Record> = (20..60).map(|number| record(keys[0], number)).collect();
            bus.publish(&many).await.unwrap();
        }));
    }
    let bus = on.connect().await;
    let mut member = bus.join("g", &[THING]).await.unwrap();
    let seen = read(&mut member, 3 * (200 + 40)).await;
    seen.assert_in_order();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    member.leave().await;
}

// At least once: what was not committed comes again, what was does not. A member that dies between its effect
// and its commit is one that was dropped here.
pub(super) async fn a_group_goes_on_from_what_it_committed(on: &TestBus) {
    let bus = on.connect().await;
    publish(&bus, &["a"], 0..10).await;
    let mut member = bus.join("g", &[THING]).await.unwrap();
    let batch = member.next().await.unwrap();
    assert_eq!(batch.records[0].record, record("a", 0));
    let fourth = batch.records[3].position;
    member.commit(&batch.partition, fourth);
    member.leave().await;

    // Two more that die with what they have read.
    for _ in 0..2 {
        let mut member = on.connect().await.join("g", &[THING]).await.unwrap();
        let batch = member.next().await.unwrap();
        assert_eq!(batch.records[0].record, record("a", 3));
        drop(member);
    }
    let mut member = bus.join("g", &[THING]).await.unwrap();
    let mut came = Vec::new();
    while came.len() < 7 {
        let batch = member.next().await.unwrap();
        came.extend(batch.records.iter().map(|received| received.record.clone()));
        let next = batch.records.last().unwrap().position + 1;
        member.commit(&batch.partition, next);
    }
    let expected: Vec<Record> = (3..10).map(|number| record("a", number)).collect();
    assert_eq!(came, expected);
    member.leave().await;
}

pub(super) async fn groups_do_not_disturb_each_other(on: &TestBus) {
    let bus = on.connect().await;
    let mut first = bus.join("first", &[THING]).await.unwrap();
    publish(&bus, &["a", "b"], 0..5).await;
    read(&mut first, 10).await.assert_in_order();
    first.leave().await;
    // One that comes later begins with the oldest.
    let mut second = bus.join("second", &[THING, "shop.other"]).await.unwrap();
    read(&mut second, 10).await.assert_in_order();
    let other = Record {
        topic: "shop.other".to_owned(),
        ..record("c", 0)
    };
    bus.publish(std::slice::from_ref(&other)).await.unwrap();
    let batch = second.next().await.unwrap();
    assert_eq!(batch.partition.topic, "shop.other");
    assert_eq!(batch.records[0].record, other);
    second.leave().await;
}

// Back-pressure: whoever does not commit gets no more; other partitions go on.
pub(super) async fn a_partition_gives_no_more_than_a_batch_before_its_commit(on: &TestBus) {
    let bus = on.connect().await;
    let slow: Vec<Record> = (0..BATCH_RECORDS * 3)
        .map(|number| record("slow", number))
        .collect();
    bus.publish(&slow).await.unwrap();
    let mut member = bus.join("g", &[THING]).await.unwrap();
    let mut seen = Seen::default();
    let held = member.next().await.unwrap();
    let end = seen.note(&held);
    assert!(held.records.len() <= BATCH_RECORDS);
    // Keys until one shares no partition with the slow one.
    let quick: Vec<String> = (0..20).map(|key| format!("quick {key}")).collect();
    let quick: Vec<&str> = quick.iter().map(String::as_str).collect();
    publish(&bus, &quick, 0..1).await;
    let batch = member.next().await.unwrap();
    assert_ne!(batch.partition, held.partition);
    let next = batch.records.last().unwrap().position + 1;
    member.commit(&batch.partition, next);
    // Progress inside the batch frees nothing.
    let inside = held.records[held.records.len() / 2].position;
    member.commit(&held.partition, inside);
    let more = async {
        loop {
            let batch = member.next().await.unwrap();
            assert_ne!(batch.partition, held.partition, "more than a batch at once");
            let next = batch.records.last().unwrap().position + 1;
            member.commit(&batch.partition, next);
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(2), more)
            .await
            .is_err()
    );
    member.commit(&held.partition, end);
    while seen.0["slow"].len() < slow.len() {
        let batch = member.next().await.unwrap();
        assert!(batch.records.len() <= BATCH_RECORDS);
        let next = seen.note(&batch);
        member.commit(&batch.partition, next);
    }
    seen.assert_in_order();
    member.leave().await;
}

pub(super) async fn whatever_is_published_comes_as_it_was(on: &TestBus) {
    let bus = on.connect().await;
    let odd = [
        Bytes::from_static(b"\xff\x00 not JSON, not even text"),
        Bytes::new(),
        Bytes::from(vec![b'x'; 200_000]),
    ];
    let records: Vec<Record> = odd
        .into_iter()
        .map(|event| Record {
            event,
            event_type: "ötzi.happened".to_owned(),
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            ..record("a key, with ünïcode", 0)
        })
        .collect();
    bus.publish(&[]).await.unwrap();
    bus.publish(&records).await.unwrap();
    let mut member = bus.join("g", &[THING]).await.unwrap();
    let mut came = Vec::new();
    while came.len() < records.len() {
        let batch = member.next().await.unwrap();
        let next = batch.records.last().unwrap().position + 1;
        came.extend(batch.records.into_iter().map(|received| received.record));
        member.commit(&batch.partition, next);
    }
    assert_eq!(came, records);
    member.leave().await;
}

pub(super) async fn lag_is_what_was_not_committed(on: &TestBus) {
    let bus = on.connect().await;
    let lag = async || -> i64 {
        let lags = bus.lag("g", &[THING]).await.unwrap();
        lags.iter().map(|lag| lag.records).sum()
    };
    publish(&bus, &["a", "b", "c"], 0..4).await;
    assert_eq!(lag().await, 12, "of a group that never read");
    let mut member = bus.join("g", &[THING]).await.unwrap();
    read(&mut member, 12).await;
    member.leave().await;
    assert_eq!(lag().await, 0);
    publish(&bus, &["a"], 4..6).await;
    assert_eq!(lag().await, 2);
    let by_partition = bus.lag("g", &[THING]).await.unwrap();
    assert_eq!(by_partition.len(), 4, "{by_partition:?}");
}

/// A member that reads in a task and says which partitions it was given.
struct Reader {
    had: Arc<Mutex<BTreeSet<Partition>>>,
    task: tokio::task::JoinHandle<()>,
    leave: tokio_util::sync::CancellationToken,
}

impl Reader {
    async fn join(bus: &Bus, seen: &Arc<Mutex<Seen>>) -> Self {
        let mut member = bus.join("g", &[THING]).await.unwrap();
        let had: Arc<Mutex<BTreeSet<Partition>>> = Arc::default();
        let leave = tokio_util::sync::CancellationToken::new();
        let (mine, seen, left) = (Arc::clone(&had), Arc::clone(seen), leave.clone());
        let task = tokio::spawn(async move {
            loop {
                let batch = tokio::select! {
                    () = left.cancelled() => break,
                    batch = member.next() => batch,
                };
                let Ok(batch) = batch else { continue };
                let next = seen.lock().unwrap().note(&batch);
                mine.lock().unwrap().insert(batch.partition.clone());
                member.commit(&batch.partition, next);
            }
            member.leave().await;
        });
        Self { had, task, leave }
    }

    /// The partitions since the last time that this was asked.
    fn had(&self) -> usize {
        std::mem::take(&mut *self.had.lock().unwrap()).len()
    }

    async fn leave(self) {
        self.leave.cancel();
        self.task.await.unwrap();
    }

    fn die(self) {
        self.task.abort();
    }
}

// Rebalance: every member gets its share, and what a member leaves or dies with goes to the others.
pub(super) async fn partitions_are_shared_when_members_join_leave_and_die(on: &TestBus) {
    let publisher = on.connect().await;
    let keys: Vec<String> = (0..40).map(|key| format!("key {key}")).collect();
    let round = std::sync::atomic::AtomicUsize::new(0);
    // Every key once: all four partitions get something.
    let publish_round = async || {
        let number = round.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let records: Vec<Record> = keys.iter().map(|key| record(key, number)).collect();
        publisher.publish(&records).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let seen = Arc::default();
    let first = Reader::join(&on.connect().await, &seen).await;
    eventually("the first reads everything", async || {
        publish_round().await;
        first.had() == 4
    })
    .await;
    let second = Reader::join(&on.connect().await, &seen).await;
    eventually("both read half", async || {
        publish_round().await;
        (first.had(), second.had()) == (2, 2)
    })
    .await;
    first.leave().await;
    eventually("the second reads everything", async || {
        publish_round().await;
        second.had() == 4
    })
    .await;
    let third = Reader::join(&on.connect().await, &seen).await;
    eventually("the third reads half", async || {
        publish_round().await;
        third.had() == 2
    })
    .await;
    second.die();
    eventually("the third reads everything", async || {
        publish_round().await;
        third.had() == 4
    })
    .await;
    let all = keys.len() * round.load(std::sync::atomic::Ordering::SeqCst);
    eventually("everything was read", async || {
        seen.lock().unwrap().count() == all
    })
    .await;
    third.leave().await;
    seen.lock().unwrap().assert_in_order();
}

// No loss: members die and come while somebody publishes, who dies and comes as well.
pub(super) async fn nothing_is_lost_while_members_come_and_die(on: &TestBus) {
    const KEYS: usize = 12;
    const EACH: usize = 100;
    let publisher = on.connect().await;
    let publishing = tokio::spawn(async move {
        let keys: Vec<String> = (0..KEYS).map(|key| format!("key {key}")).collect();
        for number in 0..EACH {
            let records: Vec<Record> = keys.iter().map(|key| record(key, number)).collect();
            if number % 10 == 3 {
                // Cut off somewhere, and published again as a relay does: nobody knows what became of it.
                let cut = Duration::from_millis(u64::try_from(number % 7).unwrap());
                drop(tokio::time::timeout(cut, publisher.publish(&records)).await);
            }
            publisher.publish(&records).await.unwrap();
        }
    });
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let steady = Reader::join(&on.connect().await, &seen).await;
    for number in 0..4 {
        let short_lived = Reader::join(&on.connect().await, &seen).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        if number % 2 == 0 {
            short_lived.die();
        } else {
            short_lived.leave().await;
        }
    }
    publishing.await.unwrap();
    eventually("everything was read", async || {
        seen.lock().unwrap().count() == KEYS * EACH
    })
    .await;
    steady.leave().await;
    seen.lock().unwrap().assert_in_order();
}
