//! What people tell about themselves and how they like the marketplace.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Currency;
use strum::{IntoStaticStr, VariantArray};

use super::Rejection;

/// Gender, as people state it.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Another.
    Other,
}

/// Language of texts for a person.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    /// Indonesian.
    Id,
    /// English.
    En,
}

/// What people tell about themselves. Personal data: shown to themselves and the marketplace only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// First name, or the only one.
    pub first_name: String,
    /// Everything after the first name; many people have a single name.
    pub last_name: Option<String>,
    /// E.164, Indonesian. Unique among those that were proved.
    pub phone: Option<String>,
    /// Date of birth.
    pub date_of_birth: Option<NaiveDate>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Where their picture is.
    pub avatar_url: Option<String>,
}

/// How a person likes the marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferences {
    /// Language of texts.
    pub locale: Locale,
    /// Currency in which prices are shown.
    pub currency: Currency,
    /// When they agreed to advertising, if they do.
    pub marketing_consent_at: Option<DateTime<Utc>>,
}

/// What to change of profile and preferences; `None` leaves it, an empty text clears it.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// See [`Profile::first_name`].
    pub first_name: Option<String>,
    /// See [`Profile::last_name`].
    pub last_name: Option<String>,
    /// See [`Profile::phone`].
    pub phone: Option<String>,
    /// See [`Profile::date_of_birth`].
    pub date_of_birth: Option<NaiveDate>,
    /// See [`Profile::gender`].
    pub gender: Option<Gender>,
    /// See [`Profile::avatar_url`].
    pub avatar_url: Option<String>,
    /// See [`Preferences::locale`].
    pub locale: Option<Locale>,
    /// See [`Preferences::currency`].
    pub currency: Option<Currency>,
    /// Whether they agree to advertising.
    pub marketing_consent: Option<bool>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            locale: Locale::Id,
            currency: Currency::Idr,
            marketing_consent_at: None,
        }
    }
}

impl Profile {
    /// A profile of a name and maybe a phone number; the texts are tidied.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn new(
        first_name: &str,
        last_name: Option<&str>,
        phone: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Rejection> {
        let profile = Self {
            first_name: first_name.trim().to_owned(),
            last_name: last_name.and_then(present),
            phone: phone.and_then(present),
            date_of_birth: None,
            gender: None,
            avatar_url: None,
        };
        profile.check(now)?;
        Ok(profile)
    }

    /// This profile with `change` made.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn with(&self, change: &ProfileChange, now: DateTime<Utc>) -> Result<Self, Rejection> {
        let text = |new: &Option<String>, old: &Option<String>| match new {
            Some(new) => present(new),
            None => old.clone(),
        };
        let first_name = change.first_name.as_ref().unwrap_or(&self.first_name);
        let profile = Self {
            first_name: first_name.trim().to_owned(),
            last_name: text(&change.last_name, &self.last_name),
            phone: text(&change.phone, &self.phone),
            date_of_birth: change.date_of_birth.or(self.date_of_birth),
            gender: change.gender.or(self.gender),
            avatar_url: text(&change.avatar_url, &self.avatar_url),
        };
        profile.check(now)?;
        Ok(profile)
    }

    fn check(&self, now: DateTime<Utc>) -> Result<(), Rejection> {
        let rules = [
            (
                "firstName",
                is_name(&self.first_name),
                "must have 1 to 80 characters",
            ),
            (
                "lastName",
                self.last_name.as_deref().is_none_or(is_name),
                "must have at most 80 characters",
            ),
            (
                "phone",
                self.phone.as_deref().is_none_or(is_phone),
                "must be an Indonesian number like +6281234567890",
            ),
            (
                "dateOfBirth",
                self.date_of_birth.is_none_or(|date| is_birth(date, now)),
                "must be a day between 1900-01-01 and today",
            ),
            (
                "avatarUrl",
                self.avatar_url.as_deref().is_none_or(is_picture),
                "must be an https:// address of at most 500 characters",
            ),
        ];
        match rules.into_iter().find(|(_, kept, _)| !kept) {
            Some((field, _, rule)) => Err(Rejection::Invalid { field, rule }),
            None => Ok(()),
        }
    }
}

impl Preferences {
    /// These preferences with `change` made. Consent keeps the time at which it was first given.
    #[must_use]
    pub fn with(&self, change: &ProfileChange, now: DateTime<Utc>) -> Self {
        Self {
            locale: change.locale.unwrap_or(self.locale),
            currency: change.currency.unwrap_or(self.currency),
            marketing_consent_at: match change.marketing_consent {
                None => self.marketing_consent_at,
                Some(true) => self.marketing_consent_at.or(Some(now)),
                Some(false) => None,
            },
        }
    }
}

fn present(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn is_name(name: &str) -> bool {
    (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// `+62`, then 8 to 12 digits of which the first is no trunk zero.
fn is_phone(phone: &str) -> bool {
    phone.strip_prefix("+62").is_some_and(|digits| {
        (8..=12).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

fn is_birth(date: NaiveDate, now: DateTime<Utc>) -> bool {
    NaiveDate::from_ymd_opt(1900, 1, 1).is_some_and(|first| first <= date)
        && date <= now.date_naive()
}

fn is_picture(url: &str) -> bool {
    url.len() <= 500
        && url
            .strip_prefix("https://")
            .is_some_and(|rest| !rest.is_empty())
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}
