//! GraphQL calls over HTTP.

use std::{path::PathBuf, sync::Arc, time::Instant};

use bytes::Bytes;
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::Full;
use kernel::{CallContext, GraphqlCall};
use process::{
    assertion,
    client::{Client, ClientError, ClientSettings},
    http::REQUEST_ID,
    telemetry::traceparent,
};
use router_engine::{EventStream, Transport, TransportError};
use serde::Serialize;

use super::{Assertions, events, lanes::Lanes};
use crate::RouterSettings;

const ACCEPT: &str = "application/graphql-response+json, application/json;q=0.9";
/// A refusal may come as plain GraphQL all the same. Alone, because graphql-sse, the reference
/// implementation, compares the whole header.
const ACCEPT_EVENTS: &str = "text/event-stream";

/// Reaches one subgraph at an `http://`, `https://` or `unix://` URL.
pub struct HttpTransport {
    client: Client,
    lanes: Lanes,
    target: Uri,
    headers: HeaderMap,
    assertions: Option<Arc<Assertions>>,
    timeout: std::time::Duration,
    max_bytes: usize,
    /// How long a stream of events may say nothing at all.
    silence: std::time::Duration,
}

/// Why a routing URL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Not a URL.
    #[error("`{0}` is not a URL")]
    Malformed(String),
    /// A URL that leads nowhere from here.
    #[error("`{0}` must begin with http://, https:// or unix://")]
    Scheme(String),
}

impl HttpTransport {
    /// The client that all transports with these settings should share.
    #[must_use]
    pub fn client(settings: &RouterSettings) -> Client {
        Client::new(&client_settings(settings))
    }

    /// A transport to `url`. A Unix socket is written `unix:///run/catalog.sock:/catalog/graphql`.
    /// Without `assertions` the subgraph is not told who asks.
    ///
    /// # Errors
    /// When `url` is not one of those.
    pub fn new(
        url: &str,
        client: &Client,
        assertions: Option<Arc<Assertions>>,
        settings: &RouterSettings,
    ) -> Result<Self, TargetError> {
        let malformed = || TargetError::Malformed(url.to_owned());
        let (client, target) = if let Some(rest) = url.strip_prefix("unix://") {
            let (socket, path) = rest.split_once(':').unwrap_or((rest, "/graphql"));
            let client = Client::unix(PathBuf::from(socket), &client_settings(settings));
            (client, format!("http://localhost{path}"))
        } else {
            (client.clone(), url.to_owned())
        };
        let target: Uri = target.parse().map_err(|_wrong| malformed())?;
        if !matches!(target.scheme_str(), Some("http" | "https")) {
            return Err(TargetError::Scheme(url.to_owned()));
        }
        Ok(Self {
            lanes: Lanes::new(client.clone()),
            client,
            target,
            headers: HeaderMap::new(),
            assertions,
            timeout: settings.timeout.get(),
            max_bytes: settings.engine.max_subgraph_response_bytes,
            silence: settings.subgraphs.heartbeat_timeout.get(),
        })
    }

    /// The same with more headers in every call, instead of ours of the same names.
    #[must_use]
    pub fn with_headers(self, headers: HeaderMap) -> Self {
        Self { headers, ..self }
    }

    fn request(
        &self,
        call: &GraphqlCall,
        accept: &'static str,
    ) -> Result<Request<Full<Bytes>>, TransportError> {
        let body = serde_json::to_vec(&Body {
            query: &call.query,
            operation_name: call.operation_name.as_deref(),
            variables: &call.variables,
        })
        .expect("maps with string keys are JSON, and writing to memory does not fail");
        let mut request = Request::post(self.target.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, accept)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| TransportError::Unreachable(error.into()))?;
        let headers = request.headers_mut();
        let context = &call.context;
        if let Ok(id) = HeaderValue::from_str(&context.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        let traceparent =
            traceparent::of(&tracing::Span::current()).or_else(|| context.traceparent.clone());
        if let Some(value) = traceparent.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(traceparent::HEADER, value);
        }
        if let Some(assertion) = self
            .assertions
            .as_ref()
            .and_then(|assertions| assertions.header(&context.principal))
        {
            headers.insert(assertion::HEADER, assertion);
        }
        headers.extend(self.headers.clone());
        Ok(request)
    }

    fn time_left(&self, context: &CallContext) -> std::time::Duration {
        context.deadline.map_or(self.timeout, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        })
    }
}

impl Transport for HttpTransport {
    fn call<'a>(&'a self, call: GraphqlCall) -> BoxFuture<'a, Result<Bytes, TransportError>> {
        Box::pin(async move {
            let request = self.request(&call, ACCEPT)?;
            let response = self
                .client
                .send(request, self.time_left(&call.context), self.max_bytes)
                .await
                .map_err(transport_error)?;
            graphql_body(response)
        })
    }

    fn subscribe<'a>(
        &'a self,
        call: GraphqlCall,
    ) -> BoxFuture<'a, Result<EventStream, TransportError>> {
        Box::pin(async move {
            let request = self.request(&call, ACCEPT_EVENTS)?;
            let (client, slot) = self.lanes.enter();
            let response = client
                .open(request, self.time_left(&call.context))
                .await
                .map_err(transport_error)?;
            if response.status().is_success() && is_type(&response, b"text/event-stream") {
                let body = response.into_body();
                let events = events::stream(body, self.max_bytes, self.silence);
                return Ok(slot.hold_during(events));
            }
            // A refusal, or an answer that is complete with one event.
            let (parts, body) = response.into_parts();
            let body = body.whole(self.max_bytes).await.map_err(transport_error)?;
            let only = graphql_body(Response::from_parts(parts, body))?;
            Ok(stream::iter([Ok(only)]).boxed())
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    query: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_name: Option<&'a str>,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    variables: &'a serde_json::Map<String, serde_json::Value>,
}

fn client_settings(settings: &RouterSettings) -> ClientSettings {
    let subgraphs = &settings.subgraphs;
    ClientSettings {
        http2_prior_knowledge: subgraphs.http2,
        max_idle_per_host: subgraphs.max_idle_connections,
        idle_timeout: subgraphs.idle_timeout.get(),
        connect_timeout: subgraphs.connect_timeout.get(),
    }
}

/// A success, or a result whose media type says that it is GraphQL in spite of its status.
fn graphql_body(response: Response<Bytes>) -> Result<Bytes, TransportError> {
    let says_graphql = is_type(&response, b"application/graphql-response+json");
    match response.status() {
        status if status.is_success() => Ok(response.into_body()),
        // Our own credentials were refused: nothing a client could mend.
        StatusCode::UNAUTHORIZED => Err(TransportError::Status(401)),
        _ if says_graphql => Ok(response.into_body()),
        status => Err(TransportError::Status(status.as_u16())),
    }
}

fn is_type<T>(response: &Response<T>, media_type: &[u8]) -> bool {
    let found = response.headers().get(header::CONTENT_TYPE);
    found.is_some_and(|value| value.as_bytes().starts_with(media_type))
}

pub(super) fn transport_error(error: ClientError) -> TransportError {
    match error {
        ClientError::Timeout(_) => TransportError::Timeout,
        ClientError::TooLarge(_) => TransportError::BodyTooLarge,
        ClientError::Connect(_) | ClientError::Broken(_) => {
            TransportError::Unreachable(error.into())
        }
    }
}
