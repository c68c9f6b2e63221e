//! Who asks in tests: fixed people with fixed ids.

use kernel::{Id, Principal, SessionId, UserId};
use uuid::Uuid;

/// The people of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nobody has logged in.
    Anonymous,
    /// A customer.
    Buyer,
    /// Another customer.
    Buyer2,
    /// A customer who works in a shop (which one, the test decides).
    Seller,
    /// A customer who works in another shop.
    Seller2,
    /// Holds `all:*`.
    Admin,
    /// Another subgraph.
    Service,
}

impl Role {
    /// Every role, for access matrices.
    pub const ALL: [Self; 7] = [
        Self::Anonymous,
        Self::Buyer,
        Self::Buyer2,
        Self::Seller,
        Self::Seller2,
        Self::Admin,
        Self::Service,
    ];

    /// The principal of this role.
    #[must_use]
    pub fn principal(self) -> Principal {
        let permissions = match self {
            Self::Anonymous => return Principal::anonymous(),
            Self::Service => return Principal::service("tests"),
            Self::Admin => vec!["all:*".to_owned()],
            Self::Buyer | Self::Buyer2 | Self::Seller | Self::Seller2 => Vec::new(),
        };
        let role = if self == Self::Admin {
            "admin"
        } else {
            "customer"
        };
        Principal::user(
            user_id(self),
            session_id(self),
            vec![role.to_owned()],
            permissions,
        )
    }
}

/// The id of the person in this role. Far above the counted ids.
#[must_use]
pub fn user_id(role: Role) -> UserId {
    Id::from_uuid(Uuid::from_u128(0xAAAA_0000 + role as u128))
}

/// The session of the person in this role.
#[must_use]
pub fn session_id(role: Role) -> SessionId {
    Id::from_uuid(Uuid::from_u128(0xBBBB_0000 + role as u128))
}
