//! The copy of the projection on a node of Elasticsearch or OpenSearch.

use kernel::Fault;

use crate::domain::{Answer, Change, Completion, SearchRequest};

/// A search node. Searches go to the alias; documents can also be written to an index that the alias does
/// not name yet, while it is being filled.
#[derive(Clone)]
pub struct Elastic;

impl Elastic {
    /// Speaks to the node at `url`; `alias` is what the index is searched by. Connects when it is first
    /// used, so that a node that is down does not keep the subgraph from starting.
    ///
    /// # Errors
    /// An internal [`Fault`] when the URL is malformed.
    pub fn new(url: &str, alias: &str) -> Result<Self, Fault> {
        let _ = (url, alias);
        Err(Fault::internal("this build has no search node"))
    }

    /// See [`super::Engine::search`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    #[expect(clippy::unused_async, reason = "the node is asked over the network")]
    pub async fn search(&self, _request: &SearchRequest) -> Result<Answer, Fault> {
        Err(Fault::unavailable("no node"))
    }

    /// See [`super::Engine::correct`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    #[expect(clippy::unused_async, reason = "the node is asked over the network")]
    pub async fn correct(&self, _: &[String], _: usize) -> Result<Vec<Vec<String>>, Fault> {
        Err(Fault::unavailable("no node"))
    }

    /// See [`super::Engine::complete`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    #[expect(clippy::unused_async, reason = "the node is asked over the network")]
    pub async fn complete(&self, _: &str, _: usize) -> Result<Vec<Completion>, Fault> {
        Err(Fault::unavailable("no node"))
    }

    /// See [`super::Engine::count`].
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    #[expect(clippy::unused_async, reason = "the node is asked over the network")]
    pub async fn count(&self) -> Result<i64, Fault> {
        Err(Fault::unavailable("no node"))
    }

    /// Writes changes to `index`, or to what the alias names when it is `None`, and returns once the node
    /// keeps them. External versions: a change that is not newer than what the index has is no error and
    /// does nothing. Searchable within a second.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer or one change was refused; some may be kept then.
    #[expect(clippy::unused_async, reason = "the node is asked over the network")]
    pub async fn push(&self, _index: Option<&str>, _changes: &[Change]) -> Result<(), Fault> {
        Err(Fault::unavailable("no node"))
    }

    /// Creates the empty index `name` with its mappings; does nothing when it is there.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    #[expect(clippy::unused_async, reason = "the node is asked over the network")]
    pub async fn create_index(&self, _name: &str) -> Result<(), Fault> {
        Err(Fault::unavailable("no node"))
    }

    /// The index that the alias names; `None` when there is none yet.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    #[expect(clippy::unused_async, reason = "the node is asked over the network")]
    pub async fn current_index(&self) -> Result<Option<String>, Fault> {
        Err(Fault::unavailable("no node"))
    }

    /// Points the alias to the index `name` in one step, makes everything written to it searchable first,
    /// and deletes the other indexes of this alias. Doing it again does nothing.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the node does not answer.
    #[expect(clippy::unused_async, reason = "the node is asked over the network")]
    pub async fn swap_alias(&self, _name: &str) -> Result<(), Fault> {
        Err(Fault::unavailable("no node"))
    }
}
