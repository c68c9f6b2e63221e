//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod announcements;
pub(crate) mod deliveries;
pub(crate) mod devices;
pub(crate) mod mailbox;
mod news;
pub(crate) mod notifications;
pub(crate) mod people;
pub(crate) mod products;
pub(crate) mod templates;
pub(crate) mod watches;

use kernel::Fault;

use crate::domain::Named;

/// Reads a value of a closed list.
fn value<T: Named>(column: &str, name: &str) -> Result<T, Fault> {
    T::from_name(name).ok_or_else(|| unknown_value(column, name))
}

/// A row holds a value that the rules do not know: a defect or a hand in the database.
fn unknown_value(column: &str, value: &str) -> Fault {
    Fault::internal(format!(
        "column `{column}` holds the unknown value `{value}`"
    ))
}
