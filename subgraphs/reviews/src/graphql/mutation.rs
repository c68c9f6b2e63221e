//! Root mutations with their inputs and payloads.

use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use gql::{GlobalId, UserError, settle};
use kernel::markers;

use super::{
    extensions::ProductNode,
    types::{ReviewNode, ReviewReportReason},
    user_error::user_error,
};
use crate::{
    commands,
    domain::{Decision, Error, Review},
};

/// What a buyer says of a product.
#[derive(InputObject)]
struct ReviewCreateInput {
    /// The product.
    product_id: GlobalId<markers::Product>,
    /// One to five stars.
    rating: i32,
    /// The gist, at most 120 characters.
    title: Option<String>,
    /// The whole, 2 to 5000 characters.
    body: String,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// What to change of a review; fields left out stay as they are.
#[derive(InputObject)]
struct ReviewUpdateInput {
    /// The review.
    review_id: GlobalId<markers::Review>,
    /// The version that was read.
    expected_version: i32,
    /// One to five stars.
    rating: Option<i32>,
    /// The gist, at most 120 characters; empty removes it.
    title: Option<String>,
    /// The whole, 2 to 5000 characters.
    body: Option<String>,
}

/// A review to delete.
#[derive(InputObject)]
struct ReviewDeleteInput {
    /// The review.
    review_id: GlobalId<markers::Review>,
}

/// What a reader thinks of a review.
#[derive(InputObject)]
struct ReviewVoteInput {
    /// The review.
    review_id: GlobalId<markers::Review>,
    /// Whether it helped; null takes the vote back.
    is_helpful: Option<bool>,
}

/// What a reader objects to.
#[derive(InputObject)]
struct ReviewReportInput {
    /// The review.
    review_id: GlobalId<markers::Review>,
    /// Why.
    reason: ReviewReportReason,
    /// What is wrong, at most 500 characters; needed when the reason is `OTHER`.
    comment: Option<String>,
}

/// What the shop says to a review.
#[derive(InputObject)]
struct ReviewRespondInput {
    /// The review.
    review_id: GlobalId<markers::Review>,
    /// The version that was read.
    expected_version: i32,
    /// The text, 2 to 2000 characters, without phone numbers and links.
    body: String,
}

/// A response to take back.
#[derive(InputObject)]
struct ReviewResponseDeleteInput {
    /// The review.
    review_id: GlobalId<markers::Review>,
    /// The version that was read.
    expected_version: i32,
}

/// What a moderator can decide.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum ReviewModerationDecision {
    /// Everybody may see the review.
    Approve,
    /// Only its author and moderators may see it.
    Reject,
}

/// What a moderator decides about a review.
#[derive(InputObject)]
struct ReviewModerateInput {
    /// The review.
    review_id: GlobalId<markers::Review>,
    /// The version that was read.
    expected_version: i32,
    /// The decision.
    decision: ReviewModerationDecision,
    /// Why, for its author to read, 3 to 500 characters; needed to reject, unused to approve.
    reason: Option<String>,
}

/// The review after the change, or why it was refused.
#[derive(SimpleObject)]
struct ReviewPayload {
    /// The review; null when the change was refused.
    review: Option<ReviewNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What was deleted, or why it was refused.
#[derive(SimpleObject)]
struct ReviewDeletePayload {
    /// The id that the review had; null when the change was refused.
    deleted_review_id: Option<GlobalId<markers::Review>>,
    /// The product, to read its rating again; null when the change was refused.
    product: Option<ProductNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

fn review_payload(outcome: Result<Review, Error>) -> Result<Option<ReviewPayload>> {
    let (review, user_errors) = settle(outcome, user_error)?;
    Ok(Some(ReviewPayload {
        review: review.map(ReviewNode),
        user_errors,
    }))
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    /// Writes a review of a product, one per person and product. It is published at once unless its text
    /// looks like something for a moderator. Needs a login; not for the people of the product's shop.
    async fn review_create(
        &self,
        ctx: &Context<'_>,
        input: ReviewCreateInput,
    ) -> Result<Option<ReviewPayload>> {
        let command = commands::CreateReview {
            product_id: input.product_id.0,
            rating: input.rating,
            title: input.title,
            body: input.body,
        };
        let key = &input.idempotency_key;
        review_payload(commands::create_review(ctx.data()?, key, command).await)
    }

    /// Changes a review. What was rejected goes back to the moderators. For its author.
    async fn review_update(
        &self,
        ctx: &Context<'_>,
        input: ReviewUpdateInput,
    ) -> Result<Option<ReviewPayload>> {
        let command = commands::UpdateReview {
            review_id: input.review_id.0,
            expected_version: input.expected_version,
            rating: input.rating,
            title: input.title,
            body: input.body,
        };
        review_payload(commands::update_review(ctx.data()?, command).await)
    }

    /// Deletes a review. For its author, and with the permission `moderate:reviews`.
    async fn review_delete(
        &self,
        ctx: &Context<'_>,
        input: ReviewDeleteInput,
    ) -> Result<Option<ReviewDeletePayload>> {
        let command = commands::DeleteReview {
            review_id: input.review_id.0,
        };
        let outcome = commands::delete_review(ctx.data()?, command).await;
        let (review, user_errors) = settle(outcome, user_error)?;
        let product = review.as_ref().map(|review| review.subject.product_id);
        Ok(Some(ReviewDeletePayload {
            deleted_review_id: review.map(|review| review.id.into()),
            product: product.map(|id| ProductNode { id }),
            user_errors,
        }))
    }

    /// Says whether a review helped. Needs a login; not for its author.
    async fn review_vote(
        &self,
        ctx: &Context<'_>,
        input: ReviewVoteInput,
    ) -> Result<Option<ReviewPayload>> {
        let command = commands::VoteOnReview {
            review_id: input.review_id.0,
            is_helpful: input.is_helpful,
        };
        review_payload(commands::vote_on_review(ctx.data()?, command).await)
    }

    /// Objects to a review, once per person; the third objection hides it until a moderator has decided.
    /// Needs a login; not for its author.
    async fn review_report(
        &self,
        ctx: &Context<'_>,
        input: ReviewReportInput,
    ) -> Result<Option<ReviewPayload>> {
        let command = commands::ReportReview {
            review_id: input.review_id.0,
            reason: input.reason.into(),
            comment: input.comment,
        };
        review_payload(commands::report_review(ctx.data()?, command).await)
    }

    /// Responds to a review, or changes the response. For the people of the product's shop.
    async fn review_respond(
        &self,
        ctx: &Context<'_>,
        input: ReviewRespondInput,
    ) -> Result<Option<ReviewPayload>> {
        let command = commands::RespondToReview {
            review_id: input.review_id.0,
            expected_version: input.expected_version,
            body: input.body,
        };
        review_payload(commands::respond_to_review(ctx.data()?, command).await)
    }

    /// Takes the response to a review back. For the people of the product's shop.
    async fn review_response_delete(
        &self,
        ctx: &Context<'_>,
        input: ReviewResponseDeleteInput,
    ) -> Result<Option<ReviewPayload>> {
        let command = commands::DeleteResponse {
            review_id: input.review_id.0,
            expected_version: input.expected_version,
        };
        review_payload(commands::delete_response(ctx.data()?, command).await)
    }

    /// Publishes or rejects a review, which settles the objections to it. Needs the permission
    /// `moderate:reviews`.
    async fn review_moderate(
        &self,
        ctx: &Context<'_>,
        input: ReviewModerateInput,
    ) -> Result<Option<ReviewPayload>> {
        let reason = input.reason.unwrap_or_default();
        let command = commands::ModerateReview {
            review_id: input.review_id.0,
            expected_version: input.expected_version,
            decision: match input.decision {
                ReviewModerationDecision::Approve => Decision::Approve,
                ReviewModerationDecision::Reject => Decision::Reject { reason },
            },
        };
        review_payload(commands::moderate_review(ctx.data()?, command).await)
    }
}
