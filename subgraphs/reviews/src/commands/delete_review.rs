//! `reviewDelete`.

use kernel::ReviewId;
use service::{Ctx, outbox};

use super::{lock, rate};
use crate::{
    access::MODERATE_REVIEWS,
    domain::{Error, RatingChange, Rejection, Review},
    events::{ReviewDeleted, ReviewFace},
    store,
};

/// Which review to delete.
pub struct DeleteReview {
    /// The review.
    pub review_id: ReviewId,
}

/// Deletes a review with its votes and reports; its author may review the product again.
///
/// # Errors
/// [`Error`]: not found, neither its author nor a moderator; not logged in.
pub async fn delete_review(ctx: &Ctx, input: DeleteReview) -> Result<Review, Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    let before = lock(&mut tx, ctx, input.review_id).await?;
    if !before.is_by(user_id) && !ctx.principal.can(MODERATE_REVIEWS) {
        let who = "only the author of a review and moderators may delete it";
        let field = "reviewId";
        return Err(Rejection::NotPermitted { who, field }.into());
    }
    let mut review = before.clone();
    review.delete(ctx.now());
    let event = ReviewDeleted {
        face: ReviewFace::from(&review),
    };
    outbox::append(&mut tx, ctx, review.id, review.version, &event).await?;
    store::reviews::delete(&mut tx, review.id).await?;
    let change = RatingChange::between(Some(&before), None);
    rate(&mut tx, ctx, review.subject, change).await?;
    tx.commit().await?;
    Ok(review)
}
