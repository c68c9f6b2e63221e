//! How many subscribers a router holds, what each costs, and how fast events reach them.
//!
//! Routers and clients are processes of this program, as many as the limit of open files requires. A
//! router's subgraph is a function in its process, as in `pasar up`: what is measured is the router with
//! its sockets, no subgraph, no entity fields, nobody's token. Two questions: events that each concern one
//! subscriber, as notifications do, at a steady rate while all are connected; and one event that
//! concerns all of them, where the time is that of making and sending so many messages.
//!
//! A latency ends when the client's program has the message. Clients share the cores with the routers, so
//! what the clients cost is printed too. Most of both is the system's TCP, whose receiving half is
//! charged to whoever sends.

mod clients;
mod helper;
mod router;

use std::{net::Ipv4Addr, time::Duration};

use kernel::Clock;

use helper::Helper;

pub(crate) use clients::run as clients;
pub(crate) use router::run as router;

/// A process may have 20,000 files open here.
const PER_PROCESS: usize = 18_000;
const ROUNDS: usize = 10;
/// Between two events to all, so that one round does not run into the next.
const PAUSE: Duration = Duration::from_millis(500);
/// Events to one subscriber each: in all, and in a second. They are 10 s long.
const SINGLE_EVENTS: usize = 10_000;
const SINGLE_RATE: usize = 1_000;

/// Routers, each with its clients.
struct World {
    routers: Vec<Helper>,
    clients: Vec<Helper>,
    /// Clients of each router.
    shares: Vec<usize>,
}

/// Measures and prints.
pub(crate) async fn run(connections: usize) {
    let processes = connections.div_ceil(PER_PROCESS).max(1);
    let mut world = World {
        routers: (0..processes)
            .map(|_| Helper::start(&["subscriptions-router"]))
            .collect(),
        clients: Vec::new(),
        shares: shares(connections, processes),
    };
    let mut addresses = Vec::new();
    for router in &mut world.routers {
        addresses.push(router.hear("listening").await);
    }
    let empty = world.memory();
    let begun = tokio::time::Instant::now();
    for (number, (address, count)) in addresses.iter().zip(&world.shares).enumerate() {
        let source = Ipv4Addr::new(127, 0, 0, 10 + u8::try_from(number).unwrap()).to_string();
        let count = count.to_string();
        let arguments = ["subscriptions-clients", address, &count, &source];
        world.clients.push(Helper::start(&arguments));
    }
    for client in &mut world.clients {
        client.hear("connected").await;
    }
    let connecting = begun.elapsed().as_secs_f64();
    let idle = world.memory();
    for client in &mut world.clients {
        client.tell("subscribe").await;
    }
    while world.subscribers().await < connections {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let subscribed = world.memory();
    println!(
        "{connections} WebSocket connections held by {processes} router process(es), connected in {connecting:.1} s by as many client processes"
    );
    let each = |after: usize| after.saturating_sub(empty) as f64 / connections as f64;
    println!(
        "resident memory of the routers (not the system's socket buffers): {:.1} KiB per idle connection, {:.1} KiB with a subscription on it ({} MiB before the first)",
        each(idle),
        each(subscribed),
        empty / 1_024
    );
    single(&mut world).await;
    fan_out(&mut world).await;
}

/// As even as whole numbers are.
fn shares(total: usize, parts: usize) -> Vec<usize> {
    let more = total % parts;
    (0..parts)
        .map(|part| total / parts + usize::from(part < more))
        .collect()
}

impl World {
    fn memory(&self) -> usize {
        self.routers.iter().map(Helper::resident_kib).sum()
    }

    async fn subscribers(&mut self) -> usize {
        let mut sum = 0;
        for router in &mut self.routers {
            router.tell("subscribers").await;
            let found: usize = router.hear("subscribers").await.parse().unwrap();
            sum += found;
        }
        sum
    }

    /// Milliseconds of processor time that routers and clients have taken so far.
    fn worked(&self) -> [u64; 2] {
        [&self.routers, &self.clients].map(|all| all.iter().map(Helper::cpu_ms).sum())
    }

    /// Lets each group of clients expect so many events.
    async fn expect(&mut self, counts: &[usize]) {
        for (client, count) in self.clients.iter_mut().zip(counts) {
            client.tell(&format!("hear {count}")).await;
        }
    }

    /// How long the expected events took, in microseconds.
    async fn heard(&mut self) -> Vec<i64> {
        let mut latencies = Vec::new();
        for client in &mut self.clients {
            let line = client.hear("heard").await;
            latencies.extend(line.split(' ').map(|value| value.parse::<i64>().unwrap()));
        }
        latencies
    }
}

/// Events to one subscriber each.
async fn single(world: &mut World) {
    let total = SINGLE_EVENTS.min(world.shares.iter().sum());
    let counts = shares(total, world.routers.len());
    let before = world.worked();
    world.expect(&counts).await;
    let rate = SINGLE_RATE.div_ceil(world.routers.len());
    for (router, count) in world.routers.iter_mut().zip(&counts) {
        router.tell(&format!("some {count} {rate}")).await;
    }
    let latencies = world.heard().await;
    println!(
        "{total} events, each to one of them, {SINGLE_RATE} per second: {}",
        percentiles(latencies)
    );
    println!("  {}", costs(before, world.worked(), total));
}

/// Events to all.
async fn fan_out(world: &mut World) {
    let mut latencies = Vec::new();
    let before = world.worked();
    for _ in 0..ROUNDS {
        let counts = world.shares.clone();
        world.expect(&counts).await;
        let event = format!("all {}", micros());
        for router in &mut world.routers {
            router.tell(&event).await;
        }
        latencies.extend(world.heard().await);
        tokio::time::sleep(PAUSE).await;
    }
    let messages = latencies.len();
    println!(
        "one event to all of them, {ROUNDS} rounds: {}",
        percentiles(latencies)
    );
    println!("  {}", costs(before, world.worked(), messages));
}

fn percentiles(mut latencies: Vec<i64>) -> String {
    latencies.sort_unstable();
    let percentile = |percent: usize| {
        let index = (latencies.len() * percent / 100).min(latencies.len() - 1);
        latencies[index] as f64 / 1_000.0
    };
    format!(
        "p50 {:.1} ms, p99 {:.1} ms, last {:.1} ms",
        percentile(50),
        percentile(99),
        percentile(100)
    )
}

/// What a message has cost, pings included.
fn costs(before: [u64; 2], after: [u64; 2], messages: usize) -> String {
    let each = |index: usize| (after[index] - before[index]) as f64 * 1_000.0 / messages as f64;
    format!(
        "processor time per message: {:.0} µs in the routers, {:.0} µs in the clients",
        each(0),
        each(1)
    )
}

/// Now, by the clock that all processes share.
fn micros() -> i64 {
    Clock::System.now().timestamp_micros()
}
