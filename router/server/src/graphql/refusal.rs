//! A request that is answered with errors only.

use http::{HeaderName, HeaderValue, StatusCode, header};
use router_engine::{ErrorCode, GraphqlError};

/// Why a request is refused, and how the answer says so.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(super) status: Status,
    pub(super) errors: Vec<GraphqlError>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

/// The status of a refusal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Status {
    /// The same in every format: the HTTP request was wrong or could not be served.
    Fixed(StatusCode),
    /// The GraphQL request was wrong: the format decides.
    OfErrors,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status: Status::Fixed(status),
            errors: vec![GraphqlError::new(code, message)],
            headers: Vec::new(),
        }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The document or the variables are wrong.
    pub(crate) fn graphql(errors: Vec<GraphqlError>) -> Self {
        Self {
            status: Status::OfErrors,
            errors,
            headers: Vec::new(),
        }
    }

    /// The errors alone, for protocols without status and headers.
    pub(crate) fn into_errors(self) -> Vec<GraphqlError> {
        self.errors
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::BadRequest, message)
    }

    pub(crate) fn timeout() -> Self {
        reject("timeout");
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            ErrorCode::GatewayTimeout,
            "the answer was not ready in time",
        )
    }

    pub(super) fn slow_client() -> Self {
        reject("timeout");
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            ErrorCode::Timeout,
            "the request did not arrive in time",
        )
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Unavailable,
            message,
        )
        .with_header(header::RETRY_AFTER, "1")
    }
}

/// Adds the name under which a request is found in the logs.
pub(crate) fn name_request(errors: &mut [GraphqlError], request_id: &str) {
    for error in errors {
        error
            .extensions
            .entry("requestId")
            .or_insert_with(|| request_id.into());
    }
}

/// Counts a request that was not let in; `reason` comes from a closed set.
pub(crate) fn reject(reason: &'static str) {
    metrics::counter!("router_requests_rejected_total", "reason" => reason).increment(1);
}
