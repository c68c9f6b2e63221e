//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod lists;
pub(crate) mod ratings;
pub(crate) mod reports;
pub(crate) mod reviews;
pub(crate) mod votes;

use kernel::Fault;

/// A row holds a value that the rules do not know: a defect or a hand in the database.
fn unknown_value(column: &str, value: &str) -> Fault {
    Fault::internal(format!(
        "column `{column}` holds the unknown value `{value}`"
    ))
}
