//! `reviewUpdate`.

use kernel::{Named as _, ReviewId};
use service::{Ctx, outbox};

use super::{lock, save};
use crate::{
    domain::{Content, Error, HoldReason, Rejection, Review},
    events::{ReviewFace, ReviewUpdated},
};

/// What to change; `None` leaves a field as it is.
pub struct UpdateReview {
    /// The review.
    pub review_id: ReviewId,
    /// The version the caller has read.
    pub expected_version: i32,
    /// New number of stars.
    pub rating: Option<i32>,
    /// New gist; empty removes it.
    pub title: Option<String>,
    /// New text.
    pub body: Option<String>,
}

/// Changes what the author says; it is screened again.
///
/// # Errors
/// [`Error`]: not found, not its author, stale version, a value that breaks a rule; not logged in.
pub async fn update_review(ctx: &Ctx, input: UpdateReview) -> Result<Review, Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    let before = lock(&mut tx, ctx, input.review_id).await?;
    if !before.is_by(user_id) {
        let who = "only the author of a review may change it";
        let field = "reviewId";
        return Err(Rejection::NotPermitted { who, field }.into());
    }
    before.expect_version(input.expected_version)?;
    let old = &before.content;
    let content = Content::new(
        input.rating.unwrap_or_else(|| old.rating.stars().into()),
        input.title.as_deref().or(old.title.as_deref()),
        input.body.as_deref().unwrap_or(&old.body),
    )?;
    let mut review = before.clone();
    review.edit(content, ctx.now());
    let event = ReviewUpdated {
        face: ReviewFace::from(&review),
        hold_reasons: HoldReason::names(&review.hold_reasons),
    };
    outbox::append(&mut tx, ctx, review.id, review.version, &event).await?;
    save(&mut tx, ctx, &before, &mut review).await?;
    tx.commit().await?;
    Ok(review)
}
