//! Counting for Prometheus. Names are listed in `reference/clients.md` 3.3; labels come from closed
//! sets only, because every new value is a new time series.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

const SECONDS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
const SIZES: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 1_000.0];

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts counting in this process; later calls do nothing.
pub fn install() {
    let _installed = handle();
}

/// Everything counted so far, in the Prometheus text format.
#[must_use]
pub fn render() -> String {
    let Some(handle) = handle() else {
        return String::new();
    };
    // Drains the buffers of the histograms, which otherwise grow until the next scrape.
    handle.run_upkeep();
    handle.render()
}

fn handle() -> Option<&'static PrometheusHandle> {
    RECORDER
        .get_or_init(|| {
            let installed = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
                .and_then(|builder| {
                    builder.set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), &SIZES)
                })
                .and_then(PrometheusBuilder::install_recorder);
            installed
                .inspect_err(|error| tracing::error!(%error, "metrics are off"))
                .ok()
        })
        .as_ref()
}

/// Drains the buffers of the histograms now and then, for a process that nobody scrapes.
pub async fn upkeep() {
    let mut every = tokio::time::interval(std::time::Duration::from_secs(10));
    loop {
        every.tick().await;
        if let Some(handle) = handle() {
            handle.run_upkeep();
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_counted_is_rendered() {
        super::install();
        super::install();
        metrics::counter!("process_test_total", "result" => "ok").increment(3);
        metrics::histogram!("process_test_seconds").record(0.004);
        let text = super::render();
        assert!(
            text.contains("process_test_total{result=\"ok\"} 3"),
            "{text}"
        );
        assert!(
            text.contains("process_test_seconds_bucket{le=\"0.005\"} 1"),
            "{text}"
        );
    }
}
