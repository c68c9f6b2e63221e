//! What is read of reviews.

use kernel::{Fault, Page, PageRequest, ProductId};
use service::Ctx;

use crate::{
    access::MODERATE_REVIEWS,
    domain::{Listing, Rating, Review, ReviewSort},
    events::RatingChanged,
    store,
};

/// Lists what waits for a moderator, the longest waiting first.
///
/// # Errors
/// `FORBIDDEN` without `moderate:reviews`, `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the
/// database.
pub async fn list_held(ctx: &Ctx, page: &PageRequest) -> Result<Page<Review>, Fault> {
    ctx.require(MODERATE_REVIEWS)?;
    store::lists::list_held(&ctx.db, page).await
}

/// Which part of a list of reviews a caller asks for.
///
/// # Errors
/// `BAD_USER_INPUT` for a cursor of another list and for ratings that do not exist.
pub fn listing(sort: ReviewSort, ratings: &[i32], page: PageRequest) -> Result<Listing, Fault> {
    let mut ratings = ratings
        .iter()
        .map(|stars| Rating::new(*stars))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Fault::invalid_input("`where.rating` must hold 1 to 5 stars"))?;
    // The same question in another order is the same question.
    ratings.sort_unstable();
    ratings.dedup();
    Ok(Listing::new(sort, ratings, page)?)
}

/// The ratings of products in the order of their ids with their versions, as events tell them, for other
/// subgraphs. Only products that were ever reviewed.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn list_rating_snapshots(
    ctx: &Ctx,
    after: Option<ProductId>,
    first: i32,
) -> Result<Vec<(i32, RatingChanged)>, Fault> {
    ctx.require_service()?;
    let ratings = store::ratings::list_after(&ctx.db, after, first).await?;
    let ratings = ratings.into_iter();
    Ok(ratings
        .map(|(id, version, summary)| (version, RatingChanged::new(id, &summary)))
        .collect())
}
