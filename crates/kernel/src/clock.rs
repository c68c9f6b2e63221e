//! Time and fresh ids are parameters, so that a test can hold the one still and foresee the other.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Entity, Id};

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// A clock that stands still until it is told to move; microseconds since 1970.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn fixed(start: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(start.timestamp_micros())))
    }

    /// The present moment, in microseconds as PostgreSQL keeps it: what is written is what is read.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let micros = match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that may ask"
            )]
            Self::System => Utc::now().timestamp_micros(),
            Self::Fixed(micros) => micros.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Moves a fixed clock forward; the machine's own clock cannot be moved.
    pub fn advance(&self, by: chrono::Duration) {
        if let Self::Fixed(micros) = self {
            micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }
}

/// Where fresh ids come from.
#[derive(Debug, Clone)]
pub enum Ids {
    /// `UUIDv7`: time-ordered with random bits.
    Random,
    /// 1, 2, 3 …: for tests that compare whole answers.
    Counted(Arc<AtomicU64>),
}

impl Ids {
    /// Ids that count from 1.
    #[must_use]
    pub fn counted() -> Self {
        Self::Counted(Arc::default())
    }

    /// A fresh id for an `E`.
    #[must_use]
    pub fn next<E: Entity>(&self) -> Id<E> {
        Id::from_uuid(self.uuid())
    }

    /// A fresh `uuid` for a row that has no typed id.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that may ask"
            )]
            Self::Random => Uuid::now_v7(),
            Self::Counted(last) => {
                Uuid::from_u128(u128::from(last.fetch_add(1, Ordering::SeqCst)) + 1)
            }
        }
    }
}
