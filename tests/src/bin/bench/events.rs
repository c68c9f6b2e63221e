//! The event bus, end to end: from the commit of a change, over outbox, relay, bus and consumer, to the commit
//! of its effect. On the PostgreSQL log and, where there is a broker, on Kafka, in one run.

use std::{sync::Arc, time::Duration, time::Instant};

use harness::{
    things::{self, TestBus, Things},
    wait::eventually,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::load::median;

/// Changes of one round of the flood.
const FLOOD: usize = 20_000;
const THINGS: usize = 500;
const ROUNDS: usize = 3;
/// Changes per second while latency is measured, and for how long.
const RATE: u64 = 200;
const STEADY: Duration = Duration::from_secs(15);

/// Measures and prints.
pub(crate) async fn run() {
    println!(
        "data: {THINGS} things; flood: {FLOOD} events that wait in the outbox, one worker process's worth of relay and \
         consumer, {ROUNDS} rounds; steady: {RATE} changes/s for {} s; PostgreSQL of the tests (fsync off), all on the \
         same cores\n",
        STEADY.as_secs()
    );
    println!(
        "{:<10} {:>28} {:>10} {:>34} {:>8} {:>8}",
        "bus",
        "events/s (lowest to highest)",
        "changes/s",
        "commit to effect p50 ms (low-high)",
        "p95",
        "p99"
    );
    for name in ["log", "kafka"] {
        let mut rates = Vec::new();
        let (mut p50, mut p95, mut p99) = (Vec::new(), Vec::new(), Vec::new());
        let mut reached = Vec::new();
        for _ in 0..ROUNDS {
            let bus = match name {
                "log" => Some(TestBus::log().await),
                _ => TestBus::kafka(),
            };
            let Some(bus) = bus else {
                println!("{name:<10} not here");
                break;
            };
            rates.push(flood(&bus).await);
            let (rate, mut latencies) = steady(&bus).await;
            latencies.sort_unstable_by(f64::total_cmp);
            let percentile = |percent: usize| {
                latencies[(latencies.len() * percent / 100).min(latencies.len() - 1)]
            };
            reached.push(rate);
            p50.push(percentile(50));
            p95.push(percentile(95));
            p99.push(percentile(99));
        }
        if rates.is_empty() {
            continue;
        }
        let (rate, low, high) = median(rates);
        let (middle, quick, slow) = median(p50);
        println!(
            "{name:<10} {:>28} {:>10.0} {:>34} {:>8.1} {:>8.1}",
            format!("{rate:.0} ({low:.0} to {high:.0})"),
            median(reached).0,
            format!("{middle:.1} ({quick:.1} to {slow:.1})"),
            median(p95).0,
            median(p99).0,
        );
    }
}

/// Events per second when a worker finds a full outbox.
async fn flood(on: &TestBus) -> f64 {
    let things = Things::create().await;
    sqlx::query(
        "insert into outbox (event_id, event_type, event_time, aggregate_type, aggregate_id, version, payload, actor) \
         select gen_random_uuid(), 'thing.changed', now(), 'thing', 'thing ' || (n % $2), n / $2 + 1, \
             jsonb_build_object('name', repeat('x', 500)), 'bench' from generate_series(0, $1 - 1) as n",
    )
    .bind(i32::try_from(FLOOD).unwrap())
    .bind(i32::try_from(THINGS).unwrap())
    .execute(things.db())
    .await
    .unwrap();
    let stop = CancellationToken::new();
    let worker = tokio::spawn(things.worker(on.connect().await).run(stop.clone()));
    let begin = Instant::now();
    eventually("all have taken effect", async || {
        things::counts(things.db())
            .await
            .is_ok_and(|(happened, done)| happened == done)
    })
    .await;
    let rate = FLOOD as f64 / begin.elapsed().as_secs_f64();
    things::assert_in_order(&things.effects().await);
    stop.cancel();
    worker.await.unwrap();
    rate
}

/// Milliseconds from commit to effect at a steady rate, and the changes per second that were reached.
async fn steady(on: &TestBus) -> (f64, Vec<f64>) {
    let things = Arc::new(Things::create().await);
    // Both ends by the clock of the database: the change's commit by what tracks commits is not to be had, so
    // its statement's time is taken just before the commit.
    sqlx::raw_sql(
        "alter table outbox add column written_at timestamptz default clock_timestamp();
         alter table effects add column written_at timestamptz default clock_timestamp()",
    )
    .execute(things.db())
    .await
    .unwrap();
    let stop = CancellationToken::new();
    let worker = tokio::spawn(things.worker(on.connect().await).run(stop.clone()));
    things.change("warm").await;
    things.settled().await;
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / RATE));
    let begin = Instant::now();
    let mut changes = tokio::task::JoinSet::new();
    let mut number = 0;
    while begin.elapsed() < STEADY {
        tick.tick().await;
        number += 1;
        let things = Arc::clone(&things);
        changes.spawn(async move {
            let thing = format!("thing {}", number % THINGS);
            things::change(things.db(), &thing, json!({ "name": "x".repeat(500) }))
                .await
                .unwrap();
        });
    }
    while changes.join_next().await.is_some() {}
    let rate = f64::from(u32::try_from(number).unwrap()) / begin.elapsed().as_secs_f64();
    things.settled().await;
    let latencies: Vec<f64> = sqlx::query_scalar(
        "select extract(epoch from e.written_at - o.written_at)::float8 * 1000 from effects e join outbox o using (event_id)",
    )
    .fetch_all(things.db())
    .await
    .unwrap();
    stop.cancel();
    worker.await.unwrap();
    (rate, latencies)
}
