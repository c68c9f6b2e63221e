//! Every expected refusal of this subgraph.

/// Why a command was refused. The caller can act on each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// A value breaks a rule: the input field and what it must be.
    Invalid {
        /// The input field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// There is no such product on sale.
    ProductNotFound,
    /// There is no such review, or the caller may not see it.
    ReviewNotFound,
    /// The shop has not responded to the review.
    ResponseNotFound,
    /// The caller has reviewed this product before.
    AlreadyReviewed,
    /// The caller has reported this review before.
    AlreadyReported,
    /// The caller may not do this with this product or review.
    NotPermitted {
        /// Who may.
        who: &'static str,
        /// The input field that names the product or review.
        field: &'static str,
    },
    /// The review's state does not allow it.
    InvalidState {
        /// What is possible, and when.
        rule: &'static str,
    },
    /// Somebody changed the review in the meantime.
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
    /// The idempotency key was used with another input.
    IdempotencyKeyReused,
}

/// Why a command did not happen.
pub type Error = kernel::Error<Rejection>;

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
