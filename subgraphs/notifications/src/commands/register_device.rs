//! `pushDeviceRegister` and `pushDeviceRemove`.

use kernel::DeviceId;
use service::Ctx;

use crate::{
    domain::{Device, Error, Platform, Rejection, person::MAX_DEVICES},
    store,
};

/// A device.
pub struct RegisterDevice {
    /// What the push service calls it.
    pub token: String,
    /// Its system.
    pub platform: Platform,
    /// How its owner calls it.
    pub name: String,
}

/// Registers a device of the caller; again is fine and says that it is still in use. The device seen longest
/// ago makes place when there are too many.
///
/// # Errors
/// [`Error`]: a value that breaks a rule; not logged in.
pub async fn register_device(ctx: &Ctx, input: RegisterDevice) -> Result<Device, Error> {
    let user_id = ctx.user()?;
    let token_is_fine = (1..=4_096).contains(&input.token.len())
        && input.token.bytes().all(|byte| byte.is_ascii_graphic());
    if !token_is_fine {
        let rule = "must have 1 to 4096 visible ASCII characters";
        return Err(Rejection::invalid("token", rule).into());
    }
    if input.name.chars().count() > 80 {
        return Err(Rejection::invalid("name", "must have at most 80 characters").into());
    }
    let now = ctx.now();
    let mut tx = ctx.begin().await?;
    let person = store::people::lock_one(&mut tx, user_id, now).await?;
    super::refuse_erased(&person)?;
    let device = Device {
        id: ctx.ids.next(),
        user_id,
        token: input.token,
        platform: input.platform,
        name: input.name,
        created_at: now,
        seen_at: now,
    };
    let device = store::devices::upsert(&mut tx, &device).await?;
    store::devices::delete_surplus(&mut tx, user_id, MAX_DEVICES).await?;
    tx.commit().await?;
    Ok(device)
}

/// Forgets a device of the caller.
///
/// # Errors
/// [`Error`]: not theirs or not there; not logged in.
pub async fn remove_device(ctx: &Ctx, id: DeviceId) -> Result<(), Error> {
    let user_id = ctx.user()?;
    let mut tx = ctx.begin().await?;
    if !store::devices::delete(&mut tx, user_id, id).await? {
        return Err(Rejection::NotFound { field: "deviceId" }.into());
    }
    tx.commit().await?;
    Ok(())
}
