//! The columns that tables `announcements` and `notifications` have in common.

use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Named};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::domain::{News, Variables};

#[derive(FromRow)]
pub(super) struct NewsRow {
    kind: String,
    subject_key: String,
    variables: Json<Variables>,
    product_id: Option<Uuid>,
    seller_id: Option<Uuid>,
    review_id: Option<Uuid>,
    occurred_at: DateTime<Utc>,
}

impl TryFrom<NewsRow> for News {
    type Error = Fault;

    fn try_from(row: NewsRow) -> Result<Self, Fault> {
        Ok(Self {
            kind: Named::from_column("type", &row.kind)?,
            subject_key: row.subject_key,
            variables: row.variables.0,
            product_id: row.product_id.map(Id::from_uuid),
            seller_id: row.seller_id.map(Id::from_uuid),
            review_id: row.review_id.map(Id::from_uuid),
            occurred_at: row.occurred_at,
        })
    }
}
