//! A running subgraph is asked for its schema.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use kernel::{CallContext, GraphqlCall, Principal};
use process::client::Client;
use router_engine::{Transport as _, TransportError};
use serde::Deserialize;

use crate::{
    RouterSettings,
    transport::{Assertions, HttpTransport, TargetError},
};

/// What Federation says that a subgraph answers.
const QUERY: &str = "{ _service { sdl } }";
/// Before the second attempt; then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// So much of a subgraph's own words is repeated.
const MAX_QUOTED: usize = 200;

/// Asks subgraphs for their schemas. Cheap to clone.
#[derive(Clone)]
pub struct Introspector {
    client: Client,
    assertions: Option<Arc<Assertions>>,
    settings: Arc<RouterSettings>,
}

/// Why a subgraph's schema cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum IntrospectionError {
    /// Its address leads nowhere.
    #[error("schema.subgraph_url: {0}")]
    Target(#[from] TargetError),
    /// A header cannot be sent. Its value is not repeated: it may be a secret.
    #[error("schema.introspection_headers: `{0}` cannot be sent as a header")]
    Header(String),
    /// No answer.
    #[error("asked for its schema it gave no usable answer: {0}")]
    Transport(#[from] TransportError),
    /// It answered, but not as Federation says.
    #[error("asked for its schema it answered: {0}")]
    Refused(String),
    /// It answered something else.
    #[error("it has no `_service {{ sdl }}`: is it the GraphQL endpoint of a federated subgraph?")]
    NoSdl,
}

impl IntrospectionError {
    /// Whether it may go better in a moment.
    const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Transport(
                TransportError::Timeout
                    | TransportError::Unreachable(_)
                    | TransportError::Status(429 | 500..=599)
            )
        )
    }
}

impl Introspector {
    /// Asks through `client`. With `assertions` the subgraphs are told that the router asks.
    #[must_use]
    pub fn new(
        client: Client,
        assertions: Option<Arc<Assertions>>,
        settings: &RouterSettings,
    ) -> Self {
        let mut settings = settings.clone();
        settings.engine.max_subgraph_response_bytes = settings.supergraph.max_schema_size.get();
        Self {
            client,
            assertions,
            settings: Arc::new(settings),
        }
    }

    /// The SDL of the subgraph at `url`. Takes no longer than `introspection_attempts` times
    /// `introspection_timeout`, and the pauses between them.
    ///
    /// # Errors
    /// Why the last attempt failed.
    pub async fn sdl(
        &self,
        url: &str,
        headers: &BTreeMap<String, String>,
    ) -> Result<String, IntrospectionError> {
        let headers = header_map(headers)?;
        let assertions = self.assertions.clone();
        let transport = HttpTransport::new(url, &self.client, assertions, &self.settings)?
            .with_headers(headers);
        let mut pause = FIRST_PAUSE;
        for _ in 1..self.settings.supergraph.introspection_attempts {
            match self.ask(&transport).await {
                Err(error) if error.is_passing() => {}
                outcome => return outcome,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.ask(&transport).await
    }

    async fn ask(&self, transport: &HttpTransport) -> Result<String, IntrospectionError> {
        let timeout = self.settings.supergraph.introspection_timeout.get();
        let call = GraphqlCall {
            query: QUERY.into(),
            operation_name: None,
            variables: serde_json::Map::new(),
            context: CallContext {
                principal: Arc::new(Principal::service("router")),
                request_id: "introspection".into(),
                traceparent: None,
                deadline: Some(Instant::now() + timeout),
            },
        };
        sdl_of(&transport.call(call).await?)
    }
}

fn header_map(headers: &BTreeMap<String, String>) -> Result<HeaderMap, IntrospectionError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong = || IntrospectionError::Header(name.clone());
        let key = HeaderName::try_from(name).map_err(|_wrong| wrong())?;
        let mut value = HeaderValue::try_from(value).map_err(|_wrong| wrong())?;
        value.set_sensitive(true);
        map.insert(key, value);
    }
    Ok(map)
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    #[serde(default)]
    errors: Option<Vec<Error>>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "_service")]
    service: Option<Service>,
}

#[derive(Deserialize)]
struct Service {
    sdl: Option<String>,
}

#[derive(Deserialize)]
struct Error {
    #[serde(default)]
    message: String,
}

fn sdl_of(body: &Bytes) -> Result<String, IntrospectionError> {
    let answer: Answer =
        serde_json::from_slice(body).map_err(|_other| IntrospectionError::NoSdl)?;
    let sdl = answer.data.and_then(|data| data.service?.sdl);
    match (sdl, answer.errors.unwrap_or_default().first()) {
        (Some(sdl), _) => Ok(sdl),
        (None, Some(error)) => {
            let quoted = error.message.chars().take(MAX_QUOTED).collect();
            Err(IntrospectionError::Refused(quoted))
        }
        (None, None) => Err(IntrospectionError::NoSdl),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &'static str) -> String {
        sdl_of(&Bytes::from_static(body.as_bytes())).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn an_answer_is_an_sdl_or_says_what_it_is_instead() {
        assert_eq!(read(r#"{"data":{"_service":{"sdl":"type A"}}}"#), "type A");
        let refused = r#"{"data":null,"errors":[{"message":"no such field"}]}"#;
        assert!(read(refused).ends_with("it answered: no such field"));
        for other in [
            "<html>",
            "{}",
            r#"{"data":{}}"#,
            r#"{"data":{"_service":null}}"#,
            r#"{"data":{"_service":{"sdl":null}},"errors":[]}"#,
            r#"{"data":{"_service":{"sdl":1}}}"#,
        ] {
            assert!(read(other).starts_with("it has no `_service"), "{other}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_named_without_its_value() {
        let headers = BTreeMap::from([("x-token".to_owned(), "line\nsecret".to_owned())]);
        let error = header_map(&headers).unwrap_err().to_string();
        assert!(
            error.contains("`x-token`") && !error.contains("secret"),
            "{error}"
        );
    }
}
