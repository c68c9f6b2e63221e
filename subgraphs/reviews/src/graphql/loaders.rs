//! One batch per kind of key: however many siblings ask, there is one SQL statement.

use std::collections::HashMap;

use futures_util::FutureExt;
use gql::Batch;
use kernel::{Page, ProductId, ReviewId, SellerId};
use service::Ctx;

use crate::{
    domain::{Listing, Owner, RatingSummary, Report, Review},
    store,
};

/// The batches of one request.
pub(crate) struct Loaders {
    /// Reviews by id.
    pub(crate) reviews: Batch<ReviewId, Review>,
    /// Pages of lists, by whose and which.
    pub(crate) lists: Batch<(Owner, Listing), Page<Review>>,
    /// Ratings of products; those without reviews are missing.
    pub(crate) product_ratings: Batch<ProductId, RatingSummary>,
    /// Ratings of shops; those without reviews are missing.
    pub(crate) seller_ratings: Batch<SellerId, RatingSummary>,
    /// What readers object to in a review.
    pub(crate) reports: Batch<ReviewId, Vec<Report>>,
    /// How the caller voted.
    pub(crate) viewer_votes: Batch<ReviewId, bool>,
    /// What the caller wrote about a product.
    pub(crate) viewer_reviews: Batch<ProductId, Review>,
}

impl Loaders {
    pub(crate) fn new(ctx: &Ctx) -> Self {
        Self {
            reviews: reviews(ctx),
            lists: lists(ctx),
            product_ratings: product_ratings(ctx),
            seller_ratings: seller_ratings(ctx),
            reports: reports(ctx),
            viewer_votes: viewer_votes(ctx),
            viewer_reviews: viewer_reviews(ctx),
        }
    }
}

fn reviews(ctx: &Ctx) -> Batch<ReviewId, Review> {
    let db = ctx.db.clone();
    Batch::new(move |ids| {
        let db = db.clone();
        async move {
            let reviews = store::reviews::load(&db, &ids).await?;
            Ok(reviews
                .into_iter()
                .map(|review| (review.id, review))
                .collect())
        }
        .boxed()
    })
}

fn lists(ctx: &Ctx) -> Batch<(Owner, Listing), Page<Review>> {
    let db = ctx.db.clone();
    Batch::new(move |lists| {
        let db = db.clone();
        async move { store::lists::load(&db, lists).await }.boxed()
    })
}

fn product_ratings(ctx: &Ctx) -> Batch<ProductId, RatingSummary> {
    let db = ctx.db.clone();
    Batch::new(move |ids| {
        let db = db.clone();
        async move { store::ratings::load_by_product(&db, &ids).await }.boxed()
    })
}

fn seller_ratings(ctx: &Ctx) -> Batch<SellerId, RatingSummary> {
    let db = ctx.db.clone();
    Batch::new(move |ids| {
        let db = db.clone();
        async move { store::ratings::load_by_seller(&db, &ids).await }.boxed()
    })
}

fn reports(ctx: &Ctx) -> Batch<ReviewId, Vec<Report>> {
    let db = ctx.db.clone();
    Batch::new(move |ids| {
        let db = db.clone();
        async move {
            let mut by_review: HashMap<_, Vec<_>> = HashMap::new();
            for report in store::reports::load_by_review(&db, &ids).await? {
                by_review.entry(report.review_id).or_default().push(report);
            }
            Ok(by_review)
        }
        .boxed()
    })
}

fn viewer_votes(ctx: &Ctx) -> Batch<ReviewId, bool> {
    let (db, viewer) = (ctx.db.clone(), ctx.principal.user_id());
    Batch::new(move |ids| {
        let db = db.clone();
        async move {
            let Some(user_id) = viewer else {
                return Ok(HashMap::new());
            };
            store::votes::load_by_user(&db, user_id, &ids).await
        }
        .boxed()
    })
}

fn viewer_reviews(ctx: &Ctx) -> Batch<ProductId, Review> {
    let (db, viewer) = (ctx.db.clone(), ctx.principal.user_id());
    Batch::new(move |ids| {
        let db = db.clone();
        async move {
            let Some(user_id) = viewer else {
                return Ok(HashMap::new());
            };
            let reviews = store::lists::load_by_author(&db, user_id, &ids).await?;
            Ok(reviews
                .into_iter()
                .map(|review| (review.subject.product_id, review))
                .collect())
        }
        .boxed()
    })
}
