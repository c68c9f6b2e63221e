//! What a command or query is given: the database, the clock, and on whose behalf it acts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::{CallContext, Clock, Fault, Ids, Principal, UserId};
use sqlx::{PgPool, Postgres};

use crate::{Deps, Live, Peers};

/// A transaction of this subgraph's database. Dropped without commit, it leaves no trace.
pub type Transaction = sqlx::Transaction<'static, Postgres>;

/// The context of one request.
#[derive(Clone)]
pub struct Ctx {
    /// This subgraph's database.
    pub db: PgPool,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where fresh ids come from.
    pub ids: Ids,
    /// Calls to the other subgraphs.
    pub peers: Peers,
    /// Wakes live subscriptions.
    pub live: Live,
    /// Who asks.
    pub principal: Arc<Principal>,
    /// Ties together the log lines of one client request.
    pub request_id: Arc<str>,
    /// W3C trace context, if the request is traced.
    pub traceparent: Option<Arc<str>>,
}

impl Ctx {
    /// The context of a request that came with `call`.
    #[must_use]
    pub fn new(deps: &Deps, call: &CallContext) -> Self {
        Self {
            db: deps.db.clone(),
            clock: deps.clock.clone(),
            ids: deps.ids.clone(),
            peers: deps.peers.clone(),
            live: deps.live.clone(),
            principal: Arc::clone(&call.principal),
            request_id: Arc::clone(&call.request_id),
            traceparent: call.traceparent.clone(),
        }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Opens a transaction. Only commands do.
    ///
    /// # Errors
    /// [`Fault`] when the database gives no connection.
    pub async fn begin(&self) -> Result<Transaction, Fault> {
        Ok(self.db.begin().await?)
    }

    /// The person who asks.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when nobody has logged in.
    pub fn user(&self) -> Result<UserId, Fault> {
        self.principal.user_id().ok_or_else(Fault::unauthenticated)
    }

    /// Demands a permission.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when nobody has logged in, `FORBIDDEN` when the permission is missing.
    pub fn require(&self, permission: &str) -> Result<(), Fault> {
        if self.principal.can(permission) {
            return Ok(());
        }
        self.user()?;
        Err(Fault::forbidden(&format!(
            "this needs the permission `{permission}`"
        )))
    }

    /// Demands that a part of Pasar asks, not a person.
    ///
    /// # Errors
    /// `FORBIDDEN` otherwise.
    pub fn require_service(&self) -> Result<(), Fault> {
        if self.principal.is_service() {
            return Ok(());
        }
        Err(Fault::forbidden("this operation is internal"))
    }
}
