//! The tables that every subgraph has: outbox, inbox, remembered answers, dead letters.

use sqlx::migrate::Migrator;

/// The migrations of those tables.
#[must_use]
pub fn shared() -> Migrator {
    sqlx::migrate!("../../migrations/shared")
}

/// A subgraph's own migrations together with the shared ones, in the order of their numbers.
#[must_use]
pub fn with_shared(own: &Migrator) -> Migrator {
    let all = shared().iter().chain(own.iter()).cloned().collect();
    Migrator::with_migrations(all)
}
