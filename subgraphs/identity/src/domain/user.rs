//! An account and its life.

use chrono::{DateTime, Duration, Utc};
use kernel::UserId;
use strum::{IntoStaticStr, VariantArray};

use super::{Preferences, Profile, ProfileChange, Purpose, Rejection};

/// How long a request to delete the account can be confirmed.
pub const DELETION_WINDOW: Duration = Duration::days(7);

/// Where an account stands.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// In use.
    Active,
    /// Closed by the marketplace.
    Disabled,
    /// In use; its owner has asked for its deletion.
    PendingDeletion,
    /// Deleted: personal data is erased.
    Deleted,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Lower case, unique; `None` once deleted.
    pub email: Option<String>,
    /// When the owner proved that the address is theirs.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// When the owner proved that the phone number is theirs.
    pub phone_verified_at: Option<DateTime<Utc>>,
    /// What the person tells.
    pub profile: Profile,
    /// What the person likes.
    pub preferences: Preferences,
    /// Where it stands.
    pub status: UserStatus,
    /// Until when a requested deletion can be confirmed.
    pub deletion_confirm_before: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i32,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The form in which addresses are stored and compared.
#[must_use]
pub fn normalise_email(email: &str) -> String {
    email.trim().to_ascii_lowercase()
}

/// Checks a normalised address. Whether it exists only a letter can tell; this finds slips.
///
/// # Errors
/// [`Rejection::Invalid`] when it is no address.
pub fn check_email(email: &str) -> Result<(), Rejection> {
    let fits = email.len() <= 254
        && email.bytes().all(|b| b.is_ascii_graphic())
        && email.split_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && domain.contains('.')
                && !domain.contains('@')
                && domain.split('.').all(|label| !label.is_empty())
        });
    let rule = "must be an e-mail address like siti@example.com";
    if fits {
        Ok(())
    } else {
        Err(Rejection::Invalid {
            field: "email",
            rule,
        })
    }
}

impl User {
    /// A new account; `email` is normalised and checked.
    #[must_use]
    pub fn register(id: UserId, email: String, profile: Profile, now: DateTime<Utc>) -> Self {
        Self {
            id,
            email: Some(email),
            email_verified_at: None,
            phone_verified_at: None,
            profile,
            preferences: Preferences::default(),
            status: UserStatus::Active,
            deletion_confirm_before: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// What everybody may read: first name and initial of the last.
    #[must_use]
    pub fn display_name(&self) -> String {
        if self.status == UserStatus::Deleted {
            return "Deleted user".to_owned();
        }
        let profile = &self.profile;
        match profile.last_name.as_deref().and_then(|l| l.chars().next()) {
            Some(initial) => format!("{} {initial}.", profile.first_name),
            None => profile.first_name.clone(),
        }
    }

    /// Whether its owner may use it.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        matches!(
            self.status,
            UserStatus::Active | UserStatus::PendingDeletion
        )
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

    /// Changes profile and preferences. A new phone number is not verified.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when a field breaks a rule.
    pub fn change_profile(
        &mut self,
        change: &ProfileChange,
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        let profile = self.profile.with(change, now)?;
        if profile.phone != self.profile.phone {
            self.phone_verified_at = None;
        }
        self.profile = profile;
        self.preferences = self.preferences.with(change, now);
        self.touch(now);
        Ok(())
    }

    /// Notes that the address is the owner's. Tells whether that is new.
    pub fn verify_email(&mut self, now: DateTime<Utc>) -> bool {
        if self.email_verified_at.is_some() {
            return false;
        }
        self.email_verified_at = Some(now);
        self.touch(now);
        true
    }

    /// Notes that the phone number is the owner's.
    pub fn verify_phone(&mut self, now: DateTime<Utc>) {
        self.phone_verified_at = Some(now);
        self.touch(now);
    }

    /// Takes away the phone number, which somebody else has proved to have.
    pub fn lose_phone(&mut self, now: DateTime<Utc>) {
        self.profile.phone = None;
        self.touch(now);
    }

    /// The e-mail address or phone number that a proof is about.
    #[must_use]
    pub fn address(&self, purpose: Purpose) -> Option<&str> {
        if purpose.is_by_phone() {
            self.profile.phone.as_deref()
        } else {
            self.email.as_deref()
        }
    }

    /// Counts a change of its password or its roles as a change of the account.
    pub fn touch(&mut self, now: DateTime<Utc>) {
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
    }

    /// Asks for deletion.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] while an earlier request can still be confirmed.
    pub fn request_deletion(&mut self, now: DateTime<Utc>) -> Result<(), Rejection> {
        if self.deletion_confirm_before.is_some_and(|end| now < end) {
            let rule = "deletion has been requested: confirm or cancel it";
            return Err(Rejection::InvalidState { rule });
        }
        self.status = UserStatus::PendingDeletion;
        self.deletion_confirm_before = Some(now + DELETION_WINDOW);
        self.touch(now);
        Ok(())
    }

    /// Whether a requested deletion may be carried out.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when there is no request or it has lapsed.
    pub fn confirm_deletion(&self, now: DateTime<Utc>) -> Result<(), Rejection> {
        let rule = match self.deletion_confirm_before {
            Some(end) if now < end => return Ok(()),
            Some(_) => "the request for deletion has lapsed: make it again",
            None => "deletion has not been requested",
        };
        Err(Rejection::InvalidState { rule })
    }

    /// Takes back a request for deletion. Tells whether there was one.
    pub fn cancel_deletion(&mut self, now: DateTime<Utc>) -> bool {
        if self.status != UserStatus::PendingDeletion {
            return false;
        }
        self.set_status(UserStatus::Active, now);
        true
    }

    /// Closes the account. Tells whether it was open.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when it is deleted.
    pub fn disable(&mut self, now: DateTime<Utc>) -> Result<bool, Rejection> {
        self.refuse_deleted()?;
        if self.status == UserStatus::Disabled {
            return Ok(false);
        }
        self.set_status(UserStatus::Disabled, now);
        Ok(true)
    }

    /// Opens a closed account again. Tells whether it was closed.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when it is deleted.
    pub fn enable(&mut self, now: DateTime<Utc>) -> Result<bool, Rejection> {
        self.refuse_deleted()?;
        if self.status != UserStatus::Disabled {
            return Ok(false);
        }
        self.set_status(UserStatus::Active, now);
        Ok(true)
    }

    /// Erases personal data; what stays names nobody. Tells whether there was any.
    pub fn erase(&mut self, now: DateTime<Utc>) -> bool {
        if self.status == UserStatus::Deleted {
            return false;
        }
        self.email = None;
        self.email_verified_at = None;
        self.phone_verified_at = None;
        self.profile = Profile {
            first_name: String::new(),
            last_name: None,
            phone: None,
            date_of_birth: None,
            gender: None,
            avatar_url: None,
        };
        self.preferences = Preferences::default();
        self.set_status(UserStatus::Deleted, now);
        true
    }

    /// Refuses to change what is deleted.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`].
    pub fn refuse_deleted(&self) -> Result<(), Rejection> {
        if self.status == UserStatus::Deleted {
            let rule = "the account is deleted";
            return Err(Rejection::InvalidState { rule });
        }
        Ok(())
    }

    fn set_status(&mut self, status: UserStatus, now: DateTime<Utc>) {
        self.status = status;
        self.deletion_confirm_before = None;
        self.touch(now);
    }
}
