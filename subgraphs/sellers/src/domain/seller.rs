//! A shop and its way through verification.

use chrono::{DateTime, Utc};
use kernel::SellerId;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::Rejection;

/// Where a shop stands with verification.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SellerStatus {
    /// Registered; nothing submitted yet.
    Unverified,
    /// Documents wait for a decision.
    InReview,
    /// Checked and found right.
    Verified,
    /// Checked and refused; may submit again.
    Rejected,
    /// Closed by the marketplace.
    Suspended,
}

/// What a shop shows of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Name over the door, 3 to 60 characters.
    pub shop_name: String,
    /// What it is about in one line, at most 80 characters; empty when it says nothing. Answers that
    /// idempotency keys remember may be older than the field.
    #[serde(default)]
    pub tagline: String,
    /// What it sells and how, at most 2,000 characters.
    pub description: String,
    /// City or regency it ships from.
    pub city: String,
    /// Province of that city.
    pub province: String,
}

/// What a shop has submitted for verification, and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Name of the legal person behind the shop.
    pub legal_name: String,
    /// NIB (Nomor Induk Berusaha): 13 digits.
    pub business_number: String,
    /// Why it was refused, if it was.
    pub decision_reason: Option<String>,
}

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// Id.
    pub id: SellerId,
    /// Unique name in addresses.
    pub slug: String,
    /// What it shows of itself.
    pub profile: Profile,
    /// Where it stands with verification.
    pub status: SellerStatus,
    /// What it has submitted, if anything.
    pub verification: Option<Verification>,
    /// Grows with every change.
    pub version: i32,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Profile {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn check(&self) -> Result<(), Rejection> {
        length(
            "shopName",
            &self.shop_name,
            3..=60,
            "must have 3 to 60 characters",
        )?;
        length(
            "tagline",
            &self.tagline,
            0..=80,
            "must have at most 80 characters",
        )?;
        length(
            "description",
            &self.description,
            0..=2_000,
            "must have at most 2000 characters",
        )?;
        length("city", &self.city, 2..=80, "must have 2 to 80 characters")?;
        length(
            "province",
            &self.province,
            2..=80,
            "must have 2 to 80 characters",
        )
    }
}

fn length(
    field: &'static str,
    value: &str,
    allowed: std::ops::RangeInclusive<usize>,
    rule: &'static str,
) -> Result<(), Rejection> {
    let fits = allowed.contains(&value.trim().chars().count()) && !value.chars().any(is_forbidden);
    if fits {
        Ok(())
    } else {
        Err(Rejection::Invalid { field, rule })
    }
}

/// Control characters break logs, labels and screens; a description may have line breaks.
fn is_forbidden(letter: char) -> bool {
    letter.is_control() && letter != '\n'
}

/// Checks a slug: 3 to 60 lower-case letters, digits and single hyphens between them.
///
/// # Errors
/// [`Rejection::Invalid`] when it is not like that.
pub fn check_slug(slug: &str) -> Result<(), Rejection> {
    let fits = (3..=60).contains(&slug.len())
        && slug.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
    let rule = "must have 3 to 60 lower-case letters, digits and single hyphens between them";
    if fits {
        Ok(())
    } else {
        Err(Rejection::Invalid {
            field: "slug",
            rule,
        })
    }
}

impl Seller {
    /// A new shop.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when the slug or the profile breaks a rule.
    pub fn register(
        id: SellerId,
        slug: String,
        profile: Profile,
        now: DateTime<Utc>,
    ) -> Result<Self, Rejection> {
        check_slug(&slug)?;
        profile.check()?;
        let status = SellerStatus::Unverified;
        let (created_at, updated_at) = (now, now);
        Ok(Self {
            id,
            slug,
            profile,
            status,
            verification: None,
            version: 1,
            created_at,
            updated_at,
        })
    }

    /// Whether anybody may see the shop.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        !matches!(self.status, SellerStatus::Suspended)
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

    /// Changes what the shop shows of itself.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when suspended, [`Rejection::Invalid`] when a field breaks a rule.
    pub fn update(&mut self, profile: Profile, now: DateTime<Utc>) -> Result<(), Rejection> {
        if !self.is_public() {
            return Err(Rejection::InvalidState {
                rule: "a suspended shop cannot be changed",
            });
        }
        profile.check()?;
        self.profile = profile;
        self.touch(now);
        Ok(())
    }

    /// Submits documents for verification.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] unless unverified or rejected, [`Rejection::Invalid`] when a field
    /// breaks a rule.
    pub fn submit(
        &mut self,
        legal_name: String,
        business_number: String,
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        if !matches!(
            self.status,
            SellerStatus::Unverified | SellerStatus::Rejected
        ) {
            let rule = "documents can be submitted while the shop is UNVERIFIED or REJECTED";
            return Err(Rejection::InvalidState { rule });
        }
        length(
            "legalName",
            &legal_name,
            3..=120,
            "must have 3 to 120 characters",
        )?;
        if business_number.len() != 13 || !business_number.bytes().all(|b| b.is_ascii_digit()) {
            let rule = "must be the 13 digits of the NIB";
            return Err(Rejection::Invalid {
                field: "businessNumber",
                rule,
            });
        }
        let decision_reason = None;
        self.verification = Some(Verification {
            legal_name,
            business_number,
            decision_reason,
        });
        self.status = SellerStatus::InReview;
        self.touch(now);
        Ok(())
    }

    /// Decides on submitted documents: no reason means approval.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] unless in review, [`Rejection::Invalid`] for a bad reason.
    pub fn decide(&mut self, refusal: Option<String>, now: DateTime<Utc>) -> Result<(), Rejection> {
        let Some(verification) = self
            .verification
            .as_mut()
            .filter(|_| self.status == SellerStatus::InReview)
        else {
            return Err(Rejection::InvalidState {
                rule: "only a shop IN_REVIEW can be decided on",
            });
        };
        if let Some(reason) = &refusal {
            length("reason", reason, 3..=500, "must have 3 to 500 characters")?;
        }
        self.status = if refusal.is_some() {
            SellerStatus::Rejected
        } else {
            SellerStatus::Verified
        };
        verification.decision_reason = refusal;
        self.touch(now);
        Ok(())
    }

    /// Closes the shop.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when it is closed already.
    pub fn suspend(&mut self, now: DateTime<Utc>) -> Result<(), Rejection> {
        if !self.is_public() {
            return Err(Rejection::InvalidState {
                rule: "the shop is suspended already",
            });
        }
        self.status = SellerStatus::Suspended;
        self.touch(now);
        Ok(())
    }

    /// Opens a closed shop again; it has to be verified anew.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] unless suspended.
    pub fn reinstate(&mut self, now: DateTime<Utc>) -> Result<(), Rejection> {
        if self.is_public() {
            return Err(Rejection::InvalidState {
                rule: "only a SUSPENDED shop can be reinstated",
            });
        }
        self.status = SellerStatus::Unverified;
        self.touch(now);
        Ok(())
    }

    /// Counts a change of its people as a change of the shop.
    pub fn members_changed(&mut self, now: DateTime<Utc>) {
        self.touch(now);
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
    }
}
