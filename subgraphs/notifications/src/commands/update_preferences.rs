//! `notificationPreferencesUpdate`.

use kernel::UserId;
use service::Ctx;

use crate::{
    domain::{ChannelKind, Error, NotificationType, QuietHours, preferences::check_switch},
    store,
};

/// What to change; what is left out stays.
pub struct UpdatePreferences {
    /// Types and channels to switch on or off.
    pub switches: Vec<(NotificationType, ChannelKind, bool)>,
    /// When to be left in peace; `Some(None)` never.
    pub quiet_hours: Option<Option<QuietHours>>,
}

/// Changes where and when the caller is told things.
///
/// # Errors
/// [`Error`]: a switch that cannot be set; not logged in.
pub async fn update_preferences(ctx: &Ctx, input: UpdatePreferences) -> Result<UserId, Error> {
    let user_id = ctx.user()?;
    let mut last = std::collections::BTreeMap::new();
    for (kind, channel, is_enabled) in input.switches {
        check_switch(kind, channel, is_enabled)?;
        last.insert((kind, channel), is_enabled);
    }
    let switches: Vec<_> = last
        .into_iter()
        .map(|((kind, channel), is_enabled)| (kind, channel, is_enabled))
        .collect();
    let mut tx = ctx.begin().await?;
    let person = store::people::lock_one(&mut tx, user_id, ctx.now()).await?;
    super::refuse_erased(&person)?;
    store::people::set_switches(&mut tx, user_id, &switches).await?;
    if let Some(quiet) = input.quiet_hours {
        store::people::set_quiet_hours(&mut tx, user_id, quiet).await?;
    }
    tx.commit().await?;
    Ok(user_id)
}
