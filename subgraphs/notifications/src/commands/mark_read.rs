//! `notificationMarkRead` and `notificationMarkAllRead`.

use kernel::NotificationId;
use service::Ctx;

use crate::{
    domain::{Error, Notification, Rejection},
    store,
};

/// Marks one of the caller's notifications as read; again is fine.
///
/// # Errors
/// [`Error`]: not theirs or not there; not logged in.
pub async fn mark_read(ctx: &Ctx, id: NotificationId) -> Result<Notification, Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    let notification = store::notifications::mark_read(&mut tx, user_id, id, ctx.now())
        .await?
        .ok_or(Rejection::NotFound {
            field: "notificationId",
        })?;
    tx.commit().await?;
    Ok(notification)
}

/// Marks the caller's notifications up to `seq` as read; gives how many were unread. What has come since
/// the caller looked stays unread.
///
/// # Errors
/// [`Error`]: not logged in.
pub async fn mark_all_read(ctx: &Ctx, seq: i64) -> Result<u64, Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    let marked = store::notifications::mark_all_read(&mut tx, user_id, seq, ctx.now()).await?;
    tx.commit().await?;
    Ok(marked)
}
