//! Table `seller_suspensions`.

use kernel::{Fault, SellerId};
use sqlx::PgConnection;

/// Remembers whether a shop is closed, unless something newer is known.
pub(crate) async fn set(
    db: &mut PgConnection,
    seller_id: SellerId,
    version: i32,
    is_suspended: bool,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into seller_suspensions as known (seller_id, is_suspended, version) \
         values ($1, $2, $3) on conflict (seller_id) do update \
         set is_suspended = excluded.is_suspended, version = excluded.version \
         where known.version < excluded.version",
    )
    .bind(seller_id.uuid())
    .bind(is_suspended)
    .bind(version)
    .execute(db)
    .await?;
    Ok(())
}
