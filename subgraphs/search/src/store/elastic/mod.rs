//! The copy of the projection on a node of Elasticsearch or OpenSearch.
//!
//! `wire` speaks HTTP, `index` says what is kept there, `query` and `answer` translate a search and what
//! comes back, `words` corrects and completes; everything here works with both products and looks at
//! neither's name.

mod answer;
mod index;
mod query;
mod wire;
mod words;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kernel::{Fault, ProductId};
use serde_json::{Value, json};
use uuid::Uuid;

use self::wire::Node;
use crate::domain::{Answer, Change, Completion, SearchRequest};

/// How many changes one request to the node carries; some megabytes at most.
const BULK: usize = 500;
/// How many such requests are under way at once: the node writes each in one thread.
const BULKS: usize = 4;
/// How many letters the part of an index's name has that tells rebuilds apart.
const REBUILD_LETTERS: usize = 32;

/// A search node. Searches go to the alias; documents can also be written to an index that the alias does
/// not name yet, while it is being filled.
#[derive(Clone)]
pub struct Elastic {
    node: Node,
    alias: String,
}

impl Elastic {
    /// Speaks to the node at `url`; `alias` is what the index is searched by. Connects when it is first
    /// used, so that a node that is down does not keep the subgraph from starting.
    ///
    /// # Errors
    /// An internal [`Fault`] when the URL or the alias is malformed.
    pub fn new(url: &str, alias: &str) -> Result<Self, Fault> {
        check_name(alias)?;
        Ok(Self {
            node: Node::new(url)?,
            alias: alias.to_owned(),
        })
    }

    /// See [`super::Engine::search`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn search(&self, request: &SearchRequest) -> Result<Answer, Fault> {
        let hits = query::hits(request);
        if !request.facets {
            let reply = self.node.search(&self.alias, hits).await?;
            return answer::read(request, reply, Vec::new());
        }
        // One request with several searches, which the node runs side by side.
        let mut bodies = vec![hits];
        bodies.extend(query::facets(request));
        let mut replies = self.node.search_all(&self.alias, bodies).await?;
        let facets = replies.split_off(1);
        let reply = replies.pop().unwrap_or_default();
        answer::read(request, reply, facets)
    }

    /// See [`super::Engine::correct`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn correct(&self, words: &[String], limit: usize) -> Result<Vec<Vec<String>>, Fault> {
        if words.is_empty() || limit == 0 {
            return Ok(vec![Vec::new(); words.len()]);
        }
        let body = words::correction(words, limit);
        let reply = self.node.search(&self.alias, body).await?;
        Ok(words::corrected(words.len(), limit, &reply))
    }

    /// See [`super::Engine::complete`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn complete(&self, prefix: &str, limit: usize) -> Result<Vec<Completion>, Fault> {
        let Some(body) = words::completion(prefix, limit) else {
            return Ok(Vec::new());
        };
        let reply = self.node.search(&self.alias, body).await?;
        words::completed(prefix, limit, &reply)
    }

    /// See [`super::Engine::count`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn count(&self) -> Result<i64, Fault> {
        let body = json!({ "size": 0, "track_total_hits": true, "query": query::live() });
        let reply = self.node.search(&self.alias, body).await?;
        wire::number(&reply, "/hits/total/value")
    }

    /// Writes changes to `index`, or to what the alias names when it is `None`, and returns once the node
    /// keeps them. External versions: a change that is not newer than what the index has is no error and
    /// does nothing. Searchable within a second.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer or one change was refused; some may be kept then.
    pub async fn push(&self, index: Option<&str>, changes: &[Change]) -> Result<(), Fault> {
        let requests: Vec<_> = changes
            .chunks(BULK)
            .map(|changes| self.push_some(index, changes))
            .collect();
        stream::iter(requests)
            .buffer_unordered(BULKS)
            .try_collect()
            .await
    }

    async fn push_some(&self, index: Option<&str>, changes: &[Change]) -> Result<(), Fault> {
        let mut lines = Vec::with_capacity(2 * changes.len());
        for change in changes {
            lines.push(json!({ "index": {
                "_id": change.product_id(), "version": change.version(), "version_type": "external",
            } }));
            lines.push(index::source(change));
        }
        // Without an index of its own the alias must be there: the node would make an index of that name.
        let (name, is_alias) = index.map_or((self.alias.as_str(), true), |name| (name, false));
        let reply = self.node.bulk(name, is_alias, lines).await?;
        check_bulk(&reply)
    }

    /// The documents that can be found of the products after `after` and up to `until`, with the versions
    /// that the index has; in order of their ids, at most `limit`, which is at most 10,000.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn versions(
        &self,
        after: ProductId,
        until: ProductId,
        limit: usize,
    ) -> Result<Vec<(ProductId, i64)>, Fault> {
        let body = query::versions(after, until, limit);
        answer::versions(self.node.search(&self.alias, body).await?)
    }

    /// The name of the index that a rebuild fills; each rebuild has its own.
    #[must_use]
    pub fn index_name(&self, rebuild: Uuid) -> String {
        format!("{}-{}", self.alias, rebuild.simple())
    }

    /// Creates the empty index `name` with its mappings, to be filled before it is searched. Gives whether it
    /// was not there yet.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn create_index(&self, name: &str) -> Result<bool, Fault> {
        check_name(name)?;
        self.node.create_index(name, index::definition()).await
    }

    /// The index that the alias names; `None` when there is none yet.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn current_index(&self) -> Result<Option<String>, Fault> {
        Ok(self.indexes().await?.into_iter().next())
    }

    /// Deletes the indexes of rebuilds that never came to their end: all that are named as
    /// [`Self::index_name`] names them, but `kept` and the one that is searched.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn remove_strays(&self, kept: &str) -> Result<(), Fault> {
        let all = self.node.list_indexes(&format!("{}-*", self.alias)).await?;
        for name in all {
            if name != kept && self.is_rebuild(&name) {
                self.remove_index(&name).await?;
            }
        }
        Ok(())
    }

    /// Deletes an index, unless it is searched or not there.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn remove_index(&self, name: &str) -> Result<(), Fault> {
        if self
            .indexes()
            .await?
            .iter()
            .any(|searched| searched == name)
        {
            return Ok(());
        }
        self.node.delete_index(name).await
    }

    /// Whether an index is named as ours are. Other aliases may begin with the same letters.
    fn is_rebuild(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&*self.alias);
        let rest = rest.and_then(|rest| rest.strip_prefix('-'));
        rest.is_some_and(|id| {
            id.len() == REBUILD_LETTERS && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }

    /// Makes one piece of the index `name`, which is no longer written to: it is searched several times as
    /// fast. Gives whether it is one; else the node is still at it.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn compact(&self, name: &str) -> Result<bool, Fault> {
        check_name(name)?;
        self.node.merge(name).await
    }

    async fn indexes(&self) -> Result<Vec<String>, Fault> {
        let reply = self.node.find_alias(&self.alias).await?;
        let Some(Value::Object(indexes)) = reply else {
            return Ok(Vec::new());
        };
        Ok(indexes.into_iter().map(|(name, _)| name).collect())
    }

    /// Points the alias to the index `name` in one step, makes everything written to it searchable first, from
    /// then on within a second, and deletes the other indexes of this alias. Doing it again does nothing.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn swap_alias(&self, name: &str) -> Result<(), Fault> {
        check_name(name)?;
        self.node.configure(name, index::searched()).await?;
        self.node.refresh(name).await?;
        let old = self.indexes().await?;
        let mut actions: Vec<Value> = old
            .iter()
            .filter(|old| *old != name)
            .map(|old| json!({ "remove_index": { "index": old } }))
            .collect();
        if actions.is_empty() && !old.is_empty() {
            return Ok(());
        }
        actions.push(json!({ "add": { "index": name, "alias": self.alias } }));
        self.node
            .update_aliases(json!({ "actions": actions }))
            .await
    }

    /// Makes what was pushed searchable now instead of within a second.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    pub async fn refresh(&self) -> Result<(), Fault> {
        self.node.refresh(&self.alias).await
    }
}

/// Names go into URLs, and the node has rules of its own.
fn check_name(name: &str) -> Result<(), Fault> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_good = name.bytes().next().is_some_and(is_letter)
        && name.len() <= 120
        && name
            .bytes()
            .all(|byte| is_letter(byte) || b"-_.".contains(&byte));
    if is_good {
        return Ok(());
    }
    Err(Fault::internal(format!(
        "`{name}` is no name of an index: lower case letters, digits, `-`, `_` and `.`"
    )))
}

/// Each change is answered on its own: 409 means that the index has it or something newer.
fn check_bulk(reply: &Value) -> Result<(), Fault> {
    if reply["errors"] == false {
        return Ok(());
    }
    let items = reply["items"].as_array().into_iter().flatten();
    let refused = items
        .map(|item| &item["index"])
        .find(|item| !matches!(item["status"].as_i64(), Some(200 | 201 | 409)));
    refused.map_or(Ok(()), |item| {
        Err(Fault::unavailable(format!(
            "the search node refused a change: {} {}",
            item["status"], item["error"]
        )))
    })
}
