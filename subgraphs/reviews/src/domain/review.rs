//! A review and its way through moderation.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use kernel::{ProductId, ReviewId, SellerId, UserId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::{
    HoldReason, Rating, Rejection,
    screening::{screen, screen_response},
};

/// How many readers must object before a review waits for a moderator.
pub const REPORTS_TO_HOLD: i32 = 3;

/// Who may see a review.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReviewStatus {
    /// Everybody; it counts for the ratings.
    Published,
    /// Its author and moderators, one of whom decides.
    Pending,
    /// Its author and moderators: it was refused.
    Rejected,
}

/// What is reviewed, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The product.
    pub product_id: ProductId,
    /// The shop that sold it when the review was written.
    pub seller_id: SellerId,
    /// Who wrote the review.
    pub author_id: UserId,
}

/// What the author says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// One to five stars.
    pub rating: Rating,
    /// The gist, at most 120 characters.
    pub title: Option<String>,
    /// The whole, 2 to 5,000 characters.
    pub body: String,
}

impl Content {
    /// Takes what an author wrote, without the space around it.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn new(rating: i32, title: Option<&str>, body: &str) -> Result<Self, Rejection> {
        let (title, body) = (title.unwrap_or_default().trim(), body.trim());
        length("title", title, 0..=120, "must have at most 120 characters")?;
        length("body", body, 2..=5_000, "must have 2 to 5000 characters")?;
        Ok(Self {
            rating: Rating::new(rating)?,
            title: (!title.is_empty()).then(|| title.to_owned()),
            body: body.to_owned(),
        })
    }

    fn screen(&self) -> Vec<HoldReason> {
        screen(self.title.as_deref().unwrap_or_default(), &self.body)
    }
}

/// What the shop says to a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The text, 2 to 2,000 characters.
    pub body: String,
    /// When the shop first responded.
    pub created_at: DateTime<Utc>,
    /// When it last changed the text.
    pub updated_at: DateTime<Utc>,
}

/// What a moderator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Everybody may see it.
    Approve,
    /// Nobody else shall see it, and why.
    Reject {
        /// For the author to read.
        reason: String,
    },
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Id.
    pub id: ReviewId,
    /// What is reviewed, and by whom.
    pub subject: Subject,
    /// What the author says.
    pub content: Content,
    /// Who may see it.
    pub status: ReviewStatus,
    /// Why it waits for a moderator; empty unless it does.
    pub hold_reasons: Vec<HoldReason>,
    /// Since when it waits.
    pub held_at: Option<DateTime<Utc>>,
    /// Why it was refused, if it was.
    pub decision_reason: Option<String>,
    /// How many readers have objected since the last decision.
    pub open_report_count: i32,
    /// How many readers found it helpful.
    pub helpful_count: i32,
    /// How many did not.
    pub unhelpful_count: i32,
    /// Its rank by these votes; the database derives it.
    pub helpfulness: i32,
    /// What the shop says to it.
    pub response: Option<Response>,
    /// When the author last changed it.
    pub edited_at: Option<DateTime<Utc>>,
    /// Grows with every change but votes.
    pub version: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

pub(super) fn length(
    field: &'static str,
    value: &str,
    allowed: RangeInclusive<usize>,
    rule: &'static str,
) -> Result<(), Rejection> {
    if allowed.contains(&value.chars().count()) && !value.chars().any(is_forbidden) {
        Ok(())
    } else {
        Err(Rejection::Invalid { field, rule })
    }
}

/// Control characters break logs and screens; texts may have line breaks.
fn is_forbidden(letter: char) -> bool {
    letter.is_control() && letter != '\n'
}

impl Review {
    /// A new review: published, unless the screening finds something for a moderator to look at.
    #[must_use]
    pub fn write(id: ReviewId, subject: Subject, content: Content, now: DateTime<Utc>) -> Self {
        let hold_reasons = content.screen();
        let mut review = Self {
            id,
            subject,
            content,
            status: ReviewStatus::Published,
            hold_reasons: Vec::new(),
            held_at: None,
            decision_reason: None,
            open_report_count: 0,
            helpful_count: 0,
            unhelpful_count: 0,
            helpfulness: 0,
            response: None,
            edited_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        review.publish_or_hold(hold_reasons, now);
        review
    }

    /// Whether everybody may see it.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        matches!(self.status, ReviewStatus::Published)
    }

    /// Whether this person wrote it.
    #[must_use]
    pub fn is_by(&self, user_id: UserId) -> bool {
        self.subject.author_id == user_id
    }

    /// Refuses when the caller has read an older version.
    ///
    /// # Errors
    /// [`Rejection::VersionConflict`].
    pub const fn expect_version(&self, expected: i32) -> Result<(), Rejection> {
        if self.version == expected {
            return Ok(());
        }
        Err(Rejection::VersionConflict {
            current: self.version,
        })
    }

    /// Changes what the author says. A clean text publishes what only waited for its text; what readers
    /// objected to keeps waiting, and what was refused waits again: this is the way to appeal.
    pub fn edit(&mut self, content: Content, now: DateTime<Utc>) {
        let mut hold_reasons = content.screen();
        hold_reasons.extend(
            self.hold_reasons
                .iter()
                .filter(|reason| !reason.is_about_text()),
        );
        if self.status == ReviewStatus::Rejected {
            hold_reasons.push(HoldReason::Resubmitted);
        }
        self.content = content;
        self.edited_at = Some(now);
        self.publish_or_hold(hold_reasons, now);
        self.touch(now);
    }

    /// Counts an objection. Gives whether it made the review wait for a moderator.
    pub fn report(&mut self, now: DateTime<Utc>) -> bool {
        self.open_report_count = self.open_report_count.saturating_add(1);
        let holds = self.is_public() && self.open_report_count >= REPORTS_TO_HOLD;
        if holds {
            self.publish_or_hold(vec![HoldReason::Reported], now);
            self.touch(now);
        }
        holds
    }

    /// Counts that a reader's vote changed; `None` is no vote. True means helpful.
    pub fn vote(&mut self, before: Option<bool>, after: Option<bool>) {
        for (vote, step) in [(before, -1), (after, 1)] {
            match vote {
                Some(true) => self.helpful_count = self.helpful_count.saturating_add(step),
                Some(false) => self.unhelpful_count = self.unhelpful_count.saturating_add(step),
                None => {}
            }
        }
    }

    /// Publishes or refuses it.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when that was decided already, [`Rejection::Invalid`] for a bad reason.
    pub fn decide(&mut self, decision: Decision, now: DateTime<Utc>) -> Result<(), Rejection> {
        match decision {
            Decision::Approve => {
                if self.status == ReviewStatus::Published {
                    let rule = "the review is published already";
                    return Err(Rejection::InvalidState { rule });
                }
                self.decision_reason = None;
                self.publish_or_hold(Vec::new(), now);
            }
            Decision::Reject { reason } => {
                if self.status == ReviewStatus::Rejected {
                    let rule = "the review is rejected already";
                    return Err(Rejection::InvalidState { rule });
                }
                let rule = "must have 3 to 500 characters when a review is rejected";
                length("reason", &reason, 3..=500, rule)?;
                self.publish_or_hold(Vec::new(), now);
                self.status = ReviewStatus::Rejected;
                self.decision_reason = Some(reason);
            }
        }
        self.open_report_count = 0;
        self.touch(now);
        Ok(())
    }

    /// Sets what the shop says to it.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when the text breaks a rule: nobody looks at it before it is shown.
    pub fn respond(&mut self, body: &str, now: DateTime<Utc>) -> Result<(), Rejection> {
        let (field, body) = ("body", body.trim());
        length(field, body, 2..=2_000, "must have 2 to 2000 characters")?;
        if !screen_response(body).is_empty() {
            let rule = "must have no phone numbers, links, insults or advertisements of others";
            return Err(Rejection::Invalid { field, rule });
        }
        self.response = Some(Response {
            body: body.to_owned(),
            created_at: self
                .response
                .as_ref()
                .map_or(now, |response| response.created_at),
            updated_at: now,
        });
        self.touch(now);
        Ok(())
    }

    /// Takes back what the shop said.
    ///
    /// # Errors
    /// [`Rejection::ResponseNotFound`] when it said nothing.
    pub fn delete_response(&mut self, now: DateTime<Utc>) -> Result<(), Rejection> {
        self.response.take().ok_or(Rejection::ResponseNotFound)?;
        self.touch(now);
        Ok(())
    }

    /// Counts its deletion as its last change.
    pub fn delete(&mut self, now: DateTime<Utc>) {
        self.touch(now);
    }

    fn publish_or_hold(&mut self, hold_reasons: Vec<HoldReason>, now: DateTime<Utc>) {
        if hold_reasons.is_empty() {
            self.status = ReviewStatus::Published;
            self.held_at = None;
        } else {
            self.status = ReviewStatus::Pending;
            self.held_at = self.held_at.or(Some(now));
        }
        self.hold_reasons = hold_reasons;
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
    }
}
