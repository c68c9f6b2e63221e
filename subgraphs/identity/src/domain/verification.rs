//! Proofs under way: of an e-mail address, of a phone number, and of the owner of an account whose password
//! is forgotten (T-USR-9, T-USR-10, T-AUT-4, T-AUT-5).

use chrono::{DateTime, Duration, Utc};
use kernel::{UserId, VerificationId};
use strum::{IntoStaticStr, VariantArray};

use super::User;

/// How many requests in a row bring a pause.
pub const MAX_REQUESTS: i32 = 3;
/// How many wrong codes are looked at; then also the right one is refused. With codes of six digits and a
/// pause after three of them, a stranger's chance is 15 in a million an hour.
pub const MAX_WRONG_CODES: i32 = 5;
/// How long the pause is, and after how long without requests the count begins anew.
pub const COOLDOWN: Duration = Duration::hours(1);

/// What is proved.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// That the address of the account is the owner's.
    EmailVerification,
    /// That the owner of the address asks for a new password.
    PasswordReset,
    /// That the phone number of the account is the owner's.
    PhoneVerification,
}

impl Purpose {
    /// Whether its message goes to a phone and holds a code; else it goes by e-mail and holds a token.
    #[must_use]
    pub const fn is_by_phone(self) -> bool {
        match self {
            Self::EmailVerification | Self::PasswordReset => false,
            Self::PhoneVerification => true,
        }
    }

    /// How long its token or code is good.
    #[must_use]
    pub const fn life(self) -> Duration {
        match self {
            Self::EmailVerification => Duration::hours(24),
            Self::PasswordReset => Duration::hours(1),
            Self::PhoneVerification => Duration::minutes(10),
        }
    }
}

/// One proof under way, or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Id.
    pub id: VerificationId,
    /// The account.
    pub user_id: UserId,
    /// What is proved.
    pub purpose: Purpose,
    /// The e-mail address or phone number that the message goes to.
    pub address: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Until when it can be used.
    pub expires_at: DateTime<Utc>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
    /// How many wrong codes were tried.
    pub wrong_codes: i32,
}

impl Verification {
    /// A new one.
    #[must_use]
    pub fn begin(
        id: VerificationId,
        user_id: UserId,
        purpose: Purpose,
        address: String,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            user_id,
            purpose,
            address,
            created_at: now,
            expires_at: now + purpose.life(),
            used_at: None,
            wrong_codes: 0,
        }
    }

    /// Whether the account still has the address that it proves.
    #[must_use]
    pub fn is_for(&self, user: &User) -> bool {
        self.user_id == user.id && user.address(self.purpose) == Some(self.address.as_str())
    }

    /// Whether codes for it are looked at.
    #[must_use]
    pub fn takes_codes(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at && self.wrong_codes < MAX_WRONG_CODES
    }

    /// Whether it can be used.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }
}

/// The requests for one address, number or account, in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requests {
    /// How many, this one included; one more than the maximum when it was refused.
    pub count: i32,
    /// When the last one came that was granted.
    pub last_at: DateTime<Utc>,
}

impl Requests {
    /// When the next request is looked at, if this one is too much.
    #[must_use]
    pub fn refused_until(self) -> Option<DateTime<Utc>> {
        (self.count > MAX_REQUESTS).then_some(self.last_at + COOLDOWN)
    }
}
