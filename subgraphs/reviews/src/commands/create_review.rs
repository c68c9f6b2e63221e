//! `reviewCreate`.

use kernel::{Named as _, ProductId};
use serde::Serialize;
use service::{Claim, Ctx, idempotency, outbox};

use super::rate;
use crate::{
    access,
    domain::{Content, Error, HoldReason, RatingChange, Rejection, Review, Subject},
    events::{ReviewCreated, ReviewFace},
    store,
};

/// What a buyer says of a product.
#[derive(Serialize)]
pub struct CreateReview {
    /// The product.
    pub product_id: ProductId,
    /// One to five stars.
    pub rating: i32,
    /// The gist.
    pub title: Option<String>,
    /// The whole.
    pub body: String,
}

/// Writes a review of a product; the caller becomes its author.
///
/// # Errors
/// [`Error`]: no such product on sale, one of the caller's own shop, reviewed already, a value that breaks
/// a rule, a reused key; not logged in.
pub async fn create_review(
    ctx: &Ctx,
    idempotency_key: &str,
    input: CreateReview,
) -> Result<Review, Error> {
    let (author_id, product_id) = (ctx.user()?, input.product_id);
    // Asked before the transaction, so that a slow peer holds no connection; judged after the claim, so
    // that a repeated request gets its first answer whatever became of the product.
    let shop = access::shop_to_review(ctx, product_id, author_id).await;
    let mut tx = ctx.begin().await?;
    match idempotency::claim(&mut tx, ctx, "reviewCreate", idempotency_key, &input).await? {
        Claim::Done(review) => return Ok(review),
        Claim::Reused => return Err(Rejection::IdempotencyKeyReused.into()),
        Claim::New => {}
    }
    let content = Content::new(input.rating, input.title.as_deref(), &input.body)?;
    let subject = Subject {
        product_id,
        seller_id: shop?,
        author_id,
    };
    let review = Review::write(ctx.ids.next(), subject, content, ctx.now());
    store::reviews::insert(&mut tx, &review).await?;
    let event = ReviewCreated {
        face: ReviewFace::from(&review),
        hold_reasons: HoldReason::names(&review.hold_reasons),
    };
    outbox::append(&mut tx, ctx, review.id, review.version, &event).await?;
    idempotency::remember(&mut tx, ctx, "reviewCreate", idempotency_key, &review).await?;
    let change = RatingChange::between(None, Some(&review));
    rate(&mut tx, ctx, subject, change).await?;
    tx.commit().await?;
    Ok(review)
}
