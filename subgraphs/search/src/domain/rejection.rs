//! Every expected refusal of this subgraph.

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
    /// There is no such search; it may be too long ago.
    SearchNotFound,
    /// There is no synonym of that term.
    SynonymNotFound,
    /// A rebuild is running already.
    ReindexRunning,
    /// Somebody changed it in the meantime.
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
}

/// Why a command did not happen.
pub type Error = kernel::Error<Rejection>;

impl Rejection {
    /// A value that breaks a rule.
    #[must_use]
    pub const fn invalid(field: &'static str, rule: &'static str) -> Self {
        Self::Invalid { field, rule }
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
