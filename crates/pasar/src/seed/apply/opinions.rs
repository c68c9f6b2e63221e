//! Reviews, answers and votes.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;

use super::{
    PARALLEL,
    actors::{Actors, Outcome, text},
};
use crate::seed::{DemoPlan, DemoReview, DemoStatus};

const REVIEW: &str = "mutation($input: ReviewCreateInput!) { reviewCreate(input: $input) {
    review { id version } userErrors { code message path } } }";
const RESPOND: &str = "mutation($input: ReviewRespondInput!) { reviewRespond(input: $input) {
    review { id } userErrors { code message path } } }";
const VOTE: &str = "mutation($input: ReviewVoteInput!) { reviewVote(input: $input) {
    review { id } userErrors { code message path } } }";
const CURRENT: &str = "query($id: ID!) { review(id: $id) { version response { body } } }";

/// Writes all reviews of products that are on sale.
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
    let product = &plan.products[review.product];
    if product.status != DemoStatus::Active {
        return Ok(());
    }
    let buyer = &actors.buyers[review.buyer];
    let input = json!({ "productId": products[review.product], "rating": review.rating,
        "title": review.title, "body": review.body, "idempotencyKey": format!("demo-review-{index}") });
    let Outcome::Done(payload) = actors.change("reviews", buyer, REVIEW, input).await? else {
        return Ok(());
    };
    let id = text(&payload["review"]["id"])?;
    for reader in &review.helpful_by {
        let input = json!({ "reviewId": id, "isHelpful": true });
        actors
            .change("reviews", &actors.buyers[*reader], VOTE, input)
            .await?;
    }
    if let Some(body) = &review.response {
        let current = actors.ask("reviews", CURRENT, json!({ "id": id })).await?;
        if current["review"]["response"].is_null() {
            let input = json!({ "reviewId": id, "expectedVersion": current["review"]["version"],
                "body": body });
            let owner = &actors.shops[product.seller].owner;
            actors.change("reviews", owner, RESPOND, input).await?;
        }
    }
    Ok(())
}
