//! Table `review_reports`.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named as _, ReviewId};
use service::OnConstraint;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::{Error, Rejection, Report, ReportReason};

/// How many reports of one review are shown.
const MAX_SHOWN: i64 = 50;

#[derive(FromRow)]
struct Row {
    review_id: Uuid,
    reporter_id: Uuid,
    reason: String,
    comment: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Report {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let reason = ReportReason::from_column("review_reports.reason", &row.reason)?;
        Ok(Self {
            review_id: Id::from_uuid(row.review_id),
            reporter_id: Id::from_uuid(row.reporter_id),
            reason,
            comment: row.comment,
            created_at: row.created_at,
        })
    }
}

/// Writes a new report.
pub(crate) async fn insert(db: &mut PgConnection, report: &Report) -> Result<(), Error> {
    sqlx::query(
        "insert into review_reports (review_id, reporter_id, reason, comment, created_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(report.review_id.uuid())
    .bind(report.reporter_id.uuid())
    .bind(report.reason.name())
    .bind(&report.comment)
    .bind(report.created_at)
    .execute(db)
    .await
    .on_constraint("review_reports_review_id_reporter_id_pkey", || {
        Rejection::AlreadyReported
    })?;
    Ok(())
}

/// The reports of many reviews, in one statement: of each the newest.
pub(crate) async fn load_by_review(db: &PgPool, ids: &[ReviewId]) -> Result<Vec<Report>, Fault> {
    let rows: Vec<Row> = sqlx::query_as(
        "select report.* from unnest($1::uuid[]) as review (id) cross join lateral (\
         select review_id, reporter_id, reason, comment, created_at from review_reports \
         where review_id = review.id order by created_at desc, reporter_id limit $2) as report \
         order by report.created_at desc, report.reporter_id",
    )
    .bind(Id::uuids(ids))
    .bind(MAX_SHOWN)
    .fetch_all(db)
    .await?;
    rows.into_iter().map(Report::try_from).collect()
}
