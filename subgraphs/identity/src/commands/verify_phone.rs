//! Proof of a phone number by the code of an SMS: `phoneOtpRequest`, `phoneVerify`.

use kernel::UserId;
use service::{Ctx, Transaction, outbox};

use super::{lock_self, refuse_verified_phone, verify};
use crate::{
    domain::{Error, Purpose, Rejection, User},
    events::{UserPhoneVerified, UserProfileUpdated},
    security::Security,
    store,
};

const PURPOSE: Purpose = Purpose::PhoneVerification;

/// Sends a code to the caller's phone number.
///
/// # Errors
/// [`Error`]: no number, verified already, by another account too, asked for too often; not logged in.
pub async fn request_phone_code(ctx: &Ctx) -> Result<User, Error> {
    let mut tx = ctx.begin().await?;
    let user = lock_self(&mut tx, ctx).await?;
    if user.phone_verified_at.is_some() {
        let rule = "the phone number is verified already";
        return Err(Rejection::InvalidState { rule }.into());
    }
    let Some(phone) = user.address(PURPOSE) else {
        let rule = "there is no phone number: set one in the profile first";
        return Err(Rejection::InvalidState { rule }.into());
    };
    // Whoever proved it may have left it with this account: see `take_from_others`.
    refuse_verified_phone(&mut tx, &user, None).await?;
    // By number, so that nobody is bothered by many accounts; by account, so that nobody has messages sent
    // to one number after the other.
    let whose = [phone, &user.id.to_string()];
    verify::count(&mut tx, ctx, &whose, PURPOSE).await?;
    verify::begin(&mut tx, ctx, &user, PURPOSE).await?;
    tx.commit().await?;
    Ok(user)
}

/// Takes the code of an SMS as proof of the caller's phone number, which no other account has from then on. The
/// same code again changes nothing.
///
/// # Errors
/// [`Rejection::InvalidCode`] when it is wrong, expired, replaced or guessed at too often;
/// [`Rejection::PhoneTaken`] when another account proved the same; not logged in.
pub async fn verify_phone(ctx: &Ctx, security: &Security, code: &str) -> Result<User, Error> {
    let mut tx = ctx.begin().await?;
    let mut user = lock_self(&mut tx, ctx).await?;
    let newest = store::verifications::find_newest_for_update(&mut tx, user.id, PURPOSE).await?;
    let verification = newest
        .filter(|it| it.takes_codes(ctx.now()) && it.is_for(&user))
        // A used one was for this number as it was verified then.
        .filter(|it| it.used_at.is_none() || user.phone_verified_at.is_some())
        .ok_or(Rejection::InvalidCode)?;
    if code.trim() != security.letters.code(verification.id) {
        store::verifications::count_wrong_code(&mut tx, verification.id).await?;
        tx.commit().await?;
        return Err(Rejection::InvalidCode.into());
    }
    if verification.used_at.is_none() {
        store::verifications::mark_used(&mut tx, verification.id, ctx.now()).await?;
        user.verify_phone(ctx.now());
        store::users::update(&mut tx, &user).await?;
        let event = UserPhoneVerified { user_id: user.id };
        outbox::append(&mut tx, ctx, user.id, user.version, &event).await?;
        take_from_others(&mut tx, ctx, &verification.address, user.id).await?;
    }
    tx.commit().await?;
    Ok(user)
}

/// Takes a number from accounts that state it, now that `owner` has proved it.
async fn take_from_others(
    tx: &mut Transaction,
    ctx: &Ctx,
    phone: &str,
    owner: UserId,
) -> Result<(), Error> {
    let others = store::users::list_unverified_by_phone_for_update(tx, phone, owner).await?;
    for mut other in others {
        other.lose_phone(ctx.now());
        store::users::update(tx, &other).await?;
        let event = UserProfileUpdated::from(&other);
        outbox::append(tx, ctx, other.id, other.version, &event).await?;
    }
    Ok(())
}
