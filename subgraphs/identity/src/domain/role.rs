//! Roles: names for sets of permissions. They are data, seeded by a migration.

/// The role that everybody has.
pub const CUSTOMER: &str = "customer";
/// The role that may do everything. Somebody always has it.
pub const ADMIN: &str = "admin";

/// A role and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Name.
    pub name: String,
    /// What it allows, as `action:thing`.
    pub permissions: Vec<String>,
}
