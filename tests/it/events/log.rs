//! What is peculiar to the PostgreSQL log.

use std::time::Duration;

use harness::{
    database::Database,
    things::{EVENTS, log_bus},
    wait::eventually,
};
use service::{
    Bus,
    bus::{
        Record,
        log::{LogBus, LogSettings},
    },
};
use sqlx::AssertSqlSafe;

use super::suite::record;

async fn publish(bus: &Bus, numbers: std::ops::Range<usize>) {
    let records: Vec<Record> = numbers.map(|number| record("a", number)).collect();
    bus.publish(&records).await.unwrap();
}

// Positions are drawn under a lock that is held until the commit: no reader passes over one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_are_without_gaps_whoever_publishes_and_whatever_fails() {
    let database = Database::create(&EVENTS).await;
    let publishers = (0..4).map(|publisher| {
        let url = database.url();
        async move {
            let bus = log_bus(&url).await;
            for number in 0..50 {
                let records: Vec<Record> = (0..5)
                    .map(|key| record(&format!("{publisher} {key}"), number))
                    .collect();
                // Some are cut off, wherever they are.
                let publishing = bus.publish(&records);
                if number % 5 == 0 {
                    let cut = Duration::from_millis(rand::random::<u64>() % 5);
                    drop(tokio::time::timeout(cut, publishing).await);
                } else {
                    publishing.await.unwrap();
                }
            }
        }
    });
    futures_util::future::join_all(publishers).await;
    let gaps: i64 = sqlx::query_scalar(
        "select count(*) from (select topic, number, next_position, \
             (select count(*) from log where topic = p.topic and partition = number) as records, \
             (select coalesce(max(position) + 1, 0) from log where topic = p.topic and partition = number) as after_last \
         from partitions p) as p where next_position <> records or next_position <> after_last",
    )
    .fetch_one(database.pool())
    .await
    .unwrap();
    assert_eq!(gaps, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_records_go_by_their_age_and_readers_go_on() {
    let database = Database::create(&EVENTS).await;
    let bus = log_bus(&database.url()).await;
    publish(&bus, 0..10).await;
    let mut slow = bus.join("slow", &["shop.thing"]).await.unwrap();
    let read = slow.next().await.unwrap();
    assert_eq!(read.missed, 0);
    slow.commit(&read.partition, 2);
    slow.leave().await;
    sqlx::query("update log set appended_at = now() - interval '8 days' where position < 6")
        .execute(database.pool())
        .await
        .unwrap();
    assert_eq!(bus.sweep().await.unwrap(), 6);
    assert_eq!(bus.sweep().await.unwrap(), 0);
    // A group that never read has lost them, and is not behind by what is gone.
    let lag = bus.lag("g", &["shop.thing"]).await.unwrap();
    assert_eq!(lag.iter().map(|lag| lag.records).sum::<i64>(), 4);
    let mut member = bus.join("g", &["shop.thing"]).await.unwrap();
    let batch = member.next().await.unwrap();
    assert_eq!((batch.records[0].position, batch.missed), (6, 0));
    member.commit(&batch.partition, batch.records.last().unwrap().position + 1);
    publish(&bus, 10..11).await;
    assert_eq!(member.next().await.unwrap().records[0].position, 10);
    // A group that had begun is told what it will never see, once.
    let mut slow = bus.join("slow", &["shop.thing"]).await.unwrap();
    let batch = slow.next().await.unwrap();
    assert_eq!((batch.records[0].position, batch.missed), (6, 4));
    slow.commit(&batch.partition, 11);
    publish(&bus, 11..12).await;
    let batch = slow.next().await.unwrap();
    assert_eq!((batch.records[0].position, batch.missed), (11, 0));
}

// A member that was taken for dead (a stopped process) neither commits over the new owner nor keeps its work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_was_taken_for_dead_learns_it_and_commits_nothing() {
    let database = Database::create(&EVENTS).await;
    let bus = log_bus(&database.url()).await;
    publish(&bus, 0..10).await;
    let mut zombie = bus.join("g", &["shop.thing"]).await.unwrap();
    let held = zombie.next().await.unwrap();
    // As if it had been silent for longer than its lease.
    let other = "11111111-1111-7111-8111-111111111111";
    sqlx::raw_sql(AssertSqlSafe(format!(
        "delete from members; insert into members values ('{other}', 'g', '{{shop.thing}}', now() + interval '1 hour');
         update leases set member = '{other}', committed = 7 where topic = 'shop.thing'"
    )))
    .execute(database.pool())
    .await
    .unwrap();
    held.lost.cancelled().await;
    zombie.commit(&held.partition, held.records[2].position);
    zombie.commit(&held.partition, 10);
    zombie.leave().await;
    let committed: Vec<i64> =
        sqlx::query_scalar("select distinct committed from leases where consumer_group = 'g'")
            .fetch_all(database.pool())
            .await
            .unwrap();
    assert_eq!(committed, [7]);
}

// NOTIFY only wakes: with nobody listening readers find records all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_wake_up_only_delays() {
    let database = Database::create(&EVENTS).await;
    let bus = log_bus(&database.url()).await;
    publish(&bus, 0..1).await;
    let mut member = bus.join("g", &["shop.thing"]).await.unwrap();
    let first = member.next().await.unwrap();
    member.commit(&first.partition, 1);
    // As the publisher does it, but for the NOTIFY.
    sqlx::raw_sql(
        "with moved as (update partitions set next_position = 2 where next_position = 1 returning topic, number)
         insert into log (topic, partition, position, key, event_type, event)
         select topic, number, 1, 'a', 'thing.happened', '1' from moved",
    )
    .execute(database.pool())
    .await
    .unwrap();
    assert_eq!(member.next().await.unwrap().records[0].position, 1);
    // The listening connection is cut: wake-ups come back by themselves, and nothing fails meanwhile.
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
        .execute(database.pool())
        .await
        .unwrap();
    member.commit(&first.partition, 2);
    eventually("publishing works again", async || {
        bus.publish(&[record("a", 2)]).await.is_ok()
    })
    .await;
    assert_eq!(member.next().await.unwrap().records[0].position, 2);
}

// A topic keeps the partitions it was made with: else keys would move and lose their order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_number_of_partitions_counts_for_new_topics_only() {
    let database = Database::create(&EVENTS).await;
    publish(&log_bus(&database.url()).await, 0..1).await;
    let settings = LogSettings {
        partitions: 16,
        ..LogSettings::default()
    };
    let bus = Bus::Log(LogBus::new(database.pool().clone(), settings));
    publish(&bus, 1..2).await;
    let lag = bus.lag("g", &["shop.thing"]).await.unwrap();
    assert_eq!(lag.len(), 4);
    assert_eq!(
        lag.iter().filter(|lag| lag.records == 2).count(),
        1,
        "{lag:?}"
    );
    bus.publish(&[Record {
        topic: "shop.new".to_owned(),
        ..record("a", 0)
    }])
    .await
    .unwrap();
    assert_eq!(bus.lag("g", &["shop.new"]).await.unwrap().len(), 16);
}
