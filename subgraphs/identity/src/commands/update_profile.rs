//! `profileUpdate`.

use service::{Ctx, outbox};

use super::{lock_self, refuse_verified_phone};
use crate::{
    domain::{Error, ProfileChange, User},
    events::UserProfileUpdated,
    store,
};

/// What to change of the caller's own profile.
pub struct UpdateProfile {
    /// The version the caller has read.
    pub expected_version: i32,
    /// The changes.
    pub change: ProfileChange,
}

/// Changes the caller's profile and preferences.
///
/// # Errors
/// [`Error`]: stale version, phone taken, a value that breaks a rule; not logged in.
pub async fn update_profile(ctx: &Ctx, input: UpdateProfile) -> Result<User, Error> {
    let mut tx = ctx.begin().await?;
    let mut user = lock_self(&mut tx, ctx).await?;
    user.expect_version(input.expected_version)?;
    let phone = user.profile.phone.clone();
    user.change_profile(&input.change, ctx.now())?;
    if user.profile.phone != phone {
        refuse_verified_phone(&mut tx, &user, Some("phone")).await?;
    }
    store::users::update(&mut tx, &user).await?;
    let event = UserProfileUpdated::from(&user);
    outbox::append(&mut tx, ctx, user.id, user.version, &event).await?;
    tx.commit().await?;
    Ok(user)
}
