//! What this subgraph publishes. Votes are not told: nobody else counts them.

use kernel::{Named as _, ProductId, ReviewId, SellerId, UserId};
use schemars::JsonSchema;
use serde::Serialize;
use service::outbox::{EventContract, EventPayload, contract};

use crate::domain::{RatingSummary, Review};

/// The events of this subgraph, for the catalogue in `schema/events/`.
#[must_use]
pub fn contracts() -> Vec<EventContract> {
    vec![
        contract::<ReviewCreated>(),
        contract::<ReviewUpdated>(),
        contract::<ReviewDeleted>(),
        contract::<ReviewApproved>(),
        contract::<ReviewRejected>(),
        contract::<ReviewFlagged>(),
        contract::<ReviewResponded>(),
        contract::<ReviewResponseDeleted>(),
        contract::<RatingChanged>(),
    ]
}

/// What every event tells of its review. Not its text, which a moderator may yet hide.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewFace {
    /// The review.
    pub review_id: ReviewId,
    /// The product.
    pub product_id: ProductId,
    /// The shop of the product.
    pub seller_id: SellerId,
    /// Who wrote it.
    pub author_id: UserId,
    /// One to five stars.
    #[schemars(range(min = 1, max = 5))]
    pub rating: u8,
    /// `PUBLISHED`, `PENDING` or `REJECTED`, after the event; only published ones count for ratings.
    pub status: &'static str,
}

impl From<&Review> for ReviewFace {
    fn from(review: &Review) -> Self {
        Self {
            review_id: review.id,
            product_id: review.subject.product_id,
            seller_id: review.subject.seller_id,
            author_id: review.subject.author_id,
            rating: review.content.rating.stars(),
            status: review.status.name(),
        }
    }
}

/// A review was written.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewCreated {
    /// The review.
    #[serde(flatten)]
    pub face: ReviewFace,
    /// Why it waits for a moderator; empty when it is published.
    pub hold_reasons: Vec<&'static str>,
}

/// The author changed a review.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewUpdated {
    /// The review.
    #[serde(flatten)]
    pub face: ReviewFace,
    /// Why it waits for a moderator; empty when it is published.
    pub hold_reasons: Vec<&'static str>,
}

/// A review was deleted; `status` and `rating` are what it had.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewDeleted {
    /// The review.
    #[serde(flatten)]
    pub face: ReviewFace,
}

/// A moderator published a review.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewApproved {
    /// The review.
    #[serde(flatten)]
    pub face: ReviewFace,
}

/// A moderator refused a review.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewRejected {
    /// The review.
    #[serde(flatten)]
    pub face: ReviewFace,
    /// Why, for the author to read.
    pub reason: String,
}

/// So many readers objected to a review that it waits for a moderator.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewFlagged {
    /// The review.
    #[serde(flatten)]
    pub face: ReviewFace,
    /// How many readers objected.
    pub report_count: i32,
}

/// The shop responded to a review, or changed its response.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewResponded {
    /// The review.
    #[serde(flatten)]
    pub face: ReviewFace,
}

/// The shop took its response to a review back.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewResponseDeleted {
    /// The review.
    #[serde(flatten)]
    pub face: ReviewFace,
}

/// The published reviews of a product say something else together.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RatingChanged {
    /// The product.
    pub product_id: ProductId,
    /// The mean number of stars with two decimals: `4.67`; null without reviews.
    pub average: Option<String>,
    /// How many published reviews there are.
    pub count: i64,
}

impl RatingChanged {
    /// What `summary` says of a product.
    #[must_use]
    pub fn new(product_id: ProductId, summary: &RatingSummary) -> Self {
        Self {
            product_id,
            average: summary.average().map(|average| format!("{average:.2}")),
            count: summary.count(),
        }
    }
}

impl EventPayload for RatingChanged {
    const EVENT_TYPE: &'static str = "rating.changed";
    const AGGREGATE_TYPE: &'static str = "product_rating";
}
impl EventPayload for ReviewCreated {
    const EVENT_TYPE: &'static str = "review.created";
    const AGGREGATE_TYPE: &'static str = "review";
}
impl EventPayload for ReviewUpdated {
    const EVENT_TYPE: &'static str = "review.updated";
    const AGGREGATE_TYPE: &'static str = "review";
}
impl EventPayload for ReviewDeleted {
    const EVENT_TYPE: &'static str = "review.deleted";
    const AGGREGATE_TYPE: &'static str = "review";
}
impl EventPayload for ReviewApproved {
    const EVENT_TYPE: &'static str = "review.approved";
    const AGGREGATE_TYPE: &'static str = "review";
}
impl EventPayload for ReviewRejected {
    const EVENT_TYPE: &'static str = "review.rejected";
    const AGGREGATE_TYPE: &'static str = "review";
}
impl EventPayload for ReviewFlagged {
    const EVENT_TYPE: &'static str = "review.flagged";
    const AGGREGATE_TYPE: &'static str = "review";
}
impl EventPayload for ReviewResponded {
    const EVENT_TYPE: &'static str = "review.responded";
    const AGGREGATE_TYPE: &'static str = "review";
}
impl EventPayload for ReviewResponseDeleted {
    const EVENT_TYPE: &'static str = "review.response_deleted";
    const AGGREGATE_TYPE: &'static str = "review";
}
