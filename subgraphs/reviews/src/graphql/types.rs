//! Object types: newtypes over domain values.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use gql::GlobalId;
use kernel::markers;
use service::Ctx;

use super::{
    extensions::{ProductNode, SellerNode, UserNode},
    loaders::Loaders,
};
use crate::{
    access::{self, MODERATE_REVIEWS},
    domain::{HoldReason, RatingSummary, Report, ReportReason, Response, Review, ReviewStatus},
};

/// Who may see a review.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ReviewStatus", remote = "ReviewStatus")]
pub(crate) enum ReviewStatusValue {
    /// Everybody; it counts for the ratings.
    Published,
    /// Its author and moderators, one of whom decides.
    Pending,
    /// Its author and moderators: it was refused.
    Rejected,
}

/// Why a review waits for a moderator.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "HoldReason")]
pub(crate) enum ReviewHoldReason {
    /// It seems to hold a phone number.
    PhoneNumber,
    /// It seems to hold a link or a mail address.
    Link,
    /// It seems to insult somebody.
    Profanity,
    /// It seems to advertise what has nothing to do with the product.
    Spam,
    /// It is written in capitals.
    Shouting,
    /// It repeats the same letters or words.
    Repetition,
    /// Several readers objected to it.
    Reported,
    /// It was refused, and its author has changed it since.
    Resubmitted,
}

/// Why a reader objects to a review.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ReportReason")]
pub(crate) enum ReviewReportReason {
    /// It advertises something.
    Spam,
    /// It insults somebody.
    Offensive,
    /// It is not true, or paid for.
    Untrue,
    /// It is not about the product.
    Irrelevant,
    /// It gives away somebody's private data.
    PrivateData,
    /// Something else; the comment says what.
    Other,
}

/// What a buyer says of a product.
pub(crate) struct ReviewNode(pub(crate) Review);

/// What a buyer says of a product.
#[Object(name = "Review")]
impl ReviewNode {
    /// Id, begins with `review_`.
    async fn id(&self) -> GlobalId<markers::Review> {
        self.0.id.into()
    }

    /// The product; null when it is gone.
    async fn product(&self) -> Option<ProductNode> {
        let id = self.0.subject.product_id;
        Some(ProductNode { id })
    }

    /// The shop that sold it when the review was written; null when it is gone.
    async fn seller(&self) -> Option<SellerNode> {
        let id = self.0.subject.seller_id;
        Some(SellerNode { id })
    }

    /// Who wrote the review; null when the account is gone.
    async fn author(&self) -> Option<UserNode> {
        let id = self.0.subject.author_id;
        Some(UserNode { id })
    }

    /// One to five stars.
    async fn rating(&self) -> i32 {
        self.0.content.rating.stars().into()
    }

    /// The gist, at most 120 characters.
    async fn title(&self) -> Option<&str> {
        self.0.content.title.as_deref()
    }

    /// The whole, at most 5000 characters.
    async fn body(&self) -> &str {
        &self.0.content.body
    }

    /// Who may see it.
    async fn status(&self) -> ReviewStatusValue {
        self.0.status.into()
    }

    /// How many readers found it helpful.
    async fn helpful_count(&self) -> i32 {
        self.0.helpful_count
    }

    /// How many readers did not.
    async fn unhelpful_count(&self) -> i32 {
        self.0.unhelpful_count
    }

    /// How the caller voted: true means helpful. Null without a vote, and when nobody has logged in.
    async fn viewer_vote(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        if ctx.data::<Ctx>()?.principal.user_id().is_none() {
            return Ok(None);
        }
        let votes = &ctx.data::<Loaders>()?.viewer_votes;
        votes.load(self.0.id).await.map_err(gql::shared_fault)
    }

    /// What the shop says to it; null when it says nothing.
    async fn response(&self) -> Option<ReviewResponse> {
        self.0.response.clone().map(ReviewResponse::from)
    }

    /// Where it stands with the moderators. Null for everybody but its author and moderators.
    async fn moderation(&self, ctx: &Context<'_>) -> Result<Option<ReviewModeration<'_>>> {
        let sees = access::may_see_all_of(ctx.data()?, self.0.subject.author_id);
        Ok(sees.then_some(ReviewModeration(&self.0)))
    }

    /// Whether its author has changed it.
    async fn is_edited(&self) -> bool {
        self.0.edited_at.is_some()
    }

    /// Grows with every change but votes; mutations take it as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }
}

/// What the shop says to a review.
#[derive(SimpleObject)]
pub(crate) struct ReviewResponse {
    /// The text, at most 2000 characters.
    body: String,
    /// When the shop first responded.
    created_at: DateTime<Utc>,
    /// When it last changed the text.
    updated_at: DateTime<Utc>,
}

impl From<Response> for ReviewResponse {
    fn from(response: Response) -> Self {
        Self {
            body: response.body,
            created_at: response.created_at,
            updated_at: response.updated_at,
        }
    }
}

/// Where a review stands with the moderators.
pub(crate) struct ReviewModeration<'a>(&'a Review);

/// Where a review stands with the moderators.
#[Object]
impl ReviewModeration<'_> {
    /// Why it waits for a moderator; empty unless it is `PENDING`.
    async fn hold_reasons(&self) -> Vec<ReviewHoldReason> {
        self.0
            .hold_reasons
            .iter()
            .map(|reason| (*reason).into())
            .collect()
    }

    /// Since when it waits; null unless it is `PENDING`.
    async fn held_at(&self) -> Option<DateTime<Utc>> {
        self.0.held_at
    }

    /// Why it was refused, for its author; null when it was not.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.decision_reason.as_deref()
    }

    /// What readers object to, the newest first, at most 50. Needs the permission `moderate:reviews`.
    async fn reports(&self, ctx: &Context<'_>) -> Result<Option<Vec<ReviewReport>>> {
        ctx.data::<Ctx>()?
            .require(MODERATE_REVIEWS)
            .map_err(gql::fault)?;
        let reports = ctx
            .data::<Loaders>()?
            .reports
            .load(self.0.id)
            .await
            .map_err(gql::shared_fault)?;
        Ok(Some(
            reports
                .unwrap_or_default()
                .into_iter()
                .map(ReviewReport::from)
                .collect(),
        ))
    }
}

/// One reader's objection to a review.
#[derive(SimpleObject)]
pub(crate) struct ReviewReport {
    /// The reader; null when the account is gone.
    reporter: Option<UserNode>,
    /// Why.
    reason: ReviewReportReason,
    /// In the reader's words.
    comment: Option<String>,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<Report> for ReviewReport {
    fn from(report: Report) -> Self {
        Self {
            reporter: Some(UserNode {
                id: report.reporter_id,
            }),
            reason: report.reason.into(),
            comment: report.comment,
            created_at: report.created_at,
        }
    }
}

/// What the published reviews of a product or a shop say together.
#[derive(SimpleObject)]
#[graphql(name = "RatingSummary")]
pub(crate) struct RatingSummaryValue {
    /// Mean number of stars, to two decimals; null without reviews.
    average: Option<f64>,
    /// How many reviews there are.
    count: i32,
    /// How many of them gave how many stars; always five items, one star first.
    distribution: Vec<RatingShare>,
    /// For ranking: the mean as if five reviews with three stars had come first, to two decimals, so that
    /// a single review with five stars does not outrank hundreds that are nearly as good.
    score: f64,
}

/// How many reviews gave so many stars.
#[derive(SimpleObject)]
pub(crate) struct RatingShare {
    /// One to five.
    stars: i32,
    /// How many reviews.
    count: i32,
}

impl From<RatingSummary> for RatingSummaryValue {
    fn from(summary: RatingSummary) -> Self {
        let share = |(stars, count)| RatingShare { stars, count };
        Self {
            average: summary.average(),
            count: i32::try_from(summary.count()).unwrap_or(i32::MAX),
            distribution: (1..).zip(summary.stars).map(share).collect(),
            score: summary.score(),
        }
    }
}
