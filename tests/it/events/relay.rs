//! The relay: nothing is passed over, whatever the order of commits and however many relays run.

use std::collections::BTreeMap;

use harness::{
    things::{TOPIC, TestBus, Things},
    wait::eventually,
};
use serde_json::Value;
use service::{Bus, Event, relay::Round};

/// The events of `it.thing` in the log, by thing, in their order.
async fn published(bus: &Bus, count: usize) -> BTreeMap<String, Vec<i32>> {
    let mut member = bus.join("reader", &[TOPIC]).await.unwrap();
    let mut found: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    let mut seen = 0;
    while seen < count {
        let batch = member.next().await.unwrap();
        for received in &batch.records {
            let event = Event::parse(&received.record.event).unwrap();
            found
                .entry(event.aggregate_id)
                .or_default()
                .push(event.version);
            seen += 1;
        }
        let next = batch.records.last().unwrap().position + 1;
        member.commit(&batch.partition, next);
    }
    member.leave().await;
    found
}

const INSERT: &str = "insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, \
     version, payload, actor) values (gen_random_uuid(), 'thing.changed', now(), 'thing', $1, 1, '{}', 'test')";

// The pitfall of outboxes: ids are drawn in another order than transactions commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_commits_late_is_not_passed_over() {
    let (things, on) = (Things::create().await, TestBus::log().await);
    let bus = on.connect().await;
    let relay = things.relay(bus.clone());
    let mut early = things.db().begin().await.unwrap();
    sqlx::query(INSERT)
        .bind("early id, late commit")
        .execute(&mut *early)
        .await
        .unwrap();
    things.change("late id, early commit").await;
    assert_eq!(relay.round().await.unwrap(), Round::Published(1));
    // Also while the next ones are being published.
    things.change("another").await;
    assert_eq!(relay.round().await.unwrap(), Round::Published(1));
    early.commit().await.unwrap();
    assert_eq!(relay.round().await.unwrap(), Round::Published(1));
    assert_eq!(relay.round().await.unwrap(), Round::Published(0));
    let found: Vec<String> = published(&bus, 3).await.into_keys().collect();
    assert_eq!(
        found,
        ["another", "early id, late commit", "late id, early commit"]
    );
    // A transaction that never commits leaves a gap in the ids, which nobody waits for.
    let mut never = things.db().begin().await.unwrap();
    sqlx::query(INSERT)
        .bind("never")
        .execute(&mut *never)
        .await
        .unwrap();
    never.rollback().await.unwrap();
    things.change("another").await;
    assert_eq!(relay.round().await.unwrap(), Round::Published(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_relays_publish_each_event_once_and_in_order() {
    let (things, on) = (Things::create().await, TestBus::log().await);
    let bus = on.connect().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let mut relays = Vec::new();
    for _ in 0..3 {
        let (relay, stop) = (things.relay(on.connect().await), stop.clone());
        relays.push(tokio::spawn(async move { relay.run(stop).await }));
    }
    let changing = (0..3).map(|writer| {
        let things = &things;
        async move {
            for number in 0..100 {
                things
                    .change(&format!("thing {}", (number + writer) % 5))
                    .await;
            }
        }
    });
    futures_util::future::join_all(changing).await;
    let found = published(&bus, 300).await;
    stop.cancel();
    futures_util::future::join_all(relays).await;
    let expected: Vec<i32> = (1..=60).collect();
    assert_eq!(found.len(), 5);
    for (thing, versions) in found {
        assert_eq!(versions, expected, "{thing}");
    }
    let lag = bus.lag("reader", &[TOPIC]).await.unwrap();
    assert!(
        lag.iter().all(|lag| lag.records == 0),
        "published twice: {lag:?}"
    );
}

// A relay that dies after publishing, before its mark: the event comes again, after nothing was lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_relay_waits_for_the_active_one() {
    let (things, on) = (Things::create().await, TestBus::log().await);
    let relay = things.relay(on.connect().await);
    things.change("thing").await;
    // What the active relay holds while it works; its end, in whatever way, frees it.
    let mut active = things.db().begin().await.unwrap();
    let lock: i64 = 0x7061_7361_725f_6f62;
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(lock)
        .execute(&mut *active)
        .await
        .unwrap();
    assert_eq!(relay.round().await.unwrap(), Round::StandBy);
    drop(active);
    eventually("the standby takes over", async || {
        relay.round().await.unwrap() == Round::Published(1)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_wait_in_the_outbox_while_the_bus_is_away() {
    let (things, on) = (Things::create().await, TestBus::log().await);
    let away = on.connect().await;
    away.close().await;
    things.change("thing").await;
    let fault = things.relay(away).round().await.unwrap_err();
    assert_eq!(fault.kind().code(), "UNAVAILABLE", "{}", fault.chain());
    let waiting = "select count(*) from outbox where published_at is null";
    assert_eq!(things.number(waiting).await, 1);
    let relay = things.relay(on.connect().await);
    assert_eq!(relay.round().await.unwrap(), Round::Published(1));
    assert_eq!(things.number(waiting).await, 0);
}

// What is on the bus is the envelope of docs/events.md, to the byte.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_record_is_the_envelope() {
    let (things, on) = (Things::create().await, TestBus::log().await);
    let bus = on.connect().await;
    sqlx::query(
        "insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, version, payload, \
         actor, traceparent) values ('01890a5d-ac96-774b-bcce-b302099a8057', 'thing.changed', \
         '2026-01-01T00:00:00Z', 'thing', 'thing_1', 3, '{\"a\": 1}', 'service:it', \
         '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')",
    )
    .execute(things.db())
    .await
    .unwrap();
    things.relay(bus.clone()).round().await.unwrap();
    let mut member = bus.join("reader", &[TOPIC]).await.unwrap();
    let batch = member.next().await.unwrap();
    let record = &batch.records[0].record;
    assert_eq!(
        std::str::from_utf8(&record.event).unwrap(),
        "{\"eventId\":\"event_01h455vb4pex5vsknk084sn02q\",\"eventType\":\"thing.changed\",\
         \"eventTime\":\"2026-01-01T00:00:00.000000Z\",\"aggregateType\":\"thing\",\"aggregateId\":\"thing_1\",\
         \"version\":3,\"payload\":{\"a\":1},\"actor\":\"service:it\",\
         \"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}"
    );
    assert_eq!(
        (&*record.key, &*record.event_type),
        ("thing_1", "thing.changed")
    );
    let event = Event::parse(&record.event).unwrap();
    assert_eq!(record.traceparent, event.traceparent);
    assert_eq!(event.payload["a"], Value::from(1));
}
