//! PostgreSQL: pools, and named constraints that become refusals.

use std::{str::FromStr, time::Duration};

use kernel::{Error, Fault};
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
