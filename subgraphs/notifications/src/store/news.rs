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

impl NewsRow {
    /// The news; `column` is the one of its type, with the name of its table.
    pub(super) fn news(self, column: &str) -> Result<News, Fault> {
        Ok(News {
            kind: Named::from_column(column, &self.kind)?,
            subject_key: self.subject_key,
            variables: self.variables.0,
            product_id: self.product_id.map(Id::from_uuid),
            seller_id: self.seller_id.map(Id::from_uuid),
            review_id: self.review_id.map(Id::from_uuid),
            occurred_at: self.occurred_at,
        })
    }
}
