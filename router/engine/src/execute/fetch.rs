//! One call to one subgraph.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use kernel::{CallContext, GraphqlCall};
use serde_json::Map;
use tokio::time::{Instant, timeout};

use super::errors::SubgraphError;
use crate::{
    engine::Subgraph,
    error::{ErrorCode, GraphqlError},
    plan::Request,
    settings::EngineSettings,
    transport::TransportError,
    value::Value,
};

/// Variables of a call.
pub(super) type Variables = Map<String, serde_json::Value>;

/// What a subgraph said.
pub(super) struct Answer {
    /// An object or null.
    pub(super) data: Value,
    pub(super) errors: Vec<SubgraphError>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// It answered, but not as GraphQL says.
    #[error("the answer is no GraphQL response: {0}")]
    Malformed(&'static str),
}

impl Failure {
    /// The error that clients see, not yet at a place.
    pub(super) fn to_error(&self, subgraph: &Subgraph, settings: &EngineSettings) -> GraphqlError {
        let (code, text) = match self {
            Self::Transport(error) => (error.code(), error.public_text()),
            Self::Malformed(_) => (
                ErrorCode::DownstreamServiceError,
                "a part of the answer is not available: its service failed",
            ),
        };
        metrics::counter!(
            "router_graphql_errors_total",
            "code" => code.as_str(), "subgraph" => Arc::clone(&subgraph.name)
        )
        .increment(1);
        let error = GraphqlError::new(code, text);
        if settings.expose_subgraph_names {
            error.with("service", &*subgraph.name)
        } else {
            error
        }
    }

    /// Says it to the operator, once.
    pub(super) fn log(&self, subgraph: &Subgraph, context: &CallContext) {
        let cause = std::error::Error::source(self).map(ToString::to_string);
        tracing::warn!(
            subgraph = &*subgraph.name,
            request_id = &*context.request_id,
            error = %self,
            cause,
            "a subgraph gave no usable answer"
        );
    }

    pub(super) const fn outcome(&self) -> &'static str {
        match self {
            Self::Transport(error) => error.outcome(),
            Self::Malformed(_) => "malformed",
        }
    }
}

/// Sends `request` and reads the answer. Never takes longer than the subgraph and the whole request
/// are given.
#[tracing::instrument(name = "router.fetch", skip_all, fields(subgraph = &*subgraph.name))]
pub(super) async fn fetch(
    subgraph: &Subgraph,
    settings: &EngineSettings,
    request: &Request,
    variables: Variables,
    context: &CallContext,
) -> Result<Answer, Failure> {
    let begun = Instant::now();
    let answer = send(subgraph, request, variables, context)
        .await
        .and_then(|body| read(body, settings.max_subgraph_response_bytes));
    let outcome = match &answer {
        Ok(answer) if answer.errors.is_empty() => "ok",
        Ok(_) => "errors",
        Err(failure) => failure.outcome(),
    };
    let name = || Arc::clone(&subgraph.name);
    metrics::counter!(
        "router_subgraph_requests_total", "subgraph" => name(), "outcome" => outcome
    )
    .increment(1);
    metrics::histogram!("router_subgraph_request_duration_seconds", "subgraph" => name())
        .record(begun.elapsed().as_secs_f64());
    if let Err(failure) = &answer {
        failure.log(subgraph, context);
    }
    answer
}

async fn send(
    subgraph: &Subgraph,
    request: &Request,
    variables: Variables,
    context: &CallContext,
) -> Result<Bytes, Failure> {
    let mut allowed = subgraph.timeout;
    if let Some(deadline) = context.deadline {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        allowed = allowed.min(left);
    }
    if allowed == Duration::ZERO {
        return Err(TransportError::Timeout.into());
    }
    let mut context = context.clone();
    let until = std::time::Instant::now() + allowed;
    context.deadline = Some(until);
    let call = GraphqlCall {
        query: Arc::clone(&request.query),
        operation_name: None,
        variables,
        context,
    };
    match timeout(allowed, subgraph.transport.call(call)).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(TransportError::Timeout.into()),
    }
}

/// Reads the text of an answer.
pub(super) fn read(body: Bytes, max_bytes: usize) -> Result<Answer, Failure> {
    if body.len() > max_bytes {
        return Err(TransportError::BodyTooLarge.into());
    }
    // `from_bytes` reads one value and does not look at what follows it.
    let closed = body.trim_ascii_end().ends_with(b"}");
    let value = Value::from_bytes(body).map_err(|_| Failure::Malformed("it is not JSON"))?;
    let Value::Object(mut object) = value else {
        return Err(Failure::Malformed("it is not an object"));
    };
    if !closed {
        return Err(Failure::Malformed("something follows the object"));
    }
    let errors = match object.remove("errors") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(errors)) => errors.iter().map(SubgraphError::read).collect(),
        Some(other) => vec![SubgraphError::read(&other)],
    };
    let data = object.remove("data").unwrap_or_default();
    match &data {
        Value::Null if errors.is_empty() => {
            Err(Failure::Malformed("it has neither data nor errors"))
        }
        Value::Null | Value::Object(_) => Ok(Answer { data, errors }),
        _ => Err(Failure::Malformed("its data is not an object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(body: &'static str) -> &'static str {
        match read(Bytes::from_static(body.as_bytes()), 1_000) {
            Err(Failure::Malformed(why)) => why,
            Err(Failure::Transport(error)) => error.outcome(),
            Ok(_) => "ok",
        }
    }

    #[test]
    fn only_graphql_responses_are_answers() {
        assert_eq!(failure("<html>"), "it is not JSON");
        assert_eq!(failure(r#"{"data":{}} x"#), "something follows the object");
        assert_eq!(failure("[]"), "it is not an object");
        assert_eq!(failure("{}"), "it has neither data nor errors");
        assert_eq!(
            failure(r#"{"data":null,"errors":[]}"#),
            "it has neither data nor errors"
        );
        assert_eq!(failure(r#"{"data":[1]}"#), "its data is not an object");
        assert_eq!(failure(r#"{"data":{}}"#), "ok");
        assert_eq!(failure(r#"{"errors":[{"message":"no"}]}"#), "ok");
        assert_eq!(failure(r#"{"errors":"no"}"#), "ok");
    }

    #[test]
    fn deep_and_large_answers_are_refused() {
        let deep = Bytes::from("[".repeat(900));
        assert!(read(deep, 1_000).is_err());
        let large = Bytes::from(format!(r#"{{"data":{{"a":"{}"}}}}"#, "x".repeat(1_000)));
        assert!(matches!(
            read(large, 1_000),
            Err(Failure::Transport(TransportError::BodyTooLarge))
        ));
    }
}
