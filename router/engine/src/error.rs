//! What clients are told when something goes wrong: one closed list of codes.

use std::sync::Arc;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::{Map, Value};

/// Every value that `errors[].extensions.code` can take. A closed list: clients may match on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// No operation of that name, or several and no name.
    OperationResolutionFailure,
    /// The operation is larger than the router allows.
    LimitExceeded,
    /// `__schema` or `__type` was asked for and introspection is off.
    IntrospectionDisabled,
    /// A variable or argument has a wrong value.
    BadUserInput,
    /// The request as such is malformed (not JSON, no query, …).
    BadRequest,
    /// A mutation by GET, or another wrong method.
    MethodNotAllowed,
    /// No media type the client accepts can be produced.
    NotAcceptable,
    /// The body has a media type the router does not read.
    UnsupportedMediaType,
    /// The request body is larger than the router reads.
    PayloadTooLarge,
    /// The request could have been forged by another site.
    CsrfRejected,
    /// The caller must log in.
    Unauthenticated,
    /// The caller is known and may not.
    Forbidden,
    /// The thing does not exist.
    NotFound,
    /// The state has changed meanwhile.
    Conflict,
    /// Too many requests.
    RateLimited,
    /// A subgraph says that it took too long.
    Timeout,
    /// A subgraph says that something it needs does not answer.
    Unavailable,
    /// A subgraph could not be reached or answered nonsense.
    DownstreamServiceError,
    /// A subgraph did not answer in time, or the request's time is over.
    GatewayTimeout,
    /// Subscriptions are not served.
    SubscriptionsNotSupported,
    /// No plan was found for a valid operation.
    QueryPlanningFailed,
    /// A defect; the details are in the log under the request id.
    InternalServerError,
}

impl ErrorCode {
    /// The code on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::OperationResolutionFailure => "OPERATION_RESOLUTION_FAILURE",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::IntrospectionDisabled => "INTROSPECTION_DISABLED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::BadRequest => "BAD_REQUEST",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::CsrfRejected => "CSRF_REJECTED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::DownstreamServiceError => "DOWNSTREAM_SERVICE_ERROR",
            Self::GatewayTimeout => "GATEWAY_TIMEOUT",
            Self::SubscriptionsNotSupported => "SUBSCRIPTIONS_NOT_SUPPORTED",
            Self::QueryPlanningFailed => "QUERY_PLANNING_FAILED",
            Self::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The HTTP status when this error is all there is to say, so when there is no `data`.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::OperationResolutionFailure
            | Self::LimitExceeded
            | Self::IntrospectionDisabled
            | Self::BadUserInput
            | Self::BadRequest
            | Self::SubscriptionsNotSupported => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden | Self::CsrfRejected => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::NotAcceptable => 406,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited => 429,
            Self::InternalServerError | Self::QueryPlanningFailed => 500,
            Self::DownstreamServiceError => 502,
            Self::Unavailable => 503,
            Self::GatewayTimeout | Self::Timeout => 504,
        }
    }

    /// The codes that a subgraph may send through to the client together with its message.
    #[must_use]
    pub fn safe_from_subgraph(code: &str) -> Option<Self> {
        [
            Self::Unauthenticated,
            Self::Forbidden,
            Self::NotFound,
            Self::BadUserInput,
            Self::Conflict,
            Self::RateLimited,
            Self::Timeout,
            Self::Unavailable,
        ]
        .into_iter()
        .find(|safe| safe.as_str() == code)
    }
}

/// One step of the path from the root of `data` to a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum PathSegment {
    /// A response key.
    Field(Arc<str>),
    /// A position in a list.
    Index(usize),
}

/// A place in the client's document, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// An entry of `errors`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphqlError {
    /// Made for people.
    pub message: String,
    /// Made for programs; on the wire it is `extensions.code`.
    pub code: ErrorCode,
    /// Where in the document.
    pub locations: Vec<Location>,
    /// Where in the response.
    pub path: Option<Vec<PathSegment>>,
    /// Whatever else `extensions` carries.
    pub extensions: Map<String, Value>,
}

impl GraphqlError {
    /// An error without place or path.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code,
            locations: Vec::new(),
            path: None,
            extensions: Map::new(),
        }
    }

    /// The same error at a place in the response.
    #[must_use]
    pub fn at(mut self, path: Vec<PathSegment>) -> Self {
        self.path = Some(path);
        self
    }

    /// The same error with one more extension.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extensions.insert(key.to_owned(), value.into());
        self
    }
}

impl Serialize for GraphqlError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut error = serializer.serialize_struct("GraphqlError", 4)?;
        error.serialize_field("message", &self.message)?;
        if !self.locations.is_empty() {
            error.serialize_field("locations", &self.locations)?;
        }
        if let Some(path) = &self.path {
            error.serialize_field("path", path)?;
        }
        error.serialize_field("extensions", &Extensions(self))?;
        error.end()
    }
}

/// `code` first, then the rest.
struct Extensions<'a>(&'a GraphqlError);

impl Serialize for Extensions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.0.extensions.len()))?;
        map.serialize_entry("code", self.0.code.as_str())?;
        for (key, value) in &self.0.extensions {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
