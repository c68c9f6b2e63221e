//! Reviews, answers and votes.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;

use super::{
    PARALLEL,
    actors::{Actors, text},
};
use crate::seed::{DemoPlan, DemoReview};

const REVIEW: &str = "mutation($input: ReviewCreateInput!) { reviewCreate(input: $input) {
    review { id version } userErrors { code message path } } }";
const RESPOND: &str = "mutation($input: ReviewRespondInput!) { reviewRespond(input: $input) {
    review { id } userErrors { code message path } } }";
const VOTE: &str = "mutation($input: ReviewVoteInput!) { reviewVote(input: $input) {
    review { id } userErrors { code message path } } }";

/// Writes all reviews.
pub(super) async fn apply(
    plan: &DemoPlan,
    actors: &Actors<'_>,
    products: &[String],
) -> anyhow::Result<()> {
    stream::iter(plan.reviews.iter().enumerate())
        .map(|(index, review)| add(plan, actors, products, index, review))
        .buffer_unordered(PARALLEL)
        .try_collect()
        .await
}

async fn add(
    plan: &DemoPlan,
    actors: &Actors<'_>,
    products: &[String],
    index: usize,
    review: &DemoReview,
) -> anyhow::Result<()> {
    let buyer = &actors.buyers[review.buyer];
    let input = json!({ "productId": products[review.product], "rating": review.rating,
        "title": review.title, "body": review.body, "idempotencyKey": format!("demo-review-{index}") });
    let payload = actors.done("reviews", buyer, REVIEW, input).await?;
    let id = text(&payload["review"]["id"])?;
    if let Some(body) = &review.response {
        let seller = plan.products[review.product].seller;
        let input = json!({ "reviewId": id, "expectedVersion": payload["review"]["version"],
            "body": body });
        // When it has changed since it was written, an earlier run has come this far.
        actors
            .change("reviews", &actors.shops[seller].owner, RESPOND, input)
            .await?;
    }
    for reader in &review.helpful_by {
        let input = json!({ "reviewId": id, "isHelpful": true });
        actors
            .done("reviews", &actors.buyers[*reader], VOTE, input)
            .await?;
    }
    Ok(())
}
