//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod credentials;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod verifications;

use kernel::Fault;

/// A row holds a value that the rules do not know: a defect or a hand in the database.
fn unknown_value(column: &str, value: &str) -> Fault {
    Fault::internal(format!(
        "column `{column}` holds the unknown value `{value}`"
    ))
}
