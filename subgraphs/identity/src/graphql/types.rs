//! Object types: newtypes over domain values.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use gql::{Date, GlobalId, money::CurrencyCode};
use kernel::{Currency, markers};
use service::Ctx;

use super::loaders::Loaders;
use crate::{
    domain::{self, Preferences, Role, User, UserStatus},
    queries,
};

/// Where an account stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "UserStatus", remote = "UserStatus")]
pub(crate) enum UserStatusValue {
    /// In use.
    Active,
    /// Closed by the marketplace.
    Disabled,
    /// In use; its owner has asked for its deletion.
    PendingDeletion,
    /// Deleted: personal data is erased.
    Deleted,
}

/// Gender, as people state it.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Gender")]
pub(crate) enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Another.
    Other,
}

/// Language of texts for a person.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::Locale")]
pub(crate) enum Locale {
    /// Indonesian.
    Id,
    /// English.
    En,
}

/// An account.
pub(crate) struct UserNode {
    user: User,
    /// The caller has just proved by a password or a token that it is theirs.
    is_proved: bool,
}

impl UserNode {
    /// The account as the caller may see it by who they are.
    pub(crate) const fn of_somebody(user: User) -> Self {
        let is_proved = false;
        Self { user, is_proved }
    }

    /// The account of a caller who has just proved that it is theirs.
    pub(crate) const fn of_caller(user: User) -> Self {
        let is_proved = true;
        Self { user, is_proved }
    }

    /// What the account says of its owner, for those who may read it.
    fn private(&self, ctx: &Context<'_>) -> Option<&User> {
        if self.is_proved {
            return Some(&self.user);
        }
        let request = ctx.data::<Ctx>().ok()?;
        gql::or_null(ctx, queries::require_self_or_reader(request, self.user.id))?;
        Some(&self.user)
    }

    async fn load_roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<Role>>> {
        let Some(user) = self.private(ctx) else {
            return Ok(None);
        };
        let loaded = ctx.data::<Loaders>()?.roles.load(user.id).await;
        Ok(Some(loaded.map_err(gql::shared_fault)?.unwrap_or_default()))
    }
}

/// An account. Everything but `id`, `displayName` and `joinedAt` is for the owner and those who may read
/// accounts; for others it is null, with an error `FORBIDDEN`.
#[Object(name = "User")]
impl UserNode {
    /// Id, begins with `user_`.
    async fn id(&self) -> GlobalId<markers::User> {
        self.user.id.into()
    }

    /// How others see the person: the first name and the initial of the last.
    async fn display_name(&self) -> String {
        self.user.display_name()
    }

    /// When the account was registered.
    async fn joined_at(&self) -> DateTime<Utc> {
        self.user.created_at
    }

    /// E-mail address, in lower case. For the owner and those who may read accounts.
    async fn email(&self, ctx: &Context<'_>) -> Option<&str> {
        self.private(ctx)?.email.as_deref()
    }

    /// When the owner proved that the e-mail address is theirs; null while they have not. For the owner
    /// and those who may read accounts.
    async fn email_verified_at(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        self.private(ctx)?.email_verified_at
    }

    /// Phone number in E.164. For the owner and those who may read accounts.
    async fn phone(&self, ctx: &Context<'_>) -> Option<&str> {
        self.private(ctx)?.profile.phone.as_deref()
    }

    /// When the owner proved that the phone number is theirs; null while they have not. For the owner and
    /// those who may read accounts.
    async fn phone_verified_at(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        self.private(ctx)?.phone_verified_at
    }

    /// First name, or the only one. For the owner and those who may read accounts.
    async fn first_name(&self, ctx: &Context<'_>) -> Option<&str> {
        Some(&self.private(ctx)?.profile.first_name)
    }

    /// Everything after the first name. For the owner and those who may read accounts.
    async fn last_name(&self, ctx: &Context<'_>) -> Option<&str> {
        self.private(ctx)?.profile.last_name.as_deref()
    }

    /// Date of birth. For the owner and those who may read accounts.
    async fn date_of_birth(&self, ctx: &Context<'_>) -> Option<Date> {
        self.private(ctx)?.profile.date_of_birth.map(Date)
    }

    /// Gender. For the owner and those who may read accounts.
    async fn gender(&self, ctx: &Context<'_>) -> Option<Gender> {
        self.private(ctx)?.profile.gender.map(Into::into)
    }

    /// Where their picture is. For the owner and those who may read accounts.
    async fn avatar_url(&self, ctx: &Context<'_>) -> Option<&str> {
        self.private(ctx)?.profile.avatar_url.as_deref()
    }

    /// How the person likes the marketplace. For the owner and those who may read accounts.
    async fn preferences(&self, ctx: &Context<'_>) -> Option<UserPreferences> {
        Some(self.private(ctx)?.preferences.into())
    }

    /// Where the account stands. For the owner and those who may read accounts.
    async fn status(&self, ctx: &Context<'_>) -> Option<UserStatusValue> {
        Some(self.private(ctx)?.status.into())
    }

    /// Until when a requested deletion can be confirmed; null when none is requested. For the owner
    /// and those who may read accounts.
    async fn deletion_confirm_before(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        self.private(ctx)?.deletion_confirm_before
    }

    /// Names of the account's roles. For the owner and those who may read accounts.
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>> {
        let roles = self.load_roles(ctx).await?;
        Ok(roles.map(|roles| roles.into_iter().map(|role| role.name).collect()))
    }

    /// What the account's roles allow, as `action:thing`; `all:*` is everything. An access token holds
    /// what was true when it was issued. For the owner and those who may read accounts.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>> {
        let Some(roles) = self.load_roles(ctx).await? else {
            return Ok(None);
        };
        let mut permissions: Vec<_> = roles.into_iter().flat_map(|r| r.permissions).collect();
        permissions.sort();
        permissions.dedup();
        Ok(Some(permissions))
    }

    /// Where the account is logged in, the newest first, at most 20. For the owner and those who may
    /// read accounts.
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>> {
        let Some(user) = self.private(ctx) else {
            return Ok(None);
        };
        let current = ctx.data::<Ctx>()?.principal.session_id;
        let loaded = ctx.data::<Loaders>()?.sessions.load(user.id).await;
        let sessions = loaded.map_err(gql::shared_fault)?.unwrap_or_default();
        Ok(Some(
            sessions
                .into_iter()
                .map(|session| Session::new(session, current))
                .collect(),
        ))
    }

    /// Grows with every change; mutations take it as `expectedVersion`. For the owner and those who may
    /// read accounts.
    async fn version(&self, ctx: &Context<'_>) -> Option<i32> {
        Some(self.private(ctx)?.version)
    }

    /// When the account was last changed. For the owner and those who may read accounts.
    async fn updated_at(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        Some(self.private(ctx)?.updated_at)
    }
}

/// How a person likes the marketplace.
#[derive(SimpleObject)]
pub(crate) struct UserPreferences {
    /// Language of texts.
    locale: Locale,
    /// Currency in which prices are shown.
    currency: CurrencyCode,
    /// Whether they agree to advertising.
    has_marketing_consent: bool,
    /// When they agreed; null when they do not.
    marketing_consent_at: Option<DateTime<Utc>>,
}

impl From<Preferences> for UserPreferences {
    fn from(preferences: Preferences) -> Self {
        Self {
            locale: preferences.locale.into(),
            currency: match preferences.currency {
                Currency::Idr => CurrencyCode::Idr,
                Currency::Usd => CurrencyCode::Usd,
            },
            has_marketing_consent: preferences.marketing_consent_at.is_some(),
            marketing_consent_at: preferences.marketing_consent_at,
        }
    }
}

/// A login on one device.
#[derive(SimpleObject)]
pub(crate) struct Session {
    /// Id, begins with `session_`.
    id: GlobalId<markers::Session>,
    /// What its owner calls the device; null when they gave no name.
    device_name: Option<String>,
    /// When the login was.
    created_at: DateTime<Utc>,
    /// When its tokens were last refreshed.
    last_used_at: DateTime<Utc>,
    /// When it ends at the latest; unused for 7 days it ends earlier.
    expires_at: DateTime<Utc>,
    /// When it was ended before its time; null while it was not.
    revoked_at: Option<DateTime<Utc>>,
    /// Whether it is the session of this request.
    is_current: bool,
}

impl Session {
    pub(crate) fn new(session: domain::Session, current: Option<kernel::SessionId>) -> Self {
        Self {
            is_current: current == Some(session.id),
            id: session.id.into(),
            device_name: session.device_name,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            revoked_at: session.revocation.map(|revocation| revocation.at),
        }
    }
}

/// A role and what it allows.
#[derive(SimpleObject)]
#[graphql(name = "Role")]
pub(crate) struct RoleNode {
    /// Name.
    name: String,
    /// What it allows, as `action:thing`; `all:*` is everything.
    permissions: Vec<String>,
}

impl From<Role> for RoleNode {
    fn from(role: Role) -> Self {
        Self {
            name: role.name,
            permissions: role.permissions,
        }
    }
}

/// Numbers about all accounts.
#[derive(SimpleObject)]
pub(crate) struct UserStatistics {
    /// How many accounts are not deleted.
    pub(crate) total: i64,
    /// How many accounts are in each state; states without accounts are left out.
    pub(crate) by_status: Vec<StatusCount>,
    /// How many accounts have each role.
    pub(crate) by_role: Vec<RoleCount>,
    /// How many accounts were registered in the last 30 days, deleted ones included.
    #[graphql(name = "registeredLast30Days")]
    pub(crate) registered_last_30_days: i64,
}

/// How many accounts are in a state.
#[derive(SimpleObject)]
#[graphql(name = "UserStatusCount")]
pub(crate) struct StatusCount {
    /// The state.
    status: UserStatusValue,
    /// How many.
    count: i64,
}

/// How many accounts have a role.
#[derive(SimpleObject)]
#[graphql(name = "UserRoleCount")]
pub(crate) struct RoleCount {
    /// Name of the role.
    role: String,
    /// How many.
    count: i64,
}

impl From<(UserStatus, i64)> for StatusCount {
    fn from((status, count): (UserStatus, i64)) -> Self {
        let status = status.into();
        Self { status, count }
    }
}

impl From<(String, i64)> for RoleCount {
    fn from((role, count): (String, i64)) -> Self {
        Self { role, count }
    }
}
