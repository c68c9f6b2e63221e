//! `reviewReport`.

use kernel::ReviewId;
use service::{Ctx, outbox};

use super::{lock_public, save};
use crate::{
    domain::{Error, Rejection, Report, ReportReason, Review},
    events::{ReviewFace, ReviewFlagged},
    store,
};

/// What a reader objects to.
pub struct ReportReview {
    /// The review.
    pub review_id: ReviewId,
    /// Why.
    pub reason: ReportReason,
    /// In the reader's words.
    pub comment: Option<String>,
}

/// Reports a review, once per person. The third objection makes it wait for a moderator.
///
/// # Errors
/// [`Error`]: not found, the caller's own, reported already, a comment that breaks a rule; not logged in.
pub async fn report_review(ctx: &Ctx, input: ReportReview) -> Result<Review, Error> {
    let reporter_id = ctx.user()?;
    let now = ctx.now();
    let mut tx = ctx.begin().await?;
    let before = lock_public(&mut tx, input.review_id).await?;
    if before.is_by(reporter_id) {
        let who = "the author of a review may change or delete it instead";
        let field = "reviewId";
        return Err(Rejection::NotPermitted { who, field }.into());
    }
    let report = Report {
        review_id: before.id,
        reporter_id,
        reason: input.reason,
        comment: input.comment.filter(|comment| !comment.trim().is_empty()),
        created_at: now,
    };
    report.check()?;
    store::reports::insert(&mut tx, &report).await?;
    let mut review = before.clone();
    if review.report(now) {
        let event = ReviewFlagged {
            face: ReviewFace::from(&review),
            report_count: review.open_report_count,
        };
        outbox::append(&mut tx, ctx, review.id, review.version, &event).await?;
    }
    save(&mut tx, ctx, &before, &mut review).await?;
    tx.commit().await?;
    Ok(review)
}
