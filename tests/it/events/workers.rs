//! What the workers on a bus promise: every event takes effect, once, in the order of its aggregate.

#![expect(clippy::print_stdout, reason = "the counts are the result")]

use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt as _;
use harness::{
    things::{CONSUMER, NAME, TOPIC, TestBus, Things},
    wait::eventually,
};
use kernel::EventId;
use serde_json::json;
use service::{
    bus::Record,
    dead_letters::{self, Replayed},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A worker in a task.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(on: &TestBus, things: &Things) -> Self {
        let stop = CancellationToken::new();
        let bus = on.connect().await;
        let task = tokio::spawn(things.worker(bus).run(stop.clone()));
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

pub(super) async fn events_take_effect_once_and_in_order(on: &TestBus) {
    let things = Things::create().await;
    // Some before anybody works, some while two do.
    for number in 0..60 {
        things.change(&format!("thing {}", number % 7)).await;
    }
    let (one, other) = (
        Running::start(on, &things).await,
        Running::start(on, &things).await,
    );
    for number in 0..200 {
        things.change(&format!("thing {}", number % 7)).await;
    }
    things.settled().await;
    assert_eq!(things.number("select count(*) from effects").await, 260);
    let unpublished = "select count(*) from outbox where published_at is null";
    assert_eq!(things.number(unpublished).await, 0);
    one.stop().await;
    other.stop().await;
    let lag = on.connect().await.lag(CONSUMER, &[TOPIC]).await.unwrap();
    assert!(lag.iter().all(|lag| lag.records == 0), "{lag:?}");
}

// Poison → dead letter; later events of the same aggregate are parked; others go on; replay keeps order.
pub(super) async fn poison_is_given_up_and_what_follows_waits_for_the_replay(on: &TestBus) {
    let things = Things::create().await;
    let (worker, another) = (
        Running::start(on, &things).await,
        Running::start(on, &things).await,
    );
    things.change("bad").await;
    things.change_as("bad", json!({ "effect": "fail" })).await;
    things.change("bad").await;
    things
        .change_as("worse", json!({ "effect": "panic" }))
        .await;
    for _ in 0..3 {
        things.change("bad").await;
        things.change("good").await;
    }
    eventually("all are dealt with", async || {
        things
            .number("select (select count(*) from effects) + (select count(*) from dead_letters)")
            .await
            == 10
    })
    .await;
    let expected = BTreeMap::from([("bad".into(), vec![1]), ("good".into(), vec![1, 2, 3])]);
    assert_eq!(things.effects().await, expected);
    let letters = dead_letters::list(things.db(), Some(CONSUMER), 100)
        .await
        .unwrap();
    let of_bad: Vec<(bool, i32)> = letters
        .iter()
        .filter(|letter| letter.aggregate_id == "bad")
        .map(|letter| (letter.is_parked, letter.attempts))
        .collect();
    assert_eq!(
        of_bad,
        [(false, 3), (true, 0), (true, 0), (true, 0), (true, 0)]
    );
    let worse = letters
        .iter()
        .find(|letter| letter.aggregate_id == "worse")
        .unwrap();
    assert_eq!(
        worse.error,
        "something went wrong on our side: the effect panicked"
    );
    assert_eq!(worse.event_type.as_deref(), Some("thing.changed"));

    let bad = letters
        .iter()
        .find(|letter| letter.aggregate_id == "bad")
        .unwrap();
    replay_in_vain_then_mended(&things, EventId::from_uuid(bad.event_id), &expected).await;
    worker.stop().await;
    another.stop().await;
}

/// As long as the cause is there, a replay changes nothing but the count; afterwards everything takes effect.
async fn replay_in_vain_then_mended(
    things: &Things,
    bad: EventId,
    expected: &BTreeMap<String, Vec<i32>>,
) {
    let (deps, consumer) = (things.deps(), things.consumer());
    let replayed = dead_letters::replay(&deps, NAME, &consumer, Some(bad))
        .await
        .unwrap();
    assert_eq!(replayed, Replayed { done: 0, failed: 1 });
    let replayed = dead_letters::replay(&deps, NAME, &consumer, None).await;
    let both_failed = Replayed { done: 0, failed: 2 };
    assert_eq!(replayed.unwrap(), both_failed, "also the one that panics");
    assert_eq!(&things.effects().await, expected);

    // Events that come during the replay neither overtake nor get lost, nor do two replays at once harm.
    things.mend();
    let racing = async {
        for _ in 0..10 {
            things.change("bad").await;
        }
    };
    let mut woken = deps.live.listen(NAME);
    let replay = || dead_letters::replay(&deps, NAME, &consumer, None);
    let (one, other, ()) = tokio::join!(replay(), replay(), racing);
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.done + other.done >= 6, "{one:?} {other:?}");
    assert_eq!(one.failed + other.failed, 0);
    let is_woken = woken.changed().now_or_never().is_some();
    assert!(is_woken, "tasks of this process go on with it");
    things.settled().await;
    assert_eq!(things.number("select count(*) from dead_letters").await, 0);
}

// UNAVAILABLE is retried for ever: after more tries than poison gets, nothing is given up.
pub(super) async fn what_only_has_to_wait_is_never_given_up(on: &TestBus) {
    let things = Things::create().await;
    let worker = Running::start(on, &things).await;
    things
        .change_as("patient", json!({ "effect": "wait" }))
        .await;
    things.change("patient").await;
    eventually("it is on the bus", async || {
        things
            .number("select count(*) from outbox where published_at is null")
            .await
            == 0
    })
    .await;
    // Poison would have had its three tries ten times over.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(things.number("select count(*) from effects").await, 0);
    assert_eq!(things.number("select count(*) from dead_letters").await, 0);
    // Neither does a worker that ends meanwhile give it up.
    worker.stop().await;
    let worker = Running::start(on, &things).await;
    things.mend();
    things.settled().await;
    worker.stop().await;
}

pub(super) async fn malformed_records_and_repeated_events_do_no_harm(on: &TestBus) {
    let things = Things::create().await;
    let bus = on.connect().await;
    let malformed = |event: &'static [u8]| Record {
        topic: TOPIC.to_owned(),
        key: "some".to_owned(),
        event_type: "thing.changed".to_owned(),
        event: Bytes::from_static(event),
        traceparent: Some("nonsense".to_owned()),
    };
    let nonsense = [
        malformed(b"\xff\x00{"),
        malformed(b""),
        malformed(b"{\"eventId\": 7}"),
    ];
    bus.publish(&nonsense).await.unwrap();
    things.change("some").await;
    let worker = Running::start(on, &things).await;
    things.settled().await;
    eventually("nonsense is put aside", async || {
        things.number("select count(*) from dead_letters").await == 3
    })
    .await;
    let letters = dead_letters::list(things.db(), None, 10).await.unwrap();
    assert!(
        letters
            .iter()
            .all(|letter| !letter.is_parked && letter.aggregate_id.is_empty()),
        "{letters:?}"
    );

    // All is published again, three times, and an envelope whose payload PostgreSQL cannot store.
    for _ in 0..3 {
        sqlx::query("update outbox set published_at = null")
            .execute(things.db())
            .await
            .unwrap();
        eventually("it is published again", async || {
            things
                .number("select count(*) from outbox where published_at is null")
                .await
                == 0
        })
        .await;
    }
    let nul = r#"{"eventId":"event_01h455vb4pex5vsknk084sn02q","eventType":"thing.changed","eventTime":"2026-01-01T00:00:00Z",
        "aggregateType":"thing","aggregateId":"nul\u0000nul","version":1,"payload":{"effect":"fail\u0000"},"actor":"test","traceparent":null}"#;
    bus.publish(&[malformed(nul.as_bytes())]).await.unwrap();
    things.change("some").await;
    eventually("the last has taken effect", async || {
        things.effects().await["some"] == [1, 2]
    })
    .await;
    eventually("NUL is put aside", async || {
        things.number("select count(*) from dead_letters").await == 4
    })
    .await;
    worker.stop().await;
}

// Relay and consumer dropped wherever they are, many times: between publishing and marking, between effect and
// commit, between commit and offset commit.
pub(super) async fn workers_that_are_cut_off_anywhere_lose_and_repeat_nothing(on: &TestBus) {
    const EVENTS: usize = 600;
    let things = Things::create().await;
    let done = std::sync::atomic::AtomicBool::new(false);
    let changing = async {
        for number in 0..EVENTS {
            things.change(&format!("thing {}", number % 9)).await;
        }
        done.store(true, Ordering::SeqCst);
    };
    let cut_off = async {
        let mut cuts: u64 = 0;
        while !done.load(Ordering::SeqCst) || cuts < 12 {
            let bus = on.connect().await;
            let worker = things.worker(bus).run(CancellationToken::new());
            let life = Duration::from_millis(20 + rand::random::<u64>() % 400);
            // Dropped here with all its tasks.
            drop(tokio::time::timeout(life, worker).await);
            cuts += 1;
        }
        cuts
    };
    let (cuts, ()) = tokio::join!(cut_off, changing);
    let worker = Running::start(on, &things).await;
    things.settled().await;
    worker.stop().await;
    println!("{EVENTS} events, {cuts} workers cut off: 0 lost, 0 twice, in order");
}
