//! `reviewRespond`.

use kernel::ReviewId;
use service::{Ctx, outbox};

use super::{lock_as_shop, save};
use crate::{
    domain::{Error, Review},
    events::{ReviewFace, ReviewResponded},
};

/// What the shop says to a review.
pub struct RespondToReview {
    /// The review.
    pub review_id: ReviewId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// The text.
    pub body: String,
}

/// Responds to a review on behalf of its shop, or changes the response.
///
/// # Errors
/// [`Error`]: not found, not in the shop, stale version, a text that breaks a rule; not logged in.
pub async fn respond_to_review(ctx: &Ctx, input: RespondToReview) -> Result<Review, Error> {
    let (mut tx, before) = lock_as_shop(ctx, input.review_id).await?;
    before.expect_version(input.expected_version)?;
    let mut review = before.clone();
    review.respond(&input.body, ctx.now())?;
    let event = ReviewResponded {
        face: ReviewFace::from(&review),
    };
    outbox::append(&mut tx, ctx, review.id, review.version, &event).await?;
    save(&mut tx, ctx, &before, &mut review).await?;
    tx.commit().await?;
    Ok(review)
}
