//! The caller proves to know a password: at login, and again before what cannot be undone.
//!
//! Checking takes long and holds no lock, so many guesses may be under way at once. What counts is the
//! order in which they are settled: once five have been counted as wrong, also a right one is refused.

use kernel::{Fault, UserId};
use service::{Ctx, Transaction};

use crate::{
    domain::{Error, Rejection, User},
    security::{Security, Verdict},
    store,
};

/// A right password that has not been settled yet.
pub(super) struct Proof {
    user_id: UserId,
    email: String,
    hash: String,
    /// A hash of the present kind, when the stored one is of an older kind.
    better_hash: Option<String>,
}

/// Checks `password` for the account with that address. A wrong one is counted, and gives `wrong`.
pub(super) async fn by_email(
    ctx: &Ctx,
    security: &Security,
    email: String,
    password: &str,
    wrong: Rejection,
) -> Result<Proof, Error> {
    let attempts = store::credentials::find_attempts(&ctx.db, &email).await?;
    if let Some(locked_until) = attempts.and_then(|a| a.locked_until(ctx.now())) {
        return Err(Rejection::AccountLocked { locked_until }.into());
    }
    let account = store::credentials::find_by_email(&ctx.db, &email).await?;
    let hash = account.as_ref().map(|(_, hash)| hash.as_str());
    let verdict = security.passwords.verify(password, hash).await?;
    let (Some((user_id, hash)), Verdict::Right | Verdict::RightButOld) = (account, verdict) else {
        return Err(count(ctx, &email, wrong).await?.into());
    };
    let better_hash = match verdict {
        Verdict::RightButOld => Some(security.passwords.hash(password).await?),
        Verdict::Right | Verdict::Wrong => None,
    };
    Ok(Proof {
        user_id,
        email,
        hash,
        better_hash,
    })
}

/// Checks the caller's own password once more; `field` is the input field that holds it.
pub(super) async fn by_caller(
    ctx: &Ctx,
    security: &Security,
    field: &'static str,
    password: &str,
) -> Result<Proof, Error> {
    let email = store::users::find_email(&ctx.db, ctx.user()?).await?;
    let email = email.ok_or_else(Fault::unauthenticated)?;
    by_email(
        ctx,
        security,
        email,
        password,
        Rejection::WrongPassword { field },
    )
    .await
}

async fn count(ctx: &Ctx, email: &str, wrong: Rejection) -> Result<Rejection, Fault> {
    let now = ctx.now();
    let mut tx = ctx.begin().await?;
    let attempts = store::credentials::count_failure(&mut tx, email, now).await?;
    tx.commit().await?;
    Ok(match attempts.locked_until(now) {
        Some(locked_until) => Rejection::AccountLocked { locked_until },
        None => wrong,
    })
}

impl Proof {
    /// Locks the account and forgets the wrong passwords before, unless the account was locked out or
    /// the password was changed in the meantime. Gives the account and its hash.
    pub(super) async fn settle(
        self,
        tx: &mut Transaction,
        ctx: &Ctx,
    ) -> Result<(User, String), Error> {
        let user = store::users::find_for_update(tx, self.user_id).await?;
        let user = user.ok_or(Rejection::InvalidCredentials)?;
        let attempts = store::credentials::find_attempts_for_update(tx, &self.email).await?;
        if let Some(locked_until) = attempts.and_then(|a| a.locked_until(ctx.now())) {
            return Err(Rejection::AccountLocked { locked_until }.into());
        }
        let hash = self.better_hash.unwrap_or_else(|| self.hash.clone());
        if !store::credentials::replace(tx, user.id, &self.hash, &hash).await? {
            return Err(Rejection::InvalidCredentials.into());
        }
        if attempts.is_some() {
            store::credentials::clear_failures(tx, &self.email).await?;
        }
        Ok((user, hash))
    }
}
