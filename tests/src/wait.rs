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
pub async fn found<T, E: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, E>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) if Instant::now() >= until => panic!("in vain waited until {what}: {seen:?}"),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
