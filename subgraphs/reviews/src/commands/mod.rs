//! What changes reviews. Each command loads, lets the domain decide, saves and records the event, in one
//! transaction, and keeps the rating summaries equal to the published reviews.

mod create_review;
mod delete_response;
mod delete_review;
mod moderate_review;
mod report_review;
mod respond_to_review;
mod update_review;
mod vote_on_review;

pub use create_review::{CreateReview, create_review};
pub use delete_response::{DeleteResponse, delete_response};
pub use delete_review::{DeleteReview, delete_review};
pub use moderate_review::{ModerateReview, moderate_review};
pub use report_review::{ReportReview, report_review};
pub use respond_to_review::{RespondToReview, respond_to_review};
pub use update_review::{UpdateReview, update_review};
pub use vote_on_review::{VoteOnReview, vote_on_review};

use kernel::{Fault, ReviewId};
use service::{Ctx, Transaction, outbox};

use crate::{
    access,
    domain::{Error, RatingChange, Rejection, Review, Subject},
    events::RatingChanged,
    store,
};

/// Locks a review that the caller may see.
async fn lock(tx: &mut Transaction, ctx: &Ctx, id: ReviewId) -> Result<Review, Error> {
    let review = store::reviews::find_for_update(tx, id).await?;
    let review = review.filter(|review| access::may_see(ctx, review));
    Ok(review.ok_or(Rejection::ReviewNotFound)?)
}

/// Locks a review that everybody may see.
async fn lock_public(tx: &mut Transaction, id: ReviewId) -> Result<Review, Error> {
    let review = store::reviews::find_for_update(tx, id).await?;
    let review = review.filter(Review::is_public);
    Ok(review.ok_or(Rejection::ReviewNotFound)?)
}

/// Locks a review on behalf of the people of its shop.
async fn lock_as_shop(ctx: &Ctx, id: ReviewId) -> Result<(Transaction, Review), Error> {
    let user_id = ctx.user()?;
    let reviews = store::reviews::load(&ctx.db, &[id]).await?;
    let review = reviews.first().filter(|review| review.is_public());
    let seller_id = review.ok_or(Rejection::ReviewNotFound)?.subject.seller_id;
    // Asked before the transaction, so that a slow peer holds no lock; a review never changes its shop.
    access::require_member(ctx, seller_id, user_id).await?;
    let mut tx = ctx.begin().await?;
    let review = lock_public(&mut tx, id).await?;
    Ok((tx, review))
}

/// Writes what became of a review, and its share in the ratings. Call it last before the commit.
async fn save(
    tx: &mut Transaction,
    ctx: &Ctx,
    before: &Review,
    after: &mut Review,
) -> Result<(), Error> {
    after.helpfulness = store::reviews::update(tx, after).await?;
    let change = RatingChange::between(Some(before), Some(after));
    rate(tx, ctx, after.subject, change).await?;
    Ok(())
}

/// Adds what became of a review to the ratings, and tells it if that is something. Call it last before the
/// commit.
async fn rate(
    tx: &mut Transaction,
    ctx: &Ctx,
    subject: Subject,
    change: RatingChange,
) -> Result<(), Fault> {
    if change.is_nothing() {
        return Ok(());
    }
    let (version, summary) = store::ratings::add(tx, subject, change).await?;
    let event = RatingChanged::new(subject.product_id, &summary);
    outbox::append(tx, ctx, subject.product_id, version, &event).await
}
