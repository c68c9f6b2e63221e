//! What is read of accounts.

use chrono::Duration;
use kernel::{Clock, Fault, Page, PageRequest, SessionId, UserId, VerificationId};
use service::Ctx;
use sqlx::PgPool;

use crate::{
    commands::{MANAGE_USERS, READ_USERS},
    domain::{Role, User, UserStatus, Verification, user::normalise_email},
    store,
};

/// How long a revoked session is reported: longer than any access token lives, with room for clocks
/// that differ.
const REVOKED_FOR: Duration = Duration::minutes(16);
/// What counts as registered recently.
const RECENT: Duration = Duration::days(30);

/// Which accounts to list.
pub struct UserFilter {
    /// Only accounts in this state.
    pub status: Option<UserStatus>,
    /// Only accounts with this role.
    pub role: Option<String>,
    /// Only accounts whose address contains this.
    pub email_contains: Option<String>,
}

/// Numbers about all accounts.
pub struct UserStatistics {
    /// How many are not deleted.
    pub total: i64,
    /// How many are in each state.
    pub by_status: Vec<(UserStatus, i64)>,
    /// How many have each role.
    pub by_role: Vec<(String, i64)>,
    /// How many were registered in the last 30 days.
    pub registered_recently: i64,
}

/// Refuses those who may neither read nor manage other people's accounts.
///
/// # Errors
/// `UNAUTHENTICATED` or `FORBIDDEN`.
pub fn require_reader(ctx: &Ctx) -> Result<(), Fault> {
    if ctx.principal.can(READ_USERS) {
        return Ok(());
    }
    ctx.require(MANAGE_USERS)
}

/// Refuses those who may not read what an account says of its owner.
///
/// # Errors
/// `UNAUTHENTICATED` or `FORBIDDEN`.
pub fn require_self_or_reader(ctx: &Ctx, id: UserId) -> Result<(), Fault> {
    if ctx.principal.user_id() == Some(id) {
        return Ok(());
    }
    require_reader(ctx)
}

/// Lists accounts, the newest first.
///
/// # Errors
/// `FORBIDDEN` without `read:users`; `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the
/// database.
pub async fn list_users(
    ctx: &Ctx,
    filter: UserFilter,
    page: &PageRequest,
) -> Result<Page<User>, Fault> {
    require_reader(ctx)?;
    let email_contains = filter.email_contains.as_deref().map(normalise_email);
    let filter = store::users::Filter {
        status: filter.status,
        role: filter.role.as_deref(),
        email_contains: email_contains.as_deref(),
    };
    store::users::list(&ctx.db, filter, page).await
}

/// Counts accounts.
///
/// # Errors
/// `FORBIDDEN` without `read:users`; [`Fault`] of the database.
pub async fn count_users(ctx: &Ctx) -> Result<UserStatistics, Fault> {
    require_reader(ctx)?;
    let by_status = store::users::count_by_status(&ctx.db).await?;
    let total = by_status
        .iter()
        .filter(|(status, _)| *status != UserStatus::Deleted)
        .map(|(_, count)| count)
        .sum();
    Ok(UserStatistics {
        total,
        by_status,
        by_role: store::roles::count_by_role(&ctx.db).await?,
        registered_recently: store::users::count_since(&ctx.db, ctx.now() - RECENT).await?,
    })
}

/// Lists all roles.
///
/// # Errors
/// `FORBIDDEN` without `read:users`; [`Fault`] of the database.
pub async fn list_roles(ctx: &Ctx) -> Result<Vec<Role>, Fault> {
    require_reader(ctx)?;
    store::roles::list(&ctx.db).await
}

/// The sessions whose access tokens must not be accepted any more although they have not expired.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn revoked_sessions(db: &PgPool, clock: &Clock) -> Result<Vec<SessionId>, Fault> {
    store::sessions::revoked_since(db, clock.now() - REVOKED_FOR).await
}

/// The accounts in use among `ids`, in that order.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn list_contacts(ctx: &Ctx, ids: &[UserId]) -> Result<Vec<Option<User>>, Fault> {
    ctx.require_service()?;
    let users = store::users::load(&ctx.db, ids).await?;
    let of = |id: &UserId| {
        let user = users.iter().find(|user| user.id == *id)?;
        user.is_usable().then(|| user.clone())
    };
    Ok(ids.iter().map(of).collect())
}

/// A verification that can still be used, with its account, which still has the address that is proved. None
/// of a phone number that another account has proved meanwhile: its owner is to get no message.
///
/// # Errors
/// `FORBIDDEN` unless a part of Pasar asks; [`Fault`] of the database.
pub async fn find_verification(
    ctx: &Ctx,
    id: VerificationId,
) -> Result<Option<(Verification, User)>, Fault> {
    ctx.require_service()?;
    let found = store::verifications::find(&ctx.db, id).await?;
    let Some(verification) = found.filter(|it| it.is_open(ctx.now())) else {
        return Ok(None);
    };
    let users = store::users::load(&ctx.db, &[verification.user_id]).await?;
    let mut users = users.into_iter();
    let user = users.find(|user| user.is_usable() && verification.is_for(user));
    let Some(user) = user else {
        return Ok(None);
    };
    // Whoever proved it may have left it with this account, so that the verification is still open.
    let phone = &verification.address;
    if verification.purpose.is_by_phone()
        && store::users::is_phone_verified_by_other(&ctx.db, phone, user.id).await?
    {
        return Ok(None);
    }
    Ok(Some((verification, user)))
}
