//! `reviewResponseDelete`.

use kernel::ReviewId;
use service::{Ctx, outbox};

use super::{lock_as_shop, save};
use crate::{
    domain::{Error, Review},
    events::{ReviewFace, ReviewResponseDeleted},
};

/// Whose response to take back.
pub struct DeleteResponse {
    /// The review.
    pub review_id: ReviewId,
    /// The version the caller has read.
    pub expected_version: i32,
}

/// Takes the shop's response to a review back.
///
/// # Errors
/// [`Error`]: not found, not in the shop, stale version, no response; not logged in.
pub async fn delete_response(ctx: &Ctx, input: DeleteResponse) -> Result<Review, Error> {
    let (mut tx, before) = lock_as_shop(ctx, input.review_id).await?;
    before.expect_version(input.expected_version)?;
    let mut review = before.clone();
    review.delete_response(ctx.now())?;
    let event = ReviewResponseDeleted {
        face: ReviewFace::from(&review),
    };
    outbox::append(&mut tx, ctx, review.id, review.version, &event).await?;
    save(&mut tx, ctx, &before, &mut review).await?;
    tx.commit().await?;
    Ok(review)
}
