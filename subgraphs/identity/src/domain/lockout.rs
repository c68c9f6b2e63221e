//! Lockout after wrong passwords (T-AUT-13).

use chrono::{DateTime, Duration, Utc};

/// How many wrong passwords in a row lock an account.
pub const MAX_FAILURES: i32 = 5;
/// How long it is locked, and after how long without attempts the count begins anew.
pub const LOCKOUT: Duration = Duration::minutes(15);

/// The wrong passwords for one e-mail address, in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub failures: i32,
    /// When the last one came that was counted. Attempts during the lockout are not.
    pub last_failed_at: DateTime<Utc>,
}

impl Attempts {
    /// Until when no password is looked at, if there is a lockout.
    #[must_use]
    pub fn locked_until(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = self.last_failed_at + LOCKOUT;
        (self.failures >= MAX_FAILURES && now < until).then_some(until)
    }
}
