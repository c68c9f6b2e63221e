//! Who asks.

use serde::{Deserialize, Serialize};

use crate::{SessionId, UserId};

/// The permission that contains all others (T-RBAC: `admin` has `all:*`).
pub const EVERYTHING: &str = "all:*";

/// Who asks, as the router or a calling subgraph vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Nobody in particular, a person, or a part of Pasar.
    pub kind: PrincipalKind,
    /// The login behind a person's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionId>,
    /// Names of roles, for display; decisions ask [`Principal::can`].
    #[serde(default)]
    pub roles: Vec<String>,
    /// What the roles allow, as `action:thing`.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// The kinds of caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "id")]
pub enum PrincipalKind {
    /// Nobody has logged in.
    Anonymous,
    /// A person with an account.
    User(UserId),
    /// A subgraph or the router itself, by name.
    Service(String),
}

impl Principal {
    /// Nobody in particular.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self {
            kind: PrincipalKind::Anonymous,
            session_id: None,
            roles: Vec::new(),
            permissions: Vec::new(),
        }
    }

    /// A person, logged in.
    #[must_use]
    pub const fn user(
        id: UserId,
        session_id: SessionId,
        roles: Vec<String>,
        permissions: Vec<String>,
    ) -> Self {
        Self {
            kind: PrincipalKind::User(id),
            session_id: Some(session_id),
            roles,
            permissions,
        }
    }

    /// A part of Pasar that acts on its own behalf.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self {
            kind: PrincipalKind::Service(name.to_owned()),
            ..Self::anonymous()
        }
    }

    /// The person, if one has logged in.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self.kind {
            PrincipalKind::User(id) => Some(id),
            PrincipalKind::Anonymous | PrincipalKind::Service(_) => None,
        }
    }

    /// Whether a part of Pasar asks.
    #[must_use]
    pub const fn is_service(&self) -> bool {
        matches!(self.kind, PrincipalKind::Service(_))
    }

    /// Whether the caller holds `permission` (`moderate:reviews`), or everything.
    #[must_use]
    pub fn can(&self, permission: &str) -> bool {
        self.permissions
            .iter()
            .any(|held| held == permission || held == EVERYTHING)
    }

    /// Who did it, for the record of an event: the user's id, `service:<name>` or `anonymous`.
    #[must_use]
    pub fn actor(&self) -> String {
        match &self.kind {
            PrincipalKind::Anonymous => "anonymous".to_owned(),
            PrincipalKind::User(id) => id.to_string(),
            PrincipalKind::Service(name) => format!("service:{name}"),
        }
    }
}
