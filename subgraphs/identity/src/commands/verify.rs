//! Proofs of an e-mail address: `emailVerify`, `emailVerificationResend`, and what registration begins.

use service::{Ctx, Transaction, outbox};

use super::lock_self;
use crate::{
    domain::{Error, Purpose, Rejection, User, Verification},
    events::{UserVerificationRequested, UserVerified},
    security::Security,
    store,
};

/// Begins a proof: the event makes notifications write the letter or the SMS. The caller holds the lock of the account.
pub(super) async fn begin(
    tx: &mut Transaction,
    ctx: &Ctx,
    user: &User,
    purpose: Purpose,
) -> Result<(), Error> {
    let Some(address) = user.address(purpose) else {
        return Ok(());
    };
    let (id, address) = (ctx.ids.next(), address.to_owned());
    let verification = Verification::begin(id, user.id, purpose, address, ctx.now());
    store::verifications::replace(tx, &verification).await?;
    let event = UserVerificationRequested::from(&verification);
    outbox::append(tx, ctx, verification.id, 1, &event).await?;
    Ok(())
}

/// Counts a request for a message, for each of `whose`: addresses, numbers, accounts.
///
/// # Errors
/// [`Rejection::Cooldown`] after three in a row; nothing needs to be kept then.
pub(super) async fn count(
    tx: &mut Transaction,
    ctx: &Ctx,
    whose: &[&str],
    purpose: Purpose,
) -> Result<(), Error> {
    for one in whose {
        let requests = store::verifications::count_request(tx, one, purpose, ctx.now()).await?;
        if let Some(retry_at) = requests.refused_until() {
            return Err(Rejection::Cooldown { retry_at }.into());
        }
    }
    store::verifications::sweep_requests(tx, ctx.now()).await?;
    Ok(())
}

/// Sends another letter to the caller's address.
///
/// # Errors
/// [`Error`]: verified already, asked for too often; not logged in.
pub async fn resend_email_verification(ctx: &Ctx) -> Result<User, Error> {
    let mut tx = ctx.begin().await?;
    let user = lock_self(&mut tx, ctx).await?;
    if user.email_verified_at.is_some() {
        let rule = "the e-mail address is verified already";
        return Err(Rejection::InvalidState { rule }.into());
    }
    let purpose = Purpose::EmailVerification;
    if let Some(email) = &user.email {
        count(&mut tx, ctx, &[email], purpose).await?;
    }
    begin(&mut tx, ctx, &user, purpose).await?;
    tx.commit().await?;
    Ok(user)
}

/// Takes the token of a letter as proof of the address. The same token again changes nothing.
///
/// # Errors
/// [`Rejection::InvalidLetterToken`] when it is none of ours, expired or replaced by a newer one.
pub async fn verify_email(ctx: &Ctx, security: &Security, token: &str) -> Result<User, Error> {
    let purpose = Purpose::EmailVerification;
    let (mut tx, mut user, verification) = open(ctx, security, token, purpose).await?;
    if verification.used_at.is_none() {
        store::verifications::mark_used(&mut tx, verification.id, ctx.now()).await?;
        confirm_email(&mut tx, ctx, &mut user).await?;
    }
    tx.commit().await?;
    Ok(user)
}

/// Finds what `token` is of, and locks account and verification. A used one is given too.
pub(super) async fn open(
    ctx: &Ctx,
    security: &Security,
    token: &str,
    purpose: Purpose,
) -> Result<(Transaction, User, Verification), Error> {
    let invalid = || Error::Rejected(Rejection::InvalidLetterToken);
    let id = security.letters.open(token, purpose).ok_or_else(invalid)?;
    let found = store::verifications::find(&ctx.db, id).await?;
    let user_id = found.ok_or_else(invalid)?.user_id;
    let mut tx = ctx.begin().await?;
    let user = store::users::find_for_update(&mut tx, user_id).await?;
    let user = user.filter(User::is_usable).ok_or_else(invalid)?;
    let verification = store::verifications::find_for_update(&mut tx, id).await?;
    let verification = verification
        .filter(|it| ctx.now() < it.expires_at && it.is_for(&user))
        .ok_or_else(invalid)?;
    Ok((tx, user, verification))
}

/// Notes that the address is the owner's. The caller holds the lock of the account.
pub(super) async fn confirm_email(
    tx: &mut Transaction,
    ctx: &Ctx,
    user: &mut User,
) -> Result<(), Error> {
    if !user.verify_email(ctx.now()) {
        return Ok(());
    }
    store::users::update(tx, user).await?;
    let event = UserVerified { user_id: user.id };
    outbox::append(tx, ctx, user.id, user.version, &event).await?;
    Ok(())
}
