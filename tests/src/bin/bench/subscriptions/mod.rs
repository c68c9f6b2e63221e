//! How many subscribers a router holds, what each costs, and how fast one event reaches them all.
//!
//! Routers and clients are processes of this program, as many as the limit of open files requires. A
//! router's subgraph is a function in its process, as in `pasar up`: what is measured is the router.
//! Clients share the cores with the routers, and their sockets the machine.

mod clients;
mod router;

use std::{net::Ipv4Addr, process::Stdio, time::Duration};

use kernel::Clock;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

pub(crate) use clients::run as clients;
pub(crate) use router::run as router;

/// A process may have 20,000 files open here.
const PER_PROCESS: usize = 18_000;
const ROUNDS: usize = 10;
/// Between two events, so that one round does not run into the next.
const PAUSE: Duration = Duration::from_millis(500);

/// A child process that is talked to line by line.
struct Helper {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Helper {
    fn start(arguments: &[&str]) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            _child: child,
            input,
            output,
        }
    }

    async fn tell(&mut self, line: &str) {
        let line = format!("{line}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    /// What follows `word` in the next line that begins with it.
    async fn hear(&mut self, word: &str) -> String {
        while let Some(line) = self.output.next_line().await.unwrap() {
            if let Some(rest) = line.strip_prefix(word) {
                return rest.trim().to_owned();
            }
        }
        panic!("a helper ended before it said `{word}`");
    }

    /// Subscribers of a router, and its memory in KiB.
    async fn status(&mut self) -> (usize, usize) {
        self.tell("status").await;
        let status = self.hear("status").await;
        let (subscribers, rss) = status.split_once(' ').unwrap();
        (subscribers.parse().unwrap(), rss.parse().unwrap())
    }
}

/// Measures and prints.
pub(crate) async fn run(connections: usize) {
    let processes = connections.div_ceil(PER_PROCESS).max(1);
    let share = connections.div_ceil(processes);
    let mut routers: Vec<_> = (0..processes)
        .map(|_| Helper::start(&["subscriptions-router"]))
        .collect();
    let mut addresses = Vec::new();
    for router in &mut routers {
        addresses.push(router.hear("listening").await);
    }
    let empty = memory(&mut routers).await;
    let begun = tokio::time::Instant::now();
    let mut clients = Vec::new();
    for (number, address) in addresses.iter().enumerate() {
        let source = Ipv4Addr::new(127, 0, 0, 10 + u8::try_from(number).unwrap()).to_string();
        let count = share.min(connections - number * share).to_string();
        let arguments = ["subscriptions-clients", address, &count, &source];
        clients.push(Helper::start(&arguments));
    }
    for client in &mut clients {
        client.hear("connected").await;
    }
    let connecting = begun.elapsed();
    let idle = memory(&mut routers).await;
    for client in &mut clients {
        client.tell("subscribe").await;
    }
    while subscribers(&mut routers).await < connections {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let subscribed = memory(&mut routers).await;
    println!(
        "{connections} WebSocket connections held by {processes} router process(es), connected in {:.1} s by as many client processes",
        connecting.as_secs_f64()
    );
    let each = |after: usize| after.saturating_sub(empty) as f64 / connections as f64;
    println!(
        "resident memory of the routers: {:.1} KiB per idle connection, {:.1} KiB with a subscription on it ({} MiB before the first)",
        each(idle),
        each(subscribed),
        empty / 1_024
    );
    let mut latencies = fan_out(&mut routers, &mut clients).await;
    latencies.sort_unstable();
    let percentile = |percent: usize| {
        let index = (latencies.len() * percent / 100).min(latencies.len() - 1);
        latencies[index] as f64 / 1_000.0
    };
    println!(
        "one event to all of them, {ROUNDS} rounds: p50 {:.1} ms, p99 {:.1} ms, last {:.1} ms",
        percentile(50),
        percentile(99),
        percentile(100)
    );
}

async fn memory(routers: &mut [Helper]) -> usize {
    let mut sum = 0;
    for router in routers {
        sum += router.status().await.1;
    }
    sum
}

async fn subscribers(routers: &mut [Helper]) -> usize {
    let mut sum = 0;
    for router in routers {
        sum += router.status().await.0;
    }
    sum
}

/// From the event to each client, in microseconds.
async fn fan_out(routers: &mut [Helper], clients: &mut [Helper]) -> Vec<i64> {
    let mut latencies = Vec::new();
    for _ in 0..ROUNDS {
        let event = format!("event {}", micros());
        for router in &mut *routers {
            router.tell(&event).await;
        }
        for client in &mut *clients {
            let line = client.hear("round").await;
            latencies.extend(line.split(' ').map(|value| value.parse::<i64>().unwrap()));
        }
        tokio::time::sleep(PAUSE).await;
    }
    latencies
}

/// Now, by the clock that all processes share.
fn micros() -> i64 {
    Clock::System.now().timestamp_micros()
}
