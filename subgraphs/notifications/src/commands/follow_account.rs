//! What identity says of accounts.

use kernel::{Fault, UserId};
use service::{Ctx, Transaction};

use crate::{
    domain::Locale,
    store::{self, people::AccountChange},
};

/// Takes over the language and the consent of a person.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn follow_profile(
    ctx: &Ctx,
    tx: &mut Transaction,
    user_id: UserId,
    version: i32,
    (locale, has_marketing_consent): (Locale, bool),
) -> Result<(), Fault> {
    let change = AccountChange::Profile {
        locale,
        has_marketing_consent,
    };
    store::people::ensure(tx, &[user_id], ctx.now()).await?;
    store::people::change_account(tx, user_id, version, &change).await
}

/// Takes over whether an account is closed.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn follow_closing(
    ctx: &Ctx,
    tx: &mut Transaction,
    user_id: UserId,
    version: i32,
    is_closed: bool,
) -> Result<(), Fault> {
    let change = AccountChange::Closed(is_closed);
    store::people::ensure(tx, &[user_id], ctx.now()).await?;
    store::people::change_account(tx, user_id, version, &change).await
}

/// Forgets a person. What comes later for them finds nobody.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn erase_person(ctx: &Ctx, tx: &mut Transaction, user_id: UserId) -> Result<(), Fault> {
    // In the order in which whoever tells something takes its locks, so that neither waits for the other.
    store::announcements::delete_of(tx, user_id).await?;
    // The lock keeps out whoever is about to write something for the person.
    store::people::lock_one(tx, user_id, ctx.now()).await?;
    store::deliveries::delete_of(tx, user_id).await?;
    store::notifications::delete_of(tx, user_id).await?;
    store::mailbox::delete_of(tx, user_id).await?;
    store::devices::delete_of(tx, user_id).await?;
    store::watches::delete_of(tx, user_id).await?;
    store::people::delete_switches(tx, user_id).await?;
    store::people::erase(tx, user_id).await
}
