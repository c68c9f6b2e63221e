//! What is old is removed.

use chrono::Duration;
use kernel::Fault;
use service::Ctx;

use crate::store;

/// How long people can look back.
const KEEP_DAYS: i64 = 180;
/// How long the mailbox keeps messages, which may hold links that are secret.
const KEEP_MAILBOX_DAYS: i64 = 7;
/// How long announcements that were given up wait for an operator.
const KEEP_GIVEN_UP_DAYS: i64 = 30;

/// Removes a batch of what is old; gives how many rows that were.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn sweep(ctx: &Ctx) -> Result<u64, Fault> {
    let before = |days| ctx.now() - Duration::days(days);
    let mut removed = store::notifications::delete_before(&ctx.db, before(KEEP_DAYS)).await?;
    removed += store::mailbox::delete_before(&ctx.db, before(KEEP_MAILBOX_DAYS)).await?;
    removed += store::announcements::delete_given_up(&ctx.db, before(KEEP_GIVEN_UP_DAYS)).await?;
    Ok(removed)
}
