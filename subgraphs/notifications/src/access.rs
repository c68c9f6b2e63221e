//! Who may do what, besides what concerns people themselves.

/// Permission to read deliveries and the mailbox, and to change wordings.
pub(crate) const MANAGE_NOTIFICATIONS: &str = "manage:notifications";
