//! What every request gets: an id, a span, one line in the log, and a place in the metrics.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use kernel::Ids;
use tracing::{Instrument as _, Span, field::Empty};

use crate::telemetry::traceparent;

/// The header that carries the id of a request, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const MAX_REQUEST_ID: usize = 128;

/// What a handler may want to know about its request; found in the request's extensions.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The client's `x-request-id` if it sent a usable one, else a fresh id.
    pub id: Arc<str>,
    /// The caller's trace context, or our own when traces are recorded.
    pub traceparent: Option<Arc<str>>,
    /// When the request arrived.
    pub started: Instant,
}

/// What a handler may say about its request for the metrics; put it into the response's extensions.
/// Both texts must come from small closed sets.
#[derive(Debug, Clone)]
pub struct RequestLabels {
    /// `query`, `mutation` …
    pub operation_type: &'static str,
    /// Which client application, from a list of known ones, or `other`.
    pub client_name: Arc<str>,
}

/// Adds request ids, spans, the access log and request metrics around `router`.
pub fn observe(router: Router, ids: Ids) -> Router {
    router.layer(from_fn_with_state(ids, around))
}

async fn around(State(ids): State<Ids>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers(), &ids);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let given = request
        .headers()
        .get(traceparent::HEADER)
        .and_then(|value| value.to_str().ok())
        .and_then(traceparent::parse);
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        http.request.method = %method,
        url.path = %path,
        request_id = %id,
        trace_id = Empty,
        http.response.status_code = Empty,
        graphql.operation.type = Empty,
        graphql.operation.name = Empty,
        client.name = Empty,
    );
    if let Some(given) = &given {
        traceparent::adopt(&span, given);
    }
    let traceparent = traceparent::of(&span).or(given);
    if let Some(trace_id) = traceparent.as_deref().and_then(traceparent::trace_id) {
        span.record("trace_id", trace_id);
    }
    request.extensions_mut().insert(RequestContext {
        id: Arc::clone(&id),
        traceparent,
        started,
    });

    metrics::gauge!("http_server_active_requests").increment(1.0);
    let _active = Active;
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    span.in_scope(|| finish(&span, method.as_str(), &path, &response, started.elapsed()));
    response
}

/// Counts down also when the client has gone away and this future is dropped.
struct Active;

impl Drop for Active {
    fn drop(&mut self) {
        metrics::gauge!("http_server_active_requests").decrement(1.0);
    }
}

fn finish(span: &Span, method: &str, path: &str, response: &Response, took: Duration) {
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    let labels = response.extensions().get::<RequestLabels>();
    let operation_type = labels.map_or("none", |labels| labels.operation_type);
    let client_name = labels.map_or_else(|| Arc::from("other"), |l| Arc::clone(&l.client_name));
    metrics::histogram!(
        "http_server_request_duration_seconds",
        "http_response_status_code" => status.to_string(),
        "graphql_operation_type" => operation_type,
        "client_name" => client_name.to_string(),
    )
    .record(took.as_secs_f64());
    let duration_ms = u64::try_from(took.as_micros()).unwrap_or(u64::MAX) as f64 / 1_000.0;
    if path.starts_with("/health") || path == "/metrics" {
        // Asked every few seconds by machines.
        tracing::debug!(target: "access", status, duration_ms, "{method} {path} {status}");
    } else {
        tracing::info!(target: "access", status, duration_ms, "{method} {path} {status}");
    }
}

/// A client's id is taken over if it is short and printable, so that it can stand in logs and headers.
fn request_id(headers: &HeaderMap, ids: &Ids) -> Arc<str> {
    headers
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|text| {
            (1..=MAX_REQUEST_ID).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        })
        .map_or_else(|| Arc::from(ids.uuid().to_string()), Arc::from)
}
