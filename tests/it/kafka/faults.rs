//! A broker that is killed while records are published and read.

use std::{sync::Arc, time::Duration};

use harness::parts;
use infra::Part;
use service::bus::{Bus, Membership, Record};
use tokio::sync::Notify;

use super::{Seen, bus, record};

/// Publishes until it is certain, as a relay does.
async fn publish(bus: &Bus, records: &[Record]) -> usize {
    let mut failures = 0;
    while let Err(fault) = bus.publish(records).await {
        assert_eq!(fault.kind().code(), "UNAVAILABLE", "{}", fault.chain());
        failures += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    failures
}

/// Joins as soon as that is possible.
async fn join(bus: &Bus) -> Membership {
    loop {
        if let Ok(member) = bus.join("g", &["shop.thing"]).await {
            return member;
        }
    }
}

const KEYS: usize = 20;
const EACH: usize = 300;

/// Reads and commits until everything has come; says when a third has.
async fn read_all(bus: Bus, third: Arc<Notify>) -> Seen {
    let mut member = join(&bus).await;
    let mut seen = Seen::default();
    while seen.count() < KEYS * EACH {
        match member.next().await {
            Ok(batch) => {
                let done = seen.note(&batch);
                member.commit(&batch.partition, done);
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        if seen.count() > KEYS * EACH / 3 {
            third.notify_one();
        }
    }
    member.leave().await;
    seen
}

// Issue 4, faults: kill -9 of the broker: 0 lost, order per aggregate kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_killed_in_the_middle_loses_nothing_and_keeps_order() {
    let Some(mut broker) = parts::own(Part::Kafka) else {
        return;
    };
    let bus = bus(&broker.address());
    let third = Arc::new(Notify::new());
    let reader = tokio::spawn(read_all(bus.clone(), Arc::clone(&third)));
    let writer = tokio::spawn({
        let bus = bus.clone();
        async move {
            let mut failures = 0;
            for number in 0..EACH {
                let records: Vec<_> = (0..KEYS)
                    .map(|key| record("shop.thing", &format!("key{key}"), number))
                    .collect();
                failures += publish(&bus, &records).await;
            }
            failures
        }
    });
    for _ in 0..2 {
        third.notified().await;
        broker.kill();
        broker.start_again();
    }
    let failures = writer.await.unwrap();
    let seen = reader.await.unwrap();
    seen.assert_whole(KEYS, EACH);
    harness::tell(&format!(
        "2 kills of the broker: {} records, {failures} publishes tried again, 0 lost",
        seen.count()
    ));
    bus.close().await;
}

// A publish that gave up leaves nothing behind that could overtake: what is published after it comes after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publish_that_gave_up_is_repeated_without_disorder() {
    let Some(mut broker) = parts::own(Part::Kafka) else {
        return;
    };
    let bus = bus(&broker.address());
    let records = |from: usize| -> Vec<Record> {
        (from..from + 10)
            .map(|number| record("shop.thing", "one", number))
            .collect()
    };
    publish(&bus, &records(0)).await;
    broker.kill();
    // Longer than the bus waits for an answer.
    let fault = bus.publish(&records(10)).await.unwrap_err();
    assert_eq!(fault.kind().code(), "UNAVAILABLE", "{}", fault.chain());
    broker.start_again();
    publish(&bus, &records(10)).await;
    publish(&bus, &records(20)).await;
    let mut member = join(&bus).await;
    let mut seen = Seen::default();
    while seen.count() < 30 {
        if let Ok(batch) = member.next().await {
            let done = seen.note(&batch);
            member.commit(&batch.partition, done);
        }
    }
    seen.assert_whole(1, 30);
    member.leave().await;
    bus.close().await;
}
