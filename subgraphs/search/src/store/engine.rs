//! What searches. One enum and no trait: there are two engines, and both are in this crate.
//!
//! PostgreSQL holds the projection and can always search it. A search node holds a copy, which the task
//! `search.sync` keeps up; [`Engine::Elastic`] searches that. An engine that does not answer gives the fault
//! `UNAVAILABLE`, upon which the caller asks PostgreSQL.

use kernel::Fault;

use super::{elastic::Elastic, postgres::Postgres};
use crate::domain::{Answer, Completion, SearchRequest};

/// Answers searches.
#[derive(Clone)]
pub enum Engine {
    /// The projection itself.
    Postgres(Postgres),
    /// A copy on a node of Elasticsearch or OpenSearch.
    Elastic(Elastic),
}

impl Engine {
    /// A closed label for logs, metrics and cursors.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Elastic(_) => "elastic",
        }
    }

    /// Finds products.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the engine does not answer.
    pub async fn search(&self, request: &SearchRequest) -> Result<Answer, Fault> {
        match self {
            Self::Postgres(engine) => engine.search(request).await,
            Self::Elastic(engine) => engine.search(request).await,
        }
    }

    /// For each word, the words of the index that it may be a typing mistake of, the best first, at most
    /// `limit` each: none when the index has the word itself. Two strokes may be wrong in a word of six
    /// letters or more, one in a shorter one.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the engine does not answer.
    pub async fn correct(&self, words: &[String], limit: usize) -> Result<Vec<Vec<String>>, Fault> {
        match self {
            Self::Postgres(engine) => engine.correct(words, limit).await,
            Self::Elastic(engine) => engine.correct(words, limit).await,
        }
    }

    /// What a text that is being typed may become, the best first, without repetitions: names of products
    /// and brands of which some word begins with the last word of `prefix` and that have all its other
    /// words. `prefix` is in lower case and has at least one letter. (Categories are added by the caller.)
    ///
    /// # Errors
    /// `UNAVAILABLE` when the engine does not answer.
    pub async fn complete(&self, prefix: &str, limit: usize) -> Result<Vec<Completion>, Fault> {
        match self {
            Self::Postgres(engine) => engine.complete(prefix, limit).await,
            Self::Elastic(engine) => engine.complete(prefix, limit).await,
        }
    }

    /// How many documents can be found.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the engine does not answer.
    pub async fn count(&self) -> Result<i64, Fault> {
        match self {
            Self::Postgres(engine) => engine.count().await,
            Self::Elastic(engine) => engine.count().await,
        }
    }
}
