//! A closed loop of clients, and what came of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use harness::http::HttpClient;

/// One run.
pub(crate) struct Run {
    /// Sorted.
    pub(crate) latencies: Vec<Duration>,
    pub(crate) elapsed: Duration,
    pub(crate) failed: usize,
}

impl Run {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let index =
            (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(index).copied().unwrap_or_default()
    }
}

/// `clients` send `body` over and over, `requests` in all.
pub(crate) async fn run(base: &str, body: &str, clients: usize, requests: usize) -> Run {
    let left = Arc::new(AtomicUsize::new(requests));
    let failed = Arc::new(AtomicUsize::new(0));
    let begin = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (client, body) = (HttpClient::new(base), body.to_owned());
            let (left, failed) = (Arc::clone(&left), Arc::clone(&failed));
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                    .is_ok()
                {
                    let start = Instant::now();
                    let reply = client.post("/graphql", body.clone()).await;
                    latencies.push(start.elapsed());
                    if !reply.status.is_success() || reply.body.starts_with(b"{\"errors\"") {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(requests);
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    let elapsed = begin.elapsed();
    latencies.sort_unstable();
    Run {
        latencies,
        elapsed,
        failed: failed.load(Ordering::Relaxed),
    }
}

/// Median and spread (lowest to highest) of a figure over several runs.
pub(crate) fn median(mut figures: Vec<f64>) -> (f64, f64, f64) {
    figures.sort_unstable_by(f64::total_cmp);
    let middle = figures.get(figures.len() / 2).copied().unwrap_or_default();
    (
        middle,
        figures.first().copied().unwrap_or_default(),
        figures.last().copied().unwrap_or_default(),
    )
}
