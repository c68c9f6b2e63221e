//! Table `review_votes`. True means helpful.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, ReviewId, UserId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How a person voted on a review.
pub(crate) async fn find(
    db: &mut PgConnection,
    review_id: ReviewId,
    user_id: UserId,
) -> Result<Option<bool>, Fault> {
    let vote = sqlx::query_scalar(
        "select is_helpful from review_votes where review_id = $1 and user_id = $2",
    )
    .bind(review_id.uuid())
    .bind(user_id.uuid())
    .fetch_optional(db)
    .await?;
    Ok(vote)
}

/// Sets or removes a person's vote on a review.
pub(crate) async fn set(
    db: &mut PgConnection,
    review_id: ReviewId,
    user_id: UserId,
    vote: Option<bool>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let Some(is_helpful) = vote else {
        sqlx::query("delete from review_votes where review_id = $1 and user_id = $2")
            .bind(review_id.uuid())
            .bind(user_id.uuid())
            .execute(db)
            .await?;
        return Ok(());
    };
    sqlx::query(
        "insert into review_votes (review_id, user_id, is_helpful, created_at) \
         values ($1, $2, $3, $4) on conflict (review_id, user_id) \
         do update set is_helpful = excluded.is_helpful, created_at = excluded.created_at",
    )
    .bind(review_id.uuid())
    .bind(user_id.uuid())
    .bind(is_helpful)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// How a person voted on many reviews, in one statement.
pub(crate) async fn load_by_user(
    db: &PgPool,
    user_id: UserId,
    review_ids: &[ReviewId],
) -> Result<HashMap<ReviewId, bool>, Fault> {
    let rows: Vec<(Uuid, bool)> = sqlx::query_as(
        "select review_id, is_helpful from review_votes \
         where user_id = $1 and review_id = any($2)",
    )
    .bind(user_id.uuid())
    .bind(Id::uuids(review_ids))
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, is_helpful)| (Id::from_uuid(id), is_helpful))
        .collect())
}
