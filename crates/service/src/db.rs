//! PostgreSQL: pools, and named constraints that become refusals.

use std::{str::FromStr, time::Duration};

use kernel::{Error, Fault, FaultKind};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// Opens a pool of at most `max_connections` to the database at `url`.
///
/// # Errors
/// [`Fault`] when the URL is malformed or the server does not answer within 10 s.
pub async fn connect(url: &str, name: &str, max_connections: u32) -> Result<PgPool, Fault> {
    let options = PgConnectOptions::from_str(url)?
        .application_name(&format!("pasar-{name}"))
        .options([
            ("client_min_messages", "warning"),
            ("statement_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ]);
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
        .map_err(Fault::unavailable)
}

/// The fault for an error of a database: `UNAVAILABLE` when trying later may help.
pub fn fault(error: sqlx::Error) -> Fault {
    if is_passing(&error) {
        Fault::unavailable(error)
    } else {
        error.into()
    }
}

/// Whether `fault` says nothing about what was tried: something it needs does not answer, or two
/// transactions were in each other's way.
#[must_use]
pub fn may_pass(fault: &Fault) -> bool {
    match fault.kind() {
        FaultKind::Unavailable | FaultKind::Timeout | FaultKind::RateLimited => true,
        FaultKind::Internal => {
            let mut next = fault.source();
            while let Some(source) = next {
                if source.downcast_ref().is_some_and(is_passing) {
                    return true;
                }
                next = source.source();
            }
            false
        }
        _ => false,
    }
}

fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // Connection, resources, shutdown and start (not a cancelled statement), I/O; then conflicts
            // of transactions, a lock that was not to be had, and a server that only reads.
            let class = ["08", "53", "57P", "58"];
            let exactly = ["40001", "40P01", "55P03", "25P03", "25006"];
            class.iter().any(|class| code.starts_with(class)) || exactly.contains(&&*code)
        }),
        _ => false,
    }
}

/// Maps the violation of a named constraint to an expected refusal, beside the statement that can
/// violate it: the database decides, so there is no gap between a check and the write.
pub trait OnConstraint<T> {
    /// Turns a violation of `constraint` into `rejection`; any other error is a fault.
    ///
    /// # Errors
    /// The rejection or the fault.
    fn on_constraint<R>(
        self,
        constraint: &str,
        rejection: impl FnOnce() -> R,
    ) -> Result<T, Error<R>>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint<R>(
        self,
        constraint: &str,
        rejection: impl FnOnce() -> R,
    ) -> Result<T, Error<R>> {
        self.map_err(
            |error| match error.as_database_error().and_then(|e| e.constraint()) {
                Some(violated) if violated == constraint => Error::Rejected(rejection()),
                _ => Error::Fault(error.into()),
            },
        )
    }
}
