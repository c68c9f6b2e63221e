//! What readers object to in a review.

use chrono::{DateTime, Utc};
use kernel::{ReviewId, UserId};

use super::{Rejection, review::length};

/// Why a reader objects to a review.
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

impl ReportReason {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Spam, "SPAM"),
        (Self::Offensive, "OFFENSIVE"),
        (Self::Untrue, "UNTRUE"),
        (Self::Irrelevant, "IRRELEVANT"),
        (Self::PrivateData, "PRIVATE_DATA"),
        (Self::Other, "OTHER"),
    ];

    /// The name in databases and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(reason, _)| *reason == self)
            .map_or("", |(_, name)| name)
    }

    /// The reason of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(reason, _)| *reason)
    }
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
