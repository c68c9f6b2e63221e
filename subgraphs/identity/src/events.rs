//! What this subgraph publishes. No e-mail address, phone number, password or token is ever in an event.
//!
//! A session and a verification are aggregates of their own, so that a login or a forgotten password does
//! not change the version of the account.

use chrono::{DateTime, Utc};
use kernel::{Named as _, SessionId, UserId, VerificationId};
use schemars::JsonSchema;
use serde::Serialize;
use service::outbox::{EventContract, EventPayload, contract};

use crate::domain::{Session, User, Verification};

/// The events of this subgraph, for the catalogue in `schema/events/`.
#[must_use]
pub fn contracts() -> Vec<EventContract> {
    vec![
        contract::<UserRegistered>(),
        contract::<UserProfileUpdated>(),
        contract::<UserVerificationRequested>(),
        contract::<UserVerified>(),
        contract::<UserPhoneVerified>(),
        contract::<UserPasswordChanged>(),
        contract::<UserPasswordReset>(),
        contract::<UserRoleGranted>(),
        contract::<UserRoleRevoked>(),
        contract::<UserDisabled>(),
        contract::<UserEnabled>(),
        contract::<UserDeletionRequested>(),
        contract::<UserDeletionCancelled>(),
        contract::<UserDeleted>(),
        contract::<UserLogin>(),
        contract::<UserSessionRevoked>(),
    ]
}

/// An account was registered.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRegistered {
    /// The account.
    pub user_id: UserId,
    /// What everybody may read.
    pub display_name: String,
    /// The roles that it begins with.
    pub roles: Vec<String>,
}

/// Profile or preferences were changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserProfileUpdated {
    /// The account.
    pub user_id: UserId,
    /// What everybody may read.
    pub display_name: String,
    /// Language of texts for the person: `ID` or `EN`.
    pub locale: &'static str,
    /// Currency in which prices are shown: `IDR` or `USD`.
    pub currency: &'static str,
    /// Whether the person agrees to advertising.
    pub has_marketing_consent: bool,
}

impl From<&User> for UserProfileUpdated {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.id,
            display_name: user.display_name(),
            locale: user.preferences.locale.name(),
            currency: user.preferences.currency.code(),
            has_marketing_consent: user.preferences.marketing_consent_at.is_some(),
        }
    }
}

/// Somebody is to get a letter with a token, or an SMS with a code. The event holds neither address nor
/// token: the writer of the message asks `verificationMessage` for them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserVerificationRequested {
    /// The account.
    pub user_id: UserId,
    /// What the message is for.
    pub verification_id: VerificationId,
    /// `EMAIL_VERIFICATION`, `PASSWORD_RESET` or `PHONE_VERIFICATION`.
    pub purpose: &'static str,
}

impl From<&Verification> for UserVerificationRequested {
    fn from(verification: &Verification) -> Self {
        Self {
            user_id: verification.user_id,
            verification_id: verification.id,
            purpose: verification.purpose.name(),
        }
    }
}

/// The owner of an account proved that the e-mail address is theirs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserVerified {
    /// The account.
    pub user_id: UserId,
}

/// The owner of an account proved that the phone number is theirs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPhoneVerified {
    /// The account.
    pub user_id: UserId,
}

/// A forgotten password was set anew by a letter.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPasswordReset {
    /// The account.
    pub user_id: UserId,
}

/// The password was changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPasswordChanged {
    /// The account.
    pub user_id: UserId,
}

/// A role was given to an account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRoleGranted {
    /// The account.
    pub user_id: UserId,
    /// Name of the role.
    pub role: String,
}

/// A role was taken from an account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRoleRevoked {
    /// The account.
    pub user_id: UserId,
    /// Name of the role.
    pub role: String,
}

/// An account was closed by the marketplace.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserDisabled {
    /// The account.
    pub user_id: UserId,
}

/// A closed account was opened again.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserEnabled {
    /// The account.
    pub user_id: UserId,
}

/// The owner of an account has asked for its deletion.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserDeletionRequested {
    /// The account.
    pub user_id: UserId,
    /// Until when it can be confirmed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub confirm_before: DateTime<Utc>,
}

/// The owner of an account has taken back the request for its deletion.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserDeletionCancelled {
    /// The account.
    pub user_id: UserId,
}

/// An account was deleted: whoever keeps personal data of it has to erase them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserDeleted {
    /// The account.
    pub user_id: UserId,
}

/// Somebody has logged in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserLogin {
    /// The account.
    pub user_id: UserId,
    /// The new session.
    pub session_id: SessionId,
}

/// A session was ended before its time.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserSessionRevoked {
    /// The account.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// `LOGOUT`, `REVOKED`, `PASSWORD_CHANGED`, `TOKEN_REUSED` (a used refresh token came back, so it was
    /// probably stolen), `TOO_MANY_SESSIONS`, `ACCOUNT_DISABLED` or `ACCOUNT_DELETED`.
    pub reason: &'static str,
}

impl UserSessionRevoked {
    /// The event of a session that was ended; `None` when it was not.
    #[must_use]
    pub fn of(session: &Session) -> Option<Self> {
        Some(Self {
            user_id: session.user_id,
            session_id: session.id,
            reason: session.revocation?.reason.name(),
        })
    }
}

impl EventPayload for UserRegistered {
    const EVENT_TYPE: &'static str = "user.registered";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserProfileUpdated {
    const EVENT_TYPE: &'static str = "user.profile_updated";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserVerificationRequested {
    const EVENT_TYPE: &'static str = "user.verification_requested";
    const AGGREGATE_TYPE: &'static str = "verification";
}
impl EventPayload for UserVerified {
    const EVENT_TYPE: &'static str = "user.verified";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserPhoneVerified {
    const EVENT_TYPE: &'static str = "user.phone_verified";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserPasswordReset {
    const EVENT_TYPE: &'static str = "user.password_reset";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserPasswordChanged {
    const EVENT_TYPE: &'static str = "user.password_changed";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserRoleGranted {
    const EVENT_TYPE: &'static str = "user.role_granted";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserRoleRevoked {
    const EVENT_TYPE: &'static str = "user.role_revoked";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserDisabled {
    const EVENT_TYPE: &'static str = "user.disabled";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserEnabled {
    const EVENT_TYPE: &'static str = "user.enabled";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserDeletionRequested {
    const EVENT_TYPE: &'static str = "user.deletion_requested";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserDeletionCancelled {
    const EVENT_TYPE: &'static str = "user.deletion_cancelled";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserDeleted {
    const EVENT_TYPE: &'static str = "user.deleted";
    const AGGREGATE_TYPE: &'static str = "user";
}
impl EventPayload for UserLogin {
    const EVENT_TYPE: &'static str = "user.login";
    const AGGREGATE_TYPE: &'static str = "session";
}
impl EventPayload for UserSessionRevoked {
    const EVENT_TYPE: &'static str = "user.session_revoked";
    const AGGREGATE_TYPE: &'static str = "session";
}
