//! Searching the projection itself.

use kernel::Fault;
use sqlx::PgPool;

use crate::domain::{Answer, Completion, SearchRequest};

/// The projection in this subgraph's database.
#[derive(Clone)]
pub struct Postgres {
    db: PgPool,
}

impl Postgres {
    /// Searches in `db`.
    #[must_use]
    pub const fn new(db: PgPool) -> Self {
        Self { db }
    }

    /// See [`super::Engine::search`].
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn search(&self, _request: &SearchRequest) -> Result<Answer, Fault> {
        let hits = sqlx::query("select").execute(&self.db).await?;
        drop(hits);
        Ok(Answer::default())
    }

    /// See [`super::Engine::correct`].
    ///
    /// # Errors
    /// [`Fault`] of the database.
    #[expect(clippy::unused_async, reason = "asks the database")]
    pub async fn correct(&self, words: &[String], _: usize) -> Result<Vec<Vec<String>>, Fault> {
        Ok(vec![Vec::new(); words.len()])
    }

    /// See [`super::Engine::complete`].
    ///
    /// # Errors
    /// [`Fault`] of the database.
    #[expect(clippy::unused_async, reason = "asks the database")]
    pub async fn complete(&self, _: &str, _: usize) -> Result<Vec<Completion>, Fault> {
        Ok(Vec::new())
    }

    /// See [`super::Engine::count`].
    ///
    /// # Errors
    /// [`Fault`] of the database.
    #[expect(clippy::unused_async, reason = "asks the database")]
    pub async fn count(&self) -> Result<i64, Fault> {
        Ok(0)
    }
}
