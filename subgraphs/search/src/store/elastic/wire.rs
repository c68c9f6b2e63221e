//! Requests to the node by the official client, and what can go wrong with them.

use std::time::Duration;

use elasticsearch::{
    BulkParts, Elasticsearch, SearchParts,
    http::{
        StatusCode, Url,
        headers::{ACCEPT_ENCODING, HeaderValue},
        request::JsonBody,
        response::Response,
        transport::{SingleNodeConnectionPool, TransportBuilder},
    },
    indices::{IndicesCreateParts, IndicesGetAliasParts, IndicesRefreshParts},
};
use kernel::Fault;
use serde_json::Value;

/// How long a search may take: then PostgreSQL is asked.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(2);
/// How long anything else may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an answer may be. Pages are small; anything larger is not an answer to our question.
const MAX_ANSWER: u64 = 16 * 1024 * 1024;

/// What of the answer to a search is sent at all.
const SEARCHED: [&str; 6] = [
    "timed_out",
    "hits.total",
    "hits.hits.sort",
    "hits.hits._source",
    "aggregations",
    "suggest",
];
/// What of the answer to a bulk request is sent at all.
const WRITTEN: [&str; 3] = ["errors", "items.*.status", "items.*.error.reason"];

#[derive(Clone)]
pub(super) struct Node {
    client: Elasticsearch,
}

impl Node {
    pub(super) fn new(url: &str) -> Result<Self, Fault> {
        let url = Url::parse(url).map_err(|error| {
            Fault::internal(format!("the URL of the search node is malformed: {error}"))
        })?;
        let transport = TransportBuilder::new(SingleNodeConnectionPool::new(url))
            .disable_proxy()
            // Answers are small and near; without compression their length is known before they are read.
            .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"))
            .build()
            .map_err(|error| Fault::internal(format!("the search client: {error}")))?;
        Ok(Self {
            client: Elasticsearch::new(transport),
        })
    }

    /// Runs a search of all documents of `index`, or fails: never on a part of them.
    pub(super) async fn search(&self, index: &str, body: Value) -> Result<Value, Fault> {
        let sent = self
            .client
            .search(SearchParts::Index(&[index]))
            .allow_partial_search_results(false)
            .filter_path(&SEARCHED)
            .request_timeout(SEARCH_TIMEOUT)
            .body(body)
            .send()
            .await;
        let reply = json(sent).await?;
        // Whatever else is left out when it is empty, this is always said.
        match reply["timed_out"].as_bool() {
            Some(false) => Ok(reply),
            Some(true) => Err(Fault::unavailable("the search node took too long")),
            None => Err(unreadable("no answer to a search")),
        }
    }

    pub(super) async fn bulk(
        &self,
        index: &str,
        is_alias: bool,
        lines: Vec<Value>,
    ) -> Result<Value, Fault> {
        let lines: Vec<JsonBody<Value>> = lines.into_iter().map(JsonBody::from).collect();
        let sent = self
            .client
            .bulk(BulkParts::Index(index))
            .require_alias(is_alias)
            .filter_path(&WRITTEN)
            .request_timeout(WRITE_TIMEOUT)
            .body(lines)
            .send()
            .await;
        json(sent).await
    }

    pub(super) async fn create_index(&self, name: &str, definition: Value) -> Result<(), Fault> {
        let indices = self.client.indices();
        let sent = indices
            .create(IndicesCreateParts::Index(name))
            .request_timeout(WRITE_TIMEOUT)
            .body(definition)
            .send()
            .await;
        match checked(sent).await {
            Err(refusal) if refusal.is("resource_already_exists_exception") => Ok(()),
            other => other.map(drop).map_err(Refusal::fault),
        }
    }

    /// The indexes that an alias names; `None` when there is no such alias.
    pub(super) async fn find_alias(&self, alias: &str) -> Result<Option<Value>, Fault> {
        let indices = self.client.indices();
        let sent = indices
            .get_alias(IndicesGetAliasParts::Name(&[alias]))
            .request_timeout(WRITE_TIMEOUT)
            .send()
            .await;
        match checked(sent).await {
            Err(refusal) if refusal.status == StatusCode::NOT_FOUND => Ok(None),
            other => Ok(Some(read(other.map_err(Refusal::fault)?).await?)),
        }
    }

    pub(super) async fn update_aliases(&self, actions: Value) -> Result<(), Fault> {
        let indices = self.client.indices();
        let sent = indices
            .update_aliases()
            .request_timeout(WRITE_TIMEOUT)
            .body(actions)
            .send()
            .await;
        json(sent).await.map(drop)
    }

    pub(super) async fn refresh(&self, index: &str) -> Result<(), Fault> {
        let indices = self.client.indices();
        let sent = indices
            .refresh(IndicesRefreshParts::Index(&[index]))
            .request_timeout(WRITE_TIMEOUT)
            .send()
            .await;
        json(sent).await.map(drop)
    }
}

/// An answer that says no, or none at all.
struct Refusal {
    status: StatusCode,
    reason: String,
}

impl Refusal {
    fn is(&self, kind: &str) -> bool {
        self.reason.contains(kind)
    }

    /// A request that the node does not understand is our defect. Everything else is the node's state, the
    /// index that is not there (yet) included.
    fn fault(self) -> Fault {
        let Self { status, reason } = self;
        let text = format!("the search node answered {status}: {reason}");
        if status == StatusCode::BAD_REQUEST {
            Fault::internal(text)
        } else {
            Fault::unavailable(text)
        }
    }
}

async fn checked(sent: Result<Response, elasticsearch::Error>) -> Result<Response, Refusal> {
    let response = sent.map_err(|error| Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        reason: format!("nothing: {error}"),
    })?;
    let status = response.status_code();
    if status.is_success() {
        return Ok(response);
    }
    let reason = match read(response).await {
        Ok(reply) => reply["error"].to_string().chars().take(600).collect(),
        Err(_) => String::from("no reason given"),
    };
    Err(Refusal { status, reason })
}

async fn read(response: Response) -> Result<Value, Fault> {
    if response
        .content_length()
        .is_none_or(|length| length > MAX_ANSWER)
    {
        return Err(Fault::unavailable("the search node's answer has no bounds"));
    }
    response
        .json()
        .await
        .map_err(|error| unreadable(&error.to_string()))
}

async fn json(sent: Result<Response, elasticsearch::Error>) -> Result<Value, Fault> {
    read(checked(sent).await.map_err(Refusal::fault)?).await
}

/// The answer is not what was asked for.
pub(super) fn unreadable(what: &str) -> Fault {
    Fault::unavailable(format!("the search node answered something else: {what}"))
}

/// The whole number at `pointer`.
pub(super) fn number(reply: &Value, pointer: &str) -> Result<i64, Fault> {
    reply
        .pointer(pointer)
        .and_then(Value::as_i64)
        .ok_or_else(|| unreadable(&format!("no number at {pointer}")))
}
