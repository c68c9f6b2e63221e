//! The Kafka bus on a real broker: what is peculiar to it. What both buses promise is in `events`.

mod faults;
mod secured;

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use harness::{parts, things::kafka_bus, wait::eventually};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
};
use service::bus::{
    Batch, Bus, Membership, Record,
    kafka::{KafkaBus, KafkaSettings},
};

/// Longer than anything here takes, so that a hang fails.
const PATIENCE: Duration = Duration::from_secs(90);

/// A bus of the test's own at the broker `brokers`.
pub(crate) fn bus(brokers: &str) -> Bus {
    let settings = KafkaSettings {
        prefix: format!("{}.", parts::unique("t")),
        partitions: 4,
        ..KafkaSettings::new(brokers)
    };
    Bus::Kafka(KafkaBus::new(settings).unwrap())
}

/// The `number`-th record of `key`.
pub(crate) fn record(topic: &str, key: &str, number: usize) -> Record {
    Record {
        topic: topic.to_owned(),
        key: key.to_owned(),
        event_type: "thing.happened".to_owned(),
        event: Bytes::from(number.to_string()),
        traceparent: None,
    }
}

/// What came, by key, each number once and in the order of its first appearance.
#[derive(Default)]
pub(crate) struct Seen(BTreeMap<String, Vec<usize>>);

impl Seen {
    /// Notes a batch; gives the position after it.
    pub(crate) fn note(&mut self, batch: &Batch) -> i64 {
        for received in &batch.records {
            let text = std::str::from_utf8(&received.record.event).unwrap();
            let number = text.parse().unwrap();
            let numbers = self.0.entry(received.record.key.clone()).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        batch.records.last().unwrap().position + 1
    }

    pub(crate) fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Insists on every number of every key, in order.
    pub(crate) fn assert_whole(&self, keys: usize, each: usize) {
        assert_eq!(self.0.len(), keys);
        for (key, numbers) in &self.0 {
            assert_eq!(*numbers, (0..each).collect::<Vec<_>>(), "{key}");
        }
    }
}

pub(crate) async fn next(member: &mut Membership) -> Batch {
    tokio::time::timeout(PATIENCE, member.next())
        .await
        .expect("a batch in time")
        .unwrap()
}

async fn lag(bus: &Bus, group: &str) -> i64 {
    let lags = bus.lag(group, &["shop.thing"]).await.unwrap();
    lags.iter().map(|lag| lag.records).sum()
}

// Key, header and body arrive as they were sent, under the names without the prefix.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_arrives_as_it_was_sent() {
    let Some(brokers) = parts::kafka() else {
        return;
    };
    let bus = bus(brokers);
    let sent = Record {
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        ..record("shop.thing", "thing_1", 7)
    };
    bus.publish(std::slice::from_ref(&sent)).await.unwrap();
    let mut member = bus.join("search.things", &["shop.thing"]).await.unwrap();
    let batch = next(&mut member).await;
    assert_eq!(batch.partition.topic, "shop.thing");
    assert_eq!(batch.records.len(), 1);
    assert_eq!(batch.records[0].record, sent);
    member.leave().await;
    bus.close().await;
}

// Lag is what was published and not committed, also for a group that never read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lag_counts_what_is_not_committed() {
    let Some(brokers) = parts::kafka() else {
        return;
    };
    let bus = bus(brokers);
    let records: Vec<_> = (0..50)
        .map(|number| record("shop.thing", "one", number))
        .collect();
    bus.publish(&records).await.unwrap();
    let lags = bus.lag("g", &["shop.thing"]).await.unwrap();
    assert_eq!(lags.len(), 4, "a row per partition");
    assert_eq!(lag(&bus, "g").await, 50);
    assert_eq!(bus.lag("g", &["shop.nothing"]).await.unwrap(), []);

    let mut member = bus.join("g", &["shop.thing"]).await.unwrap();
    let batch = next(&mut member).await;
    member.commit(&batch.partition, 20);
    eventually("the position is written", async || {
        lag(&bus, "g").await == 30
    })
    .await;
    drop(member);
    assert_eq!(lag(&bus, "other").await, 50);
    bus.close().await;
}

// Retention: a group that was away for too long goes on with the oldest record and is told what it will never see.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_deleted_before_it_was_read_is_told() {
    let Some(brokers) = parts::kafka() else {
        return;
    };
    let prefix = format!("{}.", parts::unique("t"));
    let bus = kafka_bus(brokers, &prefix, Duration::from_secs(6));
    let records: Vec<_> = (0..10)
        .map(|number| record("shop.thing", "one", number))
        .collect();
    bus.publish(&records).await.unwrap();
    let mut member = bus.join("g", &["shop.thing"]).await.unwrap();
    let batch = next(&mut member).await;
    assert_eq!(batch.missed, 0);
    member.commit(&batch.partition, 2);
    member.leave().await;

    // As the broker does when they are old.
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .create()
        .unwrap();
    let mut before = TopicPartitionList::new();
    let (topic, number) = (format!("{prefix}shop.thing"), batch.partition.number);
    before
        .add_partition_offset(&topic, number, Offset::Offset(6))
        .unwrap();
    let options = AdminOptions::new();
    admin.delete_records(&before, &options).await.unwrap();

    for (group, missed) in [("g", 4), ("new", 0)] {
        let mut member = bus.join(group, &["shop.thing"]).await.unwrap();
        let batch = next(&mut member).await;
        assert_eq!((batch.records[0].position, batch.missed), (6, missed));
        member.leave().await;
    }
    bus.close().await;
}

// Many more records than a member reads ahead: reading is paused and goes on, nothing is lost or repeated.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_gets_everything_in_order() {
    let Some(brokers) = parts::kafka() else {
        return;
    };
    let bus = bus(brokers);
    let (keys, each) = (8, 500);
    for number in 0..each {
        let records: Vec<_> = (0..keys)
            .map(|key| record("shop.thing", &format!("key{key}"), number))
            .collect();
        bus.publish(&records).await.unwrap();
    }
    let mut member = bus.join("g", &["shop.thing"]).await.unwrap();
    let mut seen = Seen::default();
    let mut received = 0;
    while seen.count() < keys * each {
        let batch = next(&mut member).await;
        received += batch.records.len();
        let done = seen.note(&batch);
        member.commit(&batch.partition, done);
    }
    seen.assert_whole(keys, each);
    assert_eq!(received, keys * each, "nothing came twice");
    member.leave().await;
    assert_eq!(lag(&bus, "g").await, 0, "leaving writes positions");
    bus.close().await;
}

// A member that reads ahead pauses partitions. What it loses while they are paused and gets back is read on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paused_partitions_that_went_and_came_back_are_read_on() {
    let Some(brokers) = parts::kafka() else {
        return;
    };
    let bus = bus(brokers);
    let (keys, each) = (20, 300);
    for numbers in [0..each / 2, each / 2..each] {
        let records: Vec<_> = numbers
            .flat_map(|number| (0..keys).map(move |key| (key, number)))
            .map(|(key, number)| record("shop.thing", &format!("key{key}"), number))
            .collect();
        bus.publish(&records).await.unwrap();
    }
    // One batch of each partition, and far more read ahead.
    let mut first = bus.join("g", &["shop.thing"]).await.unwrap();
    let mut seen = Seen::default();
    let mut held = Vec::new();
    for _ in 0..4 {
        let batch = next(&mut first).await;
        held.push((seen.note(&batch), batch.partition));
    }
    let reading = tokio::time::timeout(Duration::from_secs(3), first.next()).await;
    assert!(reading.is_err(), "{reading:?}");

    let mut second = bus.join("g", &["shop.thing"]).await.unwrap();
    let gone = tokio::select! {
        none = first.next() => panic!("it has its four batches: {none:?}"),
        batch = next(&mut second) => batch.partition,
    };
    second.leave().await;
    for (done, partition) in held {
        if partition != gone {
            first.commit(&partition, done);
        }
    }
    while seen.count() < keys * each {
        let batch = next(&mut first).await;
        let done = seen.note(&batch);
        first.commit(&batch.partition, done);
    }
    seen.assert_whole(keys, each);
    first.leave().await;
    bus.close().await;
}

// A cluster that is away is UNAVAILABLE, for publishers, readers and those who look.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_cluster_is_a_dependency_that_is_down() {
    let bus = bus("127.0.0.1:1");
    let records = [record("shop.thing", "one", 0)];
    let (published, joined, lag) = tokio::join!(
        bus.publish(&records),
        bus.join("g", &["shop.thing"]),
        bus.lag("g", &["shop.thing"])
    );
    for fault in [published.err(), joined.err(), lag.err()] {
        let fault = fault.unwrap();
        assert_eq!(fault.kind().code(), "UNAVAILABLE", "{}", fault.chain());
    }
}
