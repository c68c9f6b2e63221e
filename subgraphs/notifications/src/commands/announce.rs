//! Something is to be told.

use kernel::Fault;
use service::{Ctx, Event, Transaction};

use crate::{
    domain::{Announcement, Audience, News},
    store,
};

/// Writes down that `event` is to be told, in the transaction that remembers the event. Whom exactly it
/// concerns, and how they are reached, is found out later: here only the database is asked.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn announce(
    ctx: &Ctx,
    tx: &mut Transaction,
    event: &Event,
    audience: Audience,
    mut news: News,
) -> Result<(), Fault> {
    match audience {
        Audience::User(_) => {}
        Audience::Shop(id) => news.seller_id = Some(id),
        Audience::Watchers(id) => news.product_id = Some(id),
    }
    let announcement = Announcement {
        id: ctx.ids.uuid(),
        event_id: event.event_id,
        audience,
        news,
        attempts: 0,
    };
    store::announcements::insert(tx, &announcement, ctx.now()).await
}
