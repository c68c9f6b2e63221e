//! What readers object to in a review.

use chrono::{DateTime, Utc};
use kernel::{ReviewId, UserId};
use strum::{IntoStaticStr, VariantArray};

use super::{Rejection, review::length};

/// Why a reader objects to a review.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportReason {
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

/// One reader's objection to a review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The review.
    pub review_id: ReviewId,
    /// The reader.
    pub reporter_id: UserId,
    /// Why.
    pub reason: ReportReason,
    /// In the reader's words.
    pub comment: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl Report {
    /// Checks the comment.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when it is too long, or missing where it must say what is wrong.
    pub fn check(&self) -> Result<(), Rejection> {
        let comment = self.comment.as_deref().unwrap_or_default();
        if self.reason == ReportReason::Other {
            return length(
                "comment",
                comment,
                3..=500,
                "must say what is wrong, in 3 to 500 characters",
            );
        }
        length(
            "comment",
            comment,
            0..=500,
            "must have at most 500 characters",
        )
    }
}
