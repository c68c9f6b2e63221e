//! Every expected refusal of this subgraph.

use std::borrow::Cow;

/// Why a command was refused. The caller can act on each of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// A value breaks a rule: the input field and what it must be.
    Invalid {
        /// The input field.
        field: &'static str,
        /// What it must be.
        rule: Cow<'static, str>,
    },
    /// There is no such thing, or it is not the caller's.
    NotFound {
        /// The input field that names it.
        field: &'static str,
    },
    /// The list holds as many as it may.
    TooMany {
        /// How many it may hold.
        rule: &'static str,
    },
    /// Somebody changed the wording in the meantime.
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
}

impl Rejection {
    /// A value that breaks a rule.
    pub fn invalid(field: &'static str, rule: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid {
            field,
            rule: rule.into(),
        }
    }
}

/// Why a command did not happen.
pub type Error = kernel::Error<Rejection>;

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
