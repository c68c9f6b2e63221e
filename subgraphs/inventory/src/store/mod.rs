//! SQL, and nothing else. Functions take a connection and give domain types.

pub(crate) mod alerts;
pub(crate) mod availability;
pub(crate) mod levels;
pub(crate) mod movements;
pub(crate) mod warehouses;

use kernel::{Fault, SellerId};
use sqlx::PgConnection;

/// Makes transactions that touch several rows of a shop wait for one another. Those that touch one row
/// need it not: they hold nothing that another could wait for while they wait.
pub(crate) async fn lock_shop(db: &mut PgConnection, seller_id: SellerId) -> Result<(), Fault> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(seller_id.to_string())
        .execute(db)
        .await?;
    Ok(())
}
