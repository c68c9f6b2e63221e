//! What operators see of search. Labels come from closed sets.

use std::time::Duration;

/// An event reached the projection so long after it happened: from then on PostgreSQL finds it.
pub(crate) fn projected(lag: chrono::Duration) {
    metrics::histogram!("pasar_search_freshness_seconds", "engine" => "postgres")
        .record(seconds(lag));
}

/// A change reached the search node so long after it happened.
pub(crate) fn indexed(lag: chrono::Duration) {
    metrics::histogram!("pasar_search_freshness_seconds", "engine" => "elastic")
        .record(seconds(lag));
}

/// A search was answered by an engine.
pub(crate) fn answered(engine: &'static str, took: Duration) {
    metrics::histogram!("pasar_search_query_duration_seconds", "engine" => engine)
        .record(took.as_secs_f64());
}

/// The search node did not answer and PostgreSQL did.
pub(crate) fn fell_back() {
    metrics::counter!("pasar_search_fallbacks_total").increment(1);
}

/// So many changes wait to be pushed to the search node.
pub(crate) fn backlog(changes: i64) {
    metrics::gauge!("pasar_search_backlog_documents").set(approximate(changes));
}

fn seconds(lag: chrono::Duration) -> f64 {
    lag.to_std().unwrap_or_default().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a gauge need not be exact")]
fn approximate(number: i64) -> f64 {
    number as f64
}
