//! `notificationTemplateSet` and `notificationTemplateReset`.

use service::Ctx;

use crate::{
    access::MANAGE_NOTIFICATIONS,
    domain::{ChannelKind, Error, Locale, NotificationType, Template, Wording, default_wording},
    store,
};

/// A wording to take into force.
pub struct SetTemplate {
    /// The type.
    pub kind: NotificationType,
    /// The channel.
    pub channel: ChannelKind,
    /// The language.
    pub locale: Locale,
    /// The version the caller has read.
    pub expected_version: i32,
    /// The wording; `None` takes the one that is compiled in.
    pub wording: Option<Wording>,
}

/// Changes how something is told, from the next message on. What it could not be told with is refused now.
///
/// # Errors
/// [`Error`]: a wording that breaks a rule, stale version; without `manage:notifications`.
pub async fn set_template(ctx: &Ctx, input: SetTemplate) -> Result<Template, Error> {
    ctx.require(MANAGE_NOTIFICATIONS)?;
    let (kind, channel, locale) = (input.kind, input.channel, input.locale);
    let is_default = input.wording.is_none();
    let wording = input
        .wording
        .unwrap_or_else(|| default_wording(kind, channel, locale));
    wording.check(kind, channel)?;
    let mut tx = ctx.begin().await?;
    store::templates::lock(&mut tx, kind, channel, locale).await?;
    let found = store::templates::load(&mut *tx, &[kind], &[channel], &[locale]).await?;
    let mut template = found
        .into_iter()
        .next()
        .unwrap_or_else(|| Template::compiled_in(kind, channel, locale));
    template.expect_version(input.expected_version)?;
    template.id.get_or_insert_with(|| ctx.ids.next());
    template.wording = wording;
    template.is_default = is_default;
    template.version += 1;
    template.updated_at = Some(ctx.now());
    let actor = ctx.principal.actor();
    store::templates::upsert(&mut tx, &template, ctx.now(), &actor).await?;
    tx.commit().await?;
    Ok(template)
}
