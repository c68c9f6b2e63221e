//! Which engine answers: the search node when there is one and it is up, else PostgreSQL.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use kernel::{Fault, FaultKind};

use super::{Engine, elastic::Elastic, postgres::Postgres};
use crate::{
    domain::{Answer, Completion, SearchRequest},
    metrics,
};

/// For how long a node that did not answer is left alone.
const REST: Duration = Duration::from_secs(1);

/// The engines of this process.
#[derive(Clone)]
pub struct Engines {
    postgres: Engine,
    node: Option<Arc<Node>>,
}

struct Node {
    engine: Engine,
    elastic: Elastic,
    /// When it did not answer; `None` while it is up.
    failed_at: Mutex<Option<Instant>>,
}

impl Engines {
    /// Searches in PostgreSQL, and on the node if there is one.
    #[must_use]
    pub fn new(postgres: Postgres, elastic: Option<Elastic>) -> Self {
        let node = elastic.map(|elastic| {
            Arc::new(Node {
                engine: Engine::Elastic(elastic.clone()),
                elastic,
                failed_at: Mutex::new(None),
            })
        });
        Self {
            postgres: Engine::Postgres(postgres),
            node,
        }
    }

    /// The search node, if one is configured.
    #[must_use]
    pub fn elastic(&self) -> Option<&Elastic> {
        self.node.as_ref().map(|node| &node.elastic)
    }

    /// Finds products, and says which engine did. `only` asks one engine alone: scores of different engines
    /// cannot be compared, so a list is read to its end from the one that began it.
    ///
    /// # Errors
    /// [`Fault`] of the engine that answers last.
    pub async fn search(
        &self,
        request: &SearchRequest,
        only: Option<&str>,
    ) -> Result<(Answer, &'static str), Fault> {
        if let Some(node) = self.awake(only) {
            let began = Instant::now();
            let outcome = node.engine.search(request).await;
            if let Some(answer) = node.judge(outcome)? {
                metrics::answered("elastic", began.elapsed());
                return Ok((answer, "elastic"));
            }
        }
        if only.is_some_and(|only| only != self.postgres.name()) {
            return Err(Fault::told(
                FaultKind::Unavailable,
                "the engine that began this list is away: search again from the start",
            ));
        }
        let began = Instant::now();
        let answer = self.postgres.search(request).await?;
        metrics::answered("postgres", began.elapsed());
        Ok((answer, "postgres"))
    }

    /// See [`Engine::correct`].
    ///
    /// # Errors
    /// [`Fault`] of the engine that answers last.
    pub async fn correct(&self, words: &[String], limit: usize) -> Result<Vec<Vec<String>>, Fault> {
        if let Some(node) = self.awake(None) {
            let outcome = node.engine.correct(words, limit).await;
            if let Some(corrections) = node.judge(outcome)? {
                return Ok(corrections);
            }
        }
        self.postgres.correct(words, limit).await
    }

    /// See [`Engine::complete`].
    ///
    /// # Errors
    /// [`Fault`] of the engine that answers last.
    pub async fn complete(&self, prefix: &str, limit: usize) -> Result<Vec<Completion>, Fault> {
        if let Some(node) = self.awake(None) {
            let outcome = node.engine.complete(prefix, limit).await;
            if let Some(completions) = node.judge(outcome)? {
                return Ok(completions);
            }
        }
        self.postgres.complete(prefix, limit).await
    }

    /// The node, unless it is resting or another engine is wanted.
    fn awake(&self, only: Option<&str>) -> Option<&Node> {
        let node = self.node.as_deref()?;
        let is_wanted = only.is_none_or(|only| only == node.engine.name());
        (is_wanted && !node.is_resting()).then_some(node)
    }
}

impl Node {
    fn is_resting(&self) -> bool {
        let failed_at = self
            .failed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|at| at.elapsed() < REST)
    }

    /// What the node answered, or `None` when it is away. Each end of an absence is logged once.
    fn judge<T>(&self, outcome: Result<T, Fault>) -> Result<Option<T>, Fault> {
        let mut failed_at = self
            .failed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(answer) => {
                if failed_at.take().is_some() {
                    tracing::info!("the search node answers again");
                }
                Ok(Some(answer))
            }
            Err(fault) if fault.kind() == FaultKind::Unavailable => {
                if failed_at.replace(Instant::now()).is_none() {
                    let cause = fault.chain();
                    tracing::warn!(cause, "the search node is away: PostgreSQL answers");
                }
                metrics::fell_back();
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }
}
