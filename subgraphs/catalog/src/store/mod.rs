//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod attributes;
pub(crate) mod categories;
pub(crate) mod product_lists;
pub(crate) mod products;
pub(crate) mod snapshots;
pub(crate) mod suspensions;
pub(crate) mod variants;

use kernel::{Entity, Fault, Id};
use uuid::Uuid;

/// A row holds a value that the rules do not know: a defect or a hand in the database.
fn unknown_value(column: &str, value: &str) -> Fault {
    Fault::internal(format!(
        "column `{column}` holds the unknown value `{value}`"
    ))
}

/// Ids as the database keeps them.
fn uuids<E: Entity>(ids: &[Id<E>]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}
