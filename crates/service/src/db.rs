//! PostgreSQL: pools, and named constraints that become refusals.

use std::{str::FromStr, time::Duration};

use kernel::{Error, Fault, FaultKind};
use sqlx::{
    Connection as _, Encode, PgPool, Postgres, Type,
    postgres::{PgConnectOptions, PgDatabaseError, PgPoolOptions, PgSeverity},
};

/// How long a request waits for a connection: shorter than the router waits for a subgraph (10 s), so that
/// the answer says what is the matter.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);

/// A connection that was in use so short a time ago is not asked whether it lives: the question is a round trip.
const FRESH: Duration = Duration::from_secs(1);
/// Rows that one statement of a sweep deletes.
const SWEEP_ROWS: i64 = 5_000;

/// Opens a pool of at most `max_connections` to the database at `url`. Whoever holds a transaction open and is
/// silent (a process that was suspended, a network that is gone) loses it, with its locks, after 30 s; whoever
/// waits for a lock for longer than 8 s is told so, which passes ([`may_pass`]).
///
/// # Errors
/// [`Fault`] when the URL is malformed or the server does not answer within 8 s.
pub async fn connect(url: &str, name: &str, max_connections: u32) -> Result<PgPool, Fault> {
    let options = PgConnectOptions::from_str(url)?
        .application_name(&format!("pasar-{name}"))
        .options([
            ("client_min_messages", "warning"),
            ("statement_timeout", "10s"),
            ("lock_timeout", "8s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ]);
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move { Ok(used.idle_for < FRESH || connection.ping().await.is_ok()) })
        })
        .connect_with(options)
        .await
        .map_err(Fault::unavailable)
}

/// Lets `?` tell an outage of the database from a defect, in the whole process.
pub(crate) fn recognise_outages() {
    Fault::recognise(|error| error.downcast_ref().is_some_and(is_passing));
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
        sqlx::Error::Database(error) => {
            // The session could not begin or was ended: that says nothing about the statement.
            let ends_session = error
                .try_downcast_ref::<PgDatabaseError>()
                .is_some_and(|error| {
                    matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic)
                });
            ends_session
                || error.code().is_some_and(|code| {
                    // Connection, resources, shutdown and start (not a cancelled statement), I/O; then
                    // conflicts of transactions, a lock that was not to be had, and a server that only reads.
                    let class = ["08", "53", "57P", "58"];
                    let exactly = ["40001", "40P01", "55P03", "25P03", "25006"];
                    class.iter().any(|class| code.starts_with(class)) || exactly.contains(&&*code)
                })
        }
        _ => false,
    }
}

/// Deletes what `statement` deletes, whose `$1` is `bound` and whose `$2` is the most rows that it may delete: in
/// slices, so that no statement runs into the limit of time, however much has gathered. Gives how many rows.
pub(crate) async fn sweep<T>(db: &PgPool, statement: &'static str, bound: T) -> Result<u64, Fault>
where
    T: for<'q> Encode<'q, Postgres> + Type<Postgres> + Copy + Send + 'static,
{
    let mut swept = 0;
    loop {
        let rows = sqlx::query(statement)
            .bind(bound)
            .bind(SWEEP_ROWS)
            .execute(db)
            .await
            .map_err(fault)?
            .rows_affected();
        swept += rows;
        if i64::try_from(rows).is_ok_and(|rows| rows < SWEEP_ROWS) {
            return Ok(swept);
        }
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
