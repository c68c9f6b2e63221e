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
    /// Another shop has this slug.
    SlugTaken,
    /// The person already works in a shop.
    AlreadyMember,
    /// There is no such shop, or the caller may not see it.
    SellerNotFound,
    /// There is no such member in the shop.
    MemberNotFound,
    /// The caller has not the role in this shop that it takes.
    NotPermitted {
        /// Who may.
        who: &'static str,
    },
    /// The shop's state does not allow it.
    InvalidState {
        /// What is possible, and when.
        rule: &'static str,
    },
    /// The shop has as many members as it may.
    TooManyMembers,
    /// Somebody changed the shop in the meantime.
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
