//! Table `notifications`.

use kernel::{Fault, NotificationId};
use sqlx::PgConnection;

/// Counts another event of a notification and locks its row until the end of the transaction.
pub(crate) async fn next_version(db: &mut PgConnection, id: NotificationId) -> Result<i32, Fault> {
    let version = sqlx::query_scalar(
        "update notifications set version = version + 1 where id = $1 returning version",
    )
    .bind(id.uuid())
    .fetch_one(db)
    .await?;
    Ok(version)
}
