//! Logs and traces of a process.
//!
//! Logs go to standard error: standard output belongs to the commands. Traces are exported only when
//! `telemetry.otlp_endpoint` is set; the trace context of a caller is passed on either way.

mod export;
pub mod traceparent;

use std::io::IsTerminal as _;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// The section `[telemetry]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySettings {
    /// What is logged, as `tracing-subscriber` filters are written: `info,router_server=debug`.
    pub level: String,
    /// How a log line looks.
    pub format: LogFormat,
    /// Where traces go by OTLP over HTTP, for example `http://127.0.0.1:4318`. Absent: nowhere.
    #[serde(default)]
    pub otlp_endpoint: Option<String>,
    /// Which part of the traces that begin here is recorded, from 0 to 1. A caller's decision wins.
    pub sample_ratio: f64,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    Compact,
    /// One JSON object, for machines.
    Json,
}

/// Why telemetry did not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `telemetry.level` is not a filter.
    #[error("telemetry.level: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// `telemetry.otlp_endpoint` is not usable.
    #[error("telemetry.otlp_endpoint: {0}")]
    Endpoint(#[from] opentelemetry_otlp::ExporterBuildError),
    /// Something else logs in this process already.
    #[error("logging was started before: {0}")]
    Started(#[from] tracing_subscriber::util::TryInitError),
}

/// Keeps telemetry running. Dropping it sends what has not been sent yet, so keep it to the end of
/// `main`, inside the runtime.
#[must_use = "telemetry stops when this is dropped"]
#[derive(Debug)]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

/// Starts logs, and traces when an endpoint is set. `role` names this process to the collector.
/// Must be called inside a tokio runtime (with more than one thread if traces are exported).
///
/// # Errors
/// When a setting is wrong or logging has been started before.
pub fn init(role: &str, settings: &TelemetrySettings) -> Result<Telemetry, TelemetryError> {
    let filter = EnvFilter::try_new(&settings.level)?;
    let provider = settings
        .otlp_endpoint
        .as_deref()
        .map(|endpoint| export::provider(role, endpoint, settings.sample_ratio))
        .transpose()?;
    let traces = provider
        .as_ref()
        .map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("pasar")));
    let registry = tracing_subscriber::registry().with(filter).with(traces);
    let logs = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Compact => registry.with(logs.compact()).try_init()?,
        LogFormat::Json => registry
            .with(logs.json().flatten_event(true).with_span_list(false))
            .try_init()?,
    }
    Ok(Telemetry { provider })
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take()
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}
