//! Something is to be told.

use kernel::{Fault, ProductId, ReviewId, SellerId};
use service::{Ctx, Event, Transaction};

use crate::{
    domain::{Announcement, Audience, NotificationType, Variables},
    store,
};

/// What is to be told, to whom.
pub struct Announce {
    /// What kind of thing.
    pub kind: NotificationType,
    /// To whom.
    pub audience: Audience,
    /// See [`Announcement::subject_key`].
    pub subject_key: String,
    /// What wordings show.
    pub variables: Variables,
    /// The product it is about.
    pub product_id: Option<ProductId>,
    /// The shop it is about.
    pub seller_id: Option<SellerId>,
    /// The review it is about.
    pub review_id: Option<ReviewId>,
}

impl Announce {
    /// Something without values.
    #[must_use]
    pub fn new(kind: NotificationType, audience: Audience, subject_key: &impl ToString) -> Self {
        let seller_id = match audience {
            Audience::Shop(id) => Some(id),
            _ => None,
        };
        let product_id = match audience {
            Audience::Watchers(id) => Some(id),
            _ => None,
        };
        Self {
            kind,
            audience,
            subject_key: subject_key.to_string(),
            variables: Variables::new(),
            product_id,
            seller_id,
            review_id: None,
        }
    }
}

/// Writes down that `event` is to be told, in the transaction that remembers the event. Whom exactly it
/// concerns, and how they are reached, is found out later: here only the database is asked.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn announce(
    ctx: &Ctx,
    tx: &mut Transaction,
    event: &Event,
    input: Announce,
) -> Result<(), Fault> {
    let announcement = Announcement {
        id: ctx.ids.uuid(),
        event_id: event.event_id,
        kind: input.kind,
        audience: input.audience,
        subject_key: input.subject_key,
        variables: input.variables,
        product_id: input.product_id,
        seller_id: input.seller_id,
        review_id: input.review_id,
        occurred_at: event.event_time,
        attempts: 0,
    };
    store::announcements::insert(tx, &announcement, ctx.now()).await
}
