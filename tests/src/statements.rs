//! Counting SQL statements: `sqlx` logs each one at target `sqlx::query`.

use std::{
    future::Future,
    sync::{
        Arc, Once,
        atomic::{AtomicUsize, Ordering},
    },
};

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
};

tokio::task_local! {
    static COUNT: Arc<AtomicUsize>;
}

struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "sqlx::query" && *metadata.level() <= Level::DEBUG
    }

    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        // Outside of a count there is nobody to tell.
        let _nobody_counts = COUNT.try_with(|count| count.fetch_add(1, Ordering::SeqCst));
    }
}

/// Makes statements countable; once per process, before the first statement. One subscriber for all
/// threads, because `tracing` caches per call site whether anybody listens, and a scoped subscriber
/// loses that race against the other tests.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(registry().with(Counter)).unwrap();
    });
}

/// Runs `work` and counts the SQL statements it sends, `begin` and `commit` included.
pub async fn count_statements<T>(work: impl Future<Output = T>) -> (T, usize) {
    let count = Arc::new(AtomicUsize::new(0));
    let result = COUNT.scope(Arc::clone(&count), work).await;
    (result, count.load(Ordering::SeqCst))
}
