//! Table `reviews`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named as _, ReviewId};
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{
    Content, Error, HoldReason, Rating, Rejection, Response, Review, ReviewStatus, Subject,
};

pub(super) const COLUMNS: &str = "id, product_id, seller_id, author_id, rating, title, body, \
     status, hold_reasons, held_at, decision_reason, open_report_count, helpful_count, \
     unhelpful_count, helpfulness, response_body, response_created_at, response_updated_at, \
     edited_at, version, created_at, updated_at";

#[derive(FromRow)]
pub(super) struct Row {
    id: Uuid,
    product_id: Uuid,
    seller_id: Uuid,
    author_id: Uuid,
    rating: i16,
    title: Option<String>,
    body: String,
    status: String,
    hold_reasons: Vec<String>,
    held_at: Option<DateTime<Utc>>,
    decision_reason: Option<String>,
    open_report_count: i32,
    helpful_count: i32,
    unhelpful_count: i32,
    helpfulness: i32,
    response_body: Option<String>,
    response_created_at: Option<DateTime<Utc>>,
    response_updated_at: Option<DateTime<Utc>>,
    edited_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Review {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let status = ReviewStatus::from_column("reviews.status", &row.status)?;
        let rating = Rating::new(row.rating.into())
            .map_err(|_| Fault::unknown_value("reviews.rating", &row.rating.to_string()))?;
        let reason = |name: &String| HoldReason::from_column("reviews.hold_reasons", name);
        let hold_reasons = row
            .hold_reasons
            .iter()
            .map(reason)
            .collect::<Result<_, _>>()?;
        let times = row.response_created_at.zip(row.response_updated_at);
        let response = row
            .response_body
            .zip(times)
            .map(|(body, (created_at, updated_at))| Response {
                body,
                created_at,
                updated_at,
            });
        let (title, body) = (row.title, row.body);
        Ok(Self {
            id: Id::from_uuid(row.id),
            subject: Subject {
                product_id: Id::from_uuid(row.product_id),
                seller_id: Id::from_uuid(row.seller_id),
                author_id: Id::from_uuid(row.author_id),
            },
            content: Content {
                rating,
                title,
                body,
            },
            status,
            hold_reasons,
            held_at: row.held_at,
            decision_reason: row.decision_reason,
            open_report_count: row.open_report_count,
            helpful_count: row.helpful_count,
            unhelpful_count: row.unhelpful_count,
            helpfulness: row.helpfulness,
            response,
            edited_at: row.edited_at,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Writes a new review.
pub(crate) async fn insert(db: &mut PgConnection, review: &Review) -> Result<(), Error> {
    sqlx::query(
        "insert into reviews (id, product_id, seller_id, author_id, rating, title, body, status, \
         hold_reasons, held_at, version, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(review.id.uuid())
    .bind(review.subject.product_id.uuid())
    .bind(review.subject.seller_id.uuid())
    .bind(review.subject.author_id.uuid())
    .bind(i16::from(review.content.rating.stars()))
    .bind(&review.content.title)
    .bind(&review.content.body)
    .bind(review.status.name())
    .bind(HoldReason::names(&review.hold_reasons))
    .bind(review.held_at)
    .bind(review.version)
    .bind(review.created_at)
    .bind(review.updated_at)
    .execute(db)
    .await
    .on_constraint("reviews_author_id_product_id_key", || {
        Rejection::AlreadyReviewed
    })?;
    Ok(())
}

/// Writes a changed review and gives its rank by votes. The caller holds its row lock.
pub(crate) async fn update(db: &mut PgConnection, review: &Review) -> Result<i32, Fault> {
    let response = review.response.as_ref();
    let helpfulness = sqlx::query_scalar(
        "update reviews set rating = $2, title = $3, body = $4, status = $5, hold_reasons = $6, \
         held_at = $7, decision_reason = $8, open_report_count = $9, helpful_count = $10, \
         unhelpful_count = $11, response_body = $12, response_created_at = $13, \
         response_updated_at = $14, edited_at = $15, version = $16, updated_at = $17 \
         where id = $1 returning helpfulness",
    )
    .bind(review.id.uuid())
    .bind(i16::from(review.content.rating.stars()))
    .bind(&review.content.title)
    .bind(&review.content.body)
    .bind(review.status.name())
    .bind(HoldReason::names(&review.hold_reasons))
    .bind(review.held_at)
    .bind(&review.decision_reason)
    .bind(review.open_report_count)
    .bind(review.helpful_count)
    .bind(review.unhelpful_count)
    .bind(response.map(|response| &response.body))
    .bind(response.map(|response| response.created_at))
    .bind(response.map(|response| response.updated_at))
    .bind(review.edited_at)
    .bind(review.version)
    .bind(review.updated_at)
    .fetch_one(db)
    .await?;
    Ok(helpfulness)
}

/// Removes a review with its votes and reports. The caller holds its row lock.
pub(crate) async fn delete(db: &mut PgConnection, id: ReviewId) -> Result<(), Fault> {
    sqlx::query("delete from reviews where id = $1")
        .bind(id.uuid())
        .execute(db)
        .await?;
    Ok(())
}

/// Reads a review and locks its row until the end of the transaction.
pub(crate) async fn find_for_update(
    db: &mut PgConnection,
    id: ReviewId,
) -> Result<Option<Review>, Fault> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from reviews where id = $1 for update"
    )))
    .bind(id.uuid())
    .fetch_optional(db)
    .await?;
    row.map(Review::try_from).transpose()
}

/// Reads reviews by id, in one statement.
pub(crate) async fn load(db: &PgPool, ids: &[ReviewId]) -> Result<Vec<Review>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from reviews where id = any($1)"
    )))
    .bind(Id::uuids(ids))
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Review::try_from).collect()
}
