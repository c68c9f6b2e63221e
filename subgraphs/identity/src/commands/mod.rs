//! What changes accounts and sessions. Each command loads, lets the domain decide, saves and records
//! the event, in one transaction.
//!
//! Locks are taken in this order: account, requests for letters, verifications, wrong passwords,
//! administrators, sessions. Of a second account only a lock that is free.

mod bootstrap_user;
mod change_password;
mod change_role;
mod delete_account;
mod delete_user;
mod issue;
mod log_in;
mod log_out;
mod prove;
mod refresh_tokens;
mod register_user;
mod reset_password;
mod set_disabled;
mod update_profile;
mod verify;
mod verify_phone;

pub use bootstrap_user::{BootstrapUser, bootstrap_user};
pub use change_password::{ChangePassword, change_password};
pub use change_role::{ChangeRole, change_role};
pub use delete_account::{cancel_deletion, confirm_deletion, request_deletion};
pub use delete_user::delete_user;
pub use issue::Tokens;
pub use log_in::{LogIn, log_in};
pub use log_out::{log_out, revoke_session};
pub use refresh_tokens::refresh_tokens;
pub use register_user::{RegisterUser, register_user};
pub use reset_password::{ResetPassword, request_password_reset, reset_password};
pub use set_disabled::set_disabled;
pub use update_profile::{UpdateProfile, update_profile};
pub use verify::{resend_email_verification, verify_email};
pub use verify_phone::{request_phone_code, verify_phone};

use kernel::{Fault, SessionId, UserId};
use service::{Ctx, Transaction, outbox};

use crate::{
    domain::{Error, Rejection, RevocationReason, Session, User, role::ADMIN},
    events::{UserDeleted, UserSessionRevoked},
    store,
};

/// Permission to change other people's accounts.
pub const MANAGE_USERS: &str = "manage:users";
/// Permission to read other people's accounts.
pub const READ_USERS: &str = "read:users";

/// Locks the caller's own account. An access token may outlive its session and even the account, so
/// both are looked at.
async fn lock_self(tx: &mut Transaction, ctx: &Ctx) -> Result<User, Error> {
    let user = store::users::find_for_update(tx, ctx.user()?).await?;
    let user = user
        .filter(User::is_usable)
        .ok_or_else(Fault::unauthenticated)?;
    if let Some(session_id) = ctx.principal.session_id
        && store::sessions::is_revoked(tx, session_id).await?
    {
        return Err(Fault::unauthenticated().into());
    }
    Ok(user)
}

/// Locks somebody's account.
async fn lock_user(tx: &mut Transaction, id: UserId) -> Result<User, Error> {
    let user = store::users::find_for_update(tx, id).await?;
    Ok(user.ok_or(Rejection::UserNotFound)?)
}

/// Refuses a phone number that another account has proved. Early, so that nobody waits for a code in vain; that
/// two cannot prove the same is up to a constraint. `field` is the input field with the number, if there is one.
async fn refuse_verified_phone(
    tx: &mut Transaction,
    user: &User,
    field: Option<&'static str>,
) -> Result<(), Error> {
    let Some(phone) = &user.profile.phone else {
        return Ok(());
    };
    if store::users::is_phone_verified_by_other(&mut **tx, phone, user.id).await? {
        return Err(Rejection::PhoneTaken { field }.into());
    }
    Ok(())
}

/// Refuses to take the last administrator away. The caller holds the lock of the account.
async fn refuse_last_admin(tx: &mut Transaction, user_id: UserId) -> Result<(), Error> {
    if store::roles::has(tx, user_id, ADMIN).await?
        && store::roles::count_other_admins(tx, user_id).await? == 0
    {
        let rule = "this is the last administrator: make somebody else one first";
        return Err(Rejection::InvalidState { rule }.into());
    }
    Ok(())
}

/// Ends a session and records it, unless it had ended before. The caller holds its lock.
async fn end_session(
    tx: &mut Transaction,
    ctx: &Ctx,
    session: &mut Session,
    reason: RevocationReason,
) -> Result<(), Fault> {
    if !session.revoke(reason, ctx.now()) {
        return Ok(());
    }
    store::sessions::update(tx, session).await?;
    if let Some(event) = UserSessionRevoked::of(session) {
        outbox::append(tx, ctx, session.id, session.version, &event).await?;
    }
    Ok(())
}

/// Ends all sessions of an account except one. The caller holds the lock of the account.
async fn end_sessions(
    tx: &mut Transaction,
    ctx: &Ctx,
    user_id: UserId,
    except: Option<SessionId>,
    reason: RevocationReason,
) -> Result<(), Fault> {
    for mut session in store::sessions::unrevoked_for_update(tx, user_id).await? {
        if Some(session.id) != except {
            end_session(tx, ctx, &mut session, reason).await?;
        }
    }
    Ok(())
}

/// Deletes an account: erases personal data, ends sessions, takes roles and password. What others
/// point to stays, and names nobody. The caller holds the lock of the account.
async fn erase(tx: &mut Transaction, ctx: &Ctx, user: &mut User) -> Result<(), Error> {
    let email = user.email.clone();
    if !user.erase(ctx.now()) {
        return Ok(());
    }
    store::verifications::clear_requests(tx, user.id).await?;
    if let Some(email) = email {
        store::credentials::clear_failures(tx, &email).await?;
    }
    refuse_last_admin(tx, user.id).await?;
    store::users::update(tx, user).await?;
    store::credentials::delete(tx, user.id).await?;
    store::verifications::delete_all(tx, user.id).await?;
    store::roles::revoke_all(tx, user.id).await?;
    end_sessions(tx, ctx, user.id, None, RevocationReason::AccountDeleted).await?;
    store::sessions::erase_devices(tx, user.id).await?;
    let event = UserDeleted { user_id: user.id };
    outbox::append(tx, ctx, user.id, user.version, &event).await?;
    Ok(())
}
