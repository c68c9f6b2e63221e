//! Waiting for what other tasks and processes do.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

/// Longer than anything takes, so that a hang fails.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until `holds`.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    found(what, async || holds().await.then_some(()).ok_or("not yet")).await;
}

/// Looks until there is what is looked for, and gives it; in vain, the test fails and shows what was seen last.
pub async fn found<T, E: Debug>(what: &str, look: impl AsyncFnMut() -> Result<T, E>) -> T {
    found_within(PATIENCE, what, look).await
}

/// As [`found`], for what must not take longer than `limit`: no measure of speed, but many times what it takes.
pub async fn found_within<T, E: Debug>(
    limit: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let until = Instant::now() + limit;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() >= until => panic!("in vain waited until {what}: {seen:?}"),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Whether a process has not ended yet.
#[must_use]
pub fn is_running(pid: u32) -> bool {
    // The command line of a process that has ended but was not collected is empty.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}
