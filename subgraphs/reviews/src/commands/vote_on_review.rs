//! `reviewVote`.

use kernel::ReviewId;
use service::Ctx;

use super::{lock_public, save};
use crate::{
    domain::{Error, Rejection, Review},
    store,
};

/// What a reader thinks of a review.
pub struct VoteOnReview {
    /// The review.
    pub review_id: ReviewId,
    /// Whether it helped; `None` takes the vote back.
    pub is_helpful: Option<bool>,
}

/// Sets or takes back the caller's vote on a review.
///
/// # Errors
/// [`Error`]: not found, the caller's own; not logged in.
pub async fn vote_on_review(ctx: &Ctx, input: VoteOnReview) -> Result<Review, Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    // Its lock also orders the votes of one reader.
    let before = lock_public(&mut tx, input.review_id).await?;
    if before.is_by(user_id) {
        let who = "the author of a review does not vote on it";
        let field = "reviewId";
        return Err(Rejection::NotPermitted { who, field }.into());
    }
    let old = store::votes::find(&mut tx, before.id, user_id).await?;
    if old == input.is_helpful {
        return Ok(before);
    }
    store::votes::set(&mut tx, before.id, user_id, input.is_helpful, ctx.now()).await?;
    let mut review = before.clone();
    review.vote(old, input.is_helpful);
    save(&mut tx, ctx, &before, &mut review).await?;
    tx.commit().await?;
    Ok(review)
}
