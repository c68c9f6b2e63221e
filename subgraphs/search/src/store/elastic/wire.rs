//! Requests to the node by the official client, and what can go wrong with them.

use std::time::Duration;

use elasticsearch::{
    BulkParts, Elasticsearch, MsearchParts, SearchParts,
    http::{
        StatusCode, Url,
        headers::{ACCEPT_ENCODING, HeaderValue},
        request::JsonBody,
        response::Response,
        transport::{SingleNodeConnectionPool, TransportBuilder},
    },
    indices::{
        IndicesCreateParts, IndicesDeleteParts, IndicesForcemergeParts, IndicesGetAliasParts,
        IndicesGetSettingsParts, IndicesPutSettingsParts, IndicesRefreshParts,
    },
};
use kernel::Fault;
use serde_json::{Value, json as literal};

/// How long a search may take: then PostgreSQL is asked.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(2);
/// How long anything else may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a merge is waited for at once.
const MERGE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may be. Pages are small; anything larger is not an answer to our question.
const MAX_ANSWER: u64 = 16 * 1024 * 1024;

/// What of the answer to a search is sent at all.
const SEARCHED: [&str; 8] = [
    "timed_out",
    "terminated_early",
    "hits.total",
    "hits.hits.sort",
    "hits.hits._version",
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
        complete(json(sent).await?)
    }

    /// Runs several searches as [`Self::search`] does, or fails when one of them does; gives their answers in
    /// order, as many as there are bodies.
    pub(super) async fn search_all(
        &self,
        index: &str,
        bodies: Vec<Value>,
    ) -> Result<Vec<Value>, Fault> {
        let count = bodies.len();
        let header = literal!({ "allow_partial_search_results": false });
        let lines: Vec<JsonBody<Value>> = bodies
            .into_iter()
            .flat_map(|body| [header.clone().into(), body.into()])
            .collect();
        let wanted = SEARCHED.map(|field| format!("responses.{field}"));
        let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        wanted.extend(["responses.status", "responses.error.root_cause"]);
        let sent = self
            .client
            .msearch(MsearchParts::Index(&[index]))
            .filter_path(&wanted)
            .request_timeout(SEARCH_TIMEOUT)
            .body(lines)
            .send()
            .await;
        let replies = match json(sent).await?["responses"].take() {
            Value::Array(replies) if replies.len() == count => replies,
            _ => return Err(unreadable("not as many answers as searches")),
        };
        replies.into_iter().map(successful).collect()
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

    /// Gives whether it was not there.
    pub(super) async fn create_index(&self, name: &str, definition: Value) -> Result<bool, Fault> {
        let indices = self.client.indices();
        let sent = indices
            .create(IndicesCreateParts::Index(name))
            .request_timeout(WRITE_TIMEOUT)
            .body(definition)
            .send()
            .await;
        match checked(sent).await {
            Err(refusal) if refusal.is("resource_already_exists_exception") => Ok(false),
            other => other.map(|_| true).map_err(Refusal::fault),
        }
    }

    pub(super) async fn configure(&self, name: &str, settings: Value) -> Result<(), Fault> {
        let indices = self.client.indices();
        let sent = indices
            .put_settings(IndicesPutSettingsParts::Index(&[name]))
            .request_timeout(WRITE_TIMEOUT)
            .body(settings)
            .send()
            .await;
        json(sent).await.map(drop)
    }

    /// The indexes whose names are like `pattern`.
    pub(super) async fn list_indexes(&self, pattern: &str) -> Result<Vec<String>, Fault> {
        let indices = self.client.indices();
        let sent = indices
            .get_settings(IndicesGetSettingsParts::IndexName(
                &[pattern],
                &["index.uuid"],
            ))
            .request_timeout(WRITE_TIMEOUT)
            .send()
            .await;
        match json(sent).await? {
            Value::Object(indexes) => Ok(indexes.into_iter().map(|(name, _)| name).collect()),
            _ => Err(unreadable("no list of indexes")),
        }
    }

    /// Deletes an index; one that is not there is no error.
    pub(super) async fn delete_index(&self, name: &str) -> Result<(), Fault> {
        let indices = self.client.indices();
        let sent = indices
            .delete(IndicesDeleteParts::Index(&[name]))
            .request_timeout(WRITE_TIMEOUT)
            .send()
            .await;
        match checked(sent).await {
            Err(refusal) if refusal.status == StatusCode::NOT_FOUND => Ok(()),
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

    /// Merges an index into one segment, or gives `false` when that takes longer than a moment: the node goes
    /// on.
    pub(super) async fn merge(&self, index: &str) -> Result<bool, Fault> {
        let indices = self.client.indices();
        let sent = indices
            .forcemerge(IndicesForcemergeParts::Index(&[index]))
            .max_num_segments(1)
            .request_timeout(MERGE_TIMEOUT)
            .send()
            .await;
        match sent {
            Err(error) if error.is_timeout() => Ok(false),
            sent => json(sent).await.map(|_| true),
        }
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
        Ok(reply) => reason(&reply),
        Err(_) => String::from("no reason given"),
    };
    Err(Refusal { status, reason })
}

fn reason(reply: &Value) -> String {
    reply["error"].to_string().chars().take(600).collect()
}

/// One of several searches has a status of its own.
fn successful(reply: Value) -> Result<Value, Fault> {
    let status = reply["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    match status {
        Some(status) if status.is_success() => complete(reply),
        Some(status) => Err(Refusal {
            status,
            reason: reason(&reply),
        }
        .fault()),
        None => Err(unreadable("no answer to a search")),
    }
}

/// An answer to a search that had the time it needed.
fn complete(reply: Value) -> Result<Value, Fault> {
    // Whatever else is left out when it is empty, this is always said.
    match reply["timed_out"].as_bool() {
        Some(false) => Ok(reply),
        Some(true) => Err(Fault::unavailable("the search node took too long")),
        None => Err(unreadable("no answer to a search")),
    }
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
