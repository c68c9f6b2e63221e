//! Every expected refusal of this subgraph.

use chrono::{DateTime, Utc};

use super::PasswordRule;

/// Why a command was refused. The caller can act on each of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// A value breaks a rule: the input field and what it must be.
    Invalid {
        /// The input field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// Another account has this e-mail address.
    EmailTaken,
    /// Another account has proved that it has this phone number.
    PhoneTaken {
        /// The input field, when one holds the number.
        field: Option<&'static str>,
    },
    /// The password breaks rules.
    WeakPassword {
        /// The input field.
        field: &'static str,
        /// All the rules that it breaks.
        missing: Vec<PasswordRule>,
    },
    /// E-mail or password is wrong.
    InvalidCredentials,
    /// The caller's own password, asked for once more, is wrong.
    WrongPassword {
        /// The input field.
        field: &'static str,
    },
    /// Too many wrong passwords.
    AccountLocked {
        /// When the next attempt is looked at.
        locked_until: DateTime<Utc>,
    },
    /// The marketplace has disabled the account.
    AccountDisabled,
    /// The refresh token is unknown, expired or used.
    InvalidToken,
    /// The token of a letter is none of ours, used, expired or replaced by a newer one.
    InvalidLetterToken,
    /// The code of an SMS is wrong, expired, replaced by a newer one, or was guessed at too often.
    InvalidCode,
    /// Asked for too often in a row.
    Cooldown {
        /// When the next request is looked at.
        retry_at: DateTime<Utc>,
    },
    /// There is no such account.
    UserNotFound,
    /// The caller has no such session.
    SessionNotFound,
    /// There is no such role.
    RoleNotFound,
    /// The state of the account does not allow it.
    InvalidState {
        /// What is possible, and when.
        rule: &'static str,
    },
    /// Somebody changed the account in the meantime.
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
}

/// Why a command did not happen.
pub type Error = kernel::Error<Rejection>;

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
