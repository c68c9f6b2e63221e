//! `reviewModerate`.

use kernel::ReviewId;
use service::{Ctx, outbox};

use super::{lock, save};
use crate::{
    access::MODERATE_REVIEWS,
    domain::{Decision, Error, Review},
    events::{ReviewApproved, ReviewFace, ReviewRejected},
};

/// What a moderator decides about a review.
pub struct ModerateReview {
    /// The review.
    pub review_id: ReviewId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// The decision.
    pub decision: Decision,
}

/// Publishes or refuses a review; objections so far are settled by it.
///
/// # Errors
/// [`Error`]: not found, stale version, decided so already, a bad reason; without `moderate:reviews`.
pub async fn moderate_review(ctx: &Ctx, input: ModerateReview) -> Result<Review, Error> {
    ctx.require(MODERATE_REVIEWS)?;
    let mut tx = ctx.begin().await?;
    let before = lock(&mut tx, ctx, input.review_id).await?;
    before.expect_version(input.expected_version)?;
    let mut review = before.clone();
    review.decide(input.decision, ctx.now())?;
    let (id, version) = (review.id, review.version);
    let face = ReviewFace::from(&review);
    match review.decision_reason.clone() {
        None => outbox::append(&mut tx, ctx, id, version, &ReviewApproved { face }).await?,
        Some(reason) => {
            outbox::append(&mut tx, ctx, id, version, &ReviewRejected { face, reason }).await?;
        }
    }
    save(&mut tx, ctx, &before, &mut review).await?;
    tx.commit().await?;
    Ok(review)
}
