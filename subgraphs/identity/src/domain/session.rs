//! A login on one device and the chain of its refresh tokens (T-AUT-3, T-AUT-9).
//!
//! Each token is good for one refresh and is followed by the next. A used token that comes back means
//! that two parties hold the chain, so the session ends for both. The exception is a repetition within
//! a few seconds, while the next token is unused: then the answer was lost, and is given again.

use chrono::{DateTime, Duration, Utc};
use kernel::{SessionId, UserId};
use strum::{IntoStaticStr, VariantArray};

use super::Rejection;

/// A session ends after this long, however busy it is.
pub const ABSOLUTE_LIFE: Duration = Duration::days(30);
/// A session ends when it is not used for this long.
pub const IDLE_LIFE: Duration = Duration::days(7);
/// How long the answer to a refresh is given again.
pub const GRACE: Duration = Duration::seconds(10);
/// How many live sessions an account has; a login beyond that ends the oldest.
pub const MAX_SESSIONS: usize = 20;

/// Why a session was ended.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    /// Its owner has logged out.
    Logout,
    /// Its owner has ended it from another device.
    Revoked,
    /// The password was changed in another session.
    PasswordChanged,
    /// A used refresh token came back: somebody has stolen it.
    TokenReused,
    /// Newer logins have taken its place.
    TooManySessions,
    /// The marketplace has disabled the account.
    AccountDisabled,
    /// The account was deleted.
    AccountDeleted,
}

/// When and why a session was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: RevocationReason,
}

/// A login on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls the device.
    pub device_name: Option<String>,
    /// When the login was.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// When and why it was ended, if it was.
    pub revocation: Option<Revocation>,
    /// Grows with every event.
    pub version: i32,
}

/// One link of a session's chain of tokens; the secret itself is not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// The session.
    pub session_id: SessionId,
    /// When it can no longer be used.
    pub expires_at: DateTime<Utc>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
    /// The next token, sealed with this one; gone once the next one is used.
    pub sealed_successor: Option<[u8; 32]>,
}

/// What a presented token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The next one is due.
    Fresh,
    /// The answer was lost: the next one, sealed, is given again.
    Repeated([u8; 32]),
    /// It was used before: the session must end.
    Reused,
    /// It or its session has expired or ended.
    Dead,
}

impl Session {
    /// A new login.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when the device's name is too long.
    pub fn begin(
        id: SessionId,
        user_id: UserId,
        device_name: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Rejection> {
        let device_name = device_name.map(str::trim).filter(|name| !name.is_empty());
        let is_name =
            |name: &str| name.chars().count() <= 100 && !name.chars().any(char::is_control);
        if !device_name.is_none_or(is_name) {
            return Err(Rejection::Invalid {
                field: "deviceName",
                rule: "must have at most 100 characters",
            });
        }
        Ok(Self {
            id,
            user_id,
            device_name: device_name.map(ToOwned::to_owned),
            created_at: now,
            last_used_at: now,
            expires_at: now + ABSOLUTE_LIFE,
            revocation: None,
            version: 1,
        })
    }

    /// Whether it can still be refreshed at some time.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revocation.is_none() && now < self.expires_at && now < self.last_used_at + IDLE_LIFE
    }

    /// When a token that is issued `at` expires.
    #[must_use]
    pub fn token_expiry(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.expires_at.min(at + IDLE_LIFE)
    }

    /// Notes a refresh.
    pub fn refreshed(&mut self, now: DateTime<Utc>) {
        self.last_used_at = now;
    }

    /// Ends it. Tells whether it had not ended before.
    pub fn revoke(&mut self, reason: RevocationReason, now: DateTime<Utc>) -> bool {
        if self.revocation.is_some() {
            return false;
        }
        self.revocation = Some(Revocation { at: now, reason });
        self.version = self.version.saturating_add(1);
        true
    }
}

impl RefreshToken {
    /// What this token of `session` is worth.
    #[must_use]
    pub fn judge(&self, session: &Session, now: DateTime<Utc>) -> Presented {
        if session.revocation.is_some() || now >= session.expires_at {
            return Presented::Dead;
        }
        match (self.used_at, self.sealed_successor) {
            (None, _) if now >= self.expires_at => Presented::Dead,
            (None, _) => Presented::Fresh,
            (Some(used_at), Some(sealed)) if now <= used_at + GRACE => Presented::Repeated(sealed),
            (Some(_), _) => Presented::Reused,
        }
    }
}
