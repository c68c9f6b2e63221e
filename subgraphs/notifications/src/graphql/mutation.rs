//! Root mutations with their inputs and payloads.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use gql::{GlobalId, Int64, UserError, settle};
use kernel::markers;
use service::Ctx;

use super::{
    Site,
    admin::TemplateNode,
    person::UserNode,
    types::{
        ChannelValue, LocaleValue, NotificationNode, PlatformValue, ProductWatch, PushDevice,
        TypeValue, WatchValue,
    },
    user_error::user_error,
};
use crate::{
    commands,
    domain::{ChannelKind, Error, Locale, NotificationType, QuietHours, Rejection, Wording},
    queries,
};

/// Which notification was read.
#[derive(InputObject)]
struct NotificationMarkReadInput {
    /// The notification.
    notification_id: GlobalId<markers::Notification>,
}

/// How far the person has read.
#[derive(InputObject)]
struct NotificationMarkAllReadInput {
    /// `seq` of the newest notification that was shown; what has come since stays unread.
    up_to_seq: Int64,
}

/// What to change of the caller's preferences; fields left out stay as they are.
#[derive(InputObject)]
struct NotificationPreferencesUpdateInput {
    /// Types and channels to switch on or off, at most 200.
    #[graphql(validator(max_items = 200))]
    switches: Option<Vec<NotificationSwitchInput>>,
    /// When to be left in peace; null means never.
    quiet_hours: MaybeUndefined<QuietHoursInput>,
}

impl TryFrom<NotificationPreferencesUpdateInput> for commands::UpdatePreferences {
    type Error = Rejection;

    fn try_from(input: NotificationPreferencesUpdateInput) -> std::result::Result<Self, Rejection> {
        let quiet_hours = match input.quiet_hours {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(hours) => Some(Some(QuietHours::new(
                &hours.from,
                &hours.until,
                &hours.time_zone,
            )?)),
        };
        let switches = input.switches.unwrap_or_default().into_iter();
        let switch =
            |one: NotificationSwitchInput| (one.r#type.into(), one.channel.into(), one.is_enabled);
        Ok(Self {
            switches: switches.map(switch).collect(),
            quiet_hours,
        })
    }
}

/// A type and a channel to switch on or off.
#[derive(InputObject)]
struct NotificationSwitchInput {
    /// The type.
    r#type: TypeValue,
    /// A channel that the type takes.
    channel: ChannelValue,
    /// Whether to be told. What is transactional cannot be switched off.
    is_enabled: bool,
}

/// A time of every day at which to be left in peace.
#[derive(InputObject)]
struct QuietHoursInput {
    /// When it begins, such as `22:00`.
    from: String,
    /// When it ends, such as `07:00`; before `from` means the next day.
    until: String,
    /// `WIB`, `WITA`, `WIT`, or an offset from UTC such as `+07:00`.
    time_zone: String,
}

/// What to hear, or not to hear any more, of a product.
#[derive(InputObject)]
struct ProductWatchInput {
    /// The product; to be watched it must be on sale.
    product_id: GlobalId<markers::Product>,
    /// What about it.
    #[graphql(validator(max_items = 2))]
    kinds: Vec<WatchValue>,
}

/// A device that push messages are to reach.
#[derive(InputObject)]
struct PushDeviceRegisterInput {
    /// What the push service calls it, 1 to 4096 visible ASCII characters.
    token: String,
    /// Its system.
    platform: PlatformValue,
    /// How its owner calls it, at most 80 characters.
    #[graphql(default)]
    name: String,
}

/// A device to forget.
#[derive(InputObject)]
struct PushDeviceRemoveInput {
    /// The device.
    device_id: GlobalId<markers::Device>,
}

/// Which wording is meant.
#[derive(InputObject)]
pub(crate) struct NotificationTemplateKeyInput {
    /// The type.
    r#type: TypeValue,
    /// A channel that the type takes.
    channel: ChannelValue,
    /// The language.
    locale: LocaleValue,
}

impl From<NotificationTemplateKeyInput> for (NotificationType, ChannelKind, Locale) {
    fn from(key: NotificationTemplateKeyInput) -> Self {
        (key.r#type.into(), key.channel.into(), key.locale.into())
    }
}

/// How something is told: texts in which `{{ value }}` shows a value and `{% if value %}`, `{% elif value %}`,
/// `{% else %}`, `{% endif %}` ask whether there is one.
#[derive(InputObject)]
pub(crate) struct NotificationWordingInput {
    /// Subject or title, a line of 1 to 200 characters; empty for SMS and WhatsApp.
    #[graphql(default)]
    subject: String,
    /// The text: at most 10000 characters in e-mails, 600 in SMS, 1000 elsewhere.
    text: String,
    /// The HTML of an e-mail, at most 100000 characters; left out, it is made from the text.
    html: Option<String>,
}

impl From<NotificationWordingInput> for Wording {
    fn from(input: NotificationWordingInput) -> Self {
        Self {
            subject: input.subject,
            text: input.text,
            html: input.html,
        }
    }
}

/// A wording to take into force.
#[derive(InputObject)]
struct NotificationTemplateSetInput {
    /// Which one.
    key: NotificationTemplateKeyInput,
    /// The version that was read; 0 while nobody has changed it.
    expected_version: i32,
    /// How it is told from now on.
    wording: NotificationWordingInput,
}

/// A wording to take back.
#[derive(InputObject)]
struct NotificationTemplateResetInput {
    /// Which one.
    key: NotificationTemplateKeyInput,
    /// The version that was read.
    expected_version: i32,
}

/// The notification after the change, or why it was refused.
#[derive(SimpleObject)]
struct NotificationPayload {
    /// The notification; null when the change was refused.
    notification: Option<NotificationNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The caller after the change, or why it was refused.
#[derive(SimpleObject)]
struct NotificationUserPayload {
    /// The caller; null when the change was refused.
    user: Option<UserNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The watches on the product, or why they were refused.
#[derive(SimpleObject)]
struct ProductWatchPayload {
    /// The watches; null when they were refused.
    watches: Option<Vec<ProductWatch>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The device, or why it was refused.
#[derive(SimpleObject)]
struct PushDevicePayload {
    /// The device; null when it was refused.
    device: Option<PushDevice>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The wording after the change, or why it was refused.
#[derive(SimpleObject)]
struct NotificationTemplatePayload {
    /// The wording; null when the change was refused.
    template: Option<TemplateNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

fn user_payload(
    ctx: &Ctx,
    outcome: std::result::Result<(), Error>,
) -> Result<Option<NotificationUserPayload>> {
    let (done, user_errors) = settle(outcome, user_error)?;
    let id = ctx.user().map_err(gql::fault)?;
    Ok(Some(NotificationUserPayload {
        user: done.map(|()| UserNode { id }),
        user_errors,
    }))
}

/// Takes a wording into force; without one, that which Pasar comes with.
async fn set_template(
    ctx: &Context<'_>,
    key: NotificationTemplateKeyInput,
    expected_version: i32,
    wording: Option<Wording>,
) -> Result<Option<NotificationTemplatePayload>> {
    let (kind, channel, locale) = key.into();
    let command = commands::SetTemplate {
        kind,
        channel,
        locale,
        expected_version,
        wording,
    };
    let outcome = commands::set_template(ctx.data()?, command).await;
    let (template, user_errors) = settle(outcome, user_error)?;
    Ok(Some(NotificationTemplatePayload {
        template: template.map(TemplateNode),
        user_errors,
    }))
}

fn kinds(values: Vec<WatchValue>) -> Vec<crate::domain::WatchKind> {
    values.into_iter().map(Into::into).collect()
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    /// Marks a notification of the caller as read; again is fine. Needs a login.
    async fn notification_mark_read(
        &self,
        ctx: &Context<'_>,
        input: NotificationMarkReadInput,
    ) -> Result<Option<NotificationPayload>> {
        let request = ctx.data::<Ctx>()?;
        let outcome = commands::mark_read(request, input.notification_id.0).await;
        let (notification, user_errors) = settle(outcome, user_error)?;
        let mut views = Vec::new();
        if let Some(notification) = notification {
            let (site, user_id) = (&ctx.data::<Site>()?.0, notification.user_id);
            let rendered = queries::render(request, site, user_id, vec![notification]).await;
            views = rendered.map_err(gql::fault)?;
        }
        Ok(Some(NotificationPayload {
            notification: views.into_iter().next().map(NotificationNode),
            user_errors,
        }))
    }

    /// Marks the caller's notifications as read up to the newest that was shown; again is fine. Needs a login.
    async fn notification_mark_all_read(
        &self,
        ctx: &Context<'_>,
        input: NotificationMarkAllReadInput,
    ) -> Result<Option<NotificationUserPayload>> {
        let request = ctx.data::<Ctx>()?;
        let outcome = commands::mark_all_read(request, input.up_to_seq.0).await;
        user_payload(request, outcome.map(drop))
    }

    /// Changes where and when the caller is told things. Needs a login.
    async fn notification_preferences_update(
        &self,
        ctx: &Context<'_>,
        input: NotificationPreferencesUpdateInput,
    ) -> Result<Option<NotificationUserPayload>> {
        let request = ctx.data::<Ctx>()?;
        request.user().map_err(gql::fault)?;
        let outcome = match input.try_into() {
            Ok(command) => commands::update_preferences(request, command).await,
            Err(rejection) => Err(Error::Rejected(rejection)),
        };
        user_payload(request, outcome.map(drop))
    }

    /// The caller wants to hear of a product on sale; again is fine. At most 500 watches. Needs a login.
    async fn product_watch(
        &self,
        ctx: &Context<'_>,
        input: ProductWatchInput,
    ) -> Result<Option<ProductWatchPayload>> {
        let kinds = kinds(input.kinds);
        let outcome = commands::watch_product(ctx.data()?, input.product_id.0, &kinds).await;
        let (watches, user_errors) = settle(outcome, user_error)?;
        Ok(Some(ProductWatchPayload {
            watches: watches.map(|watches| watches.into_iter().map(Into::into).collect()),
            user_errors,
        }))
    }

    /// The caller does not want to hear of a product any more; again is fine. Needs a login.
    async fn product_unwatch(
        &self,
        ctx: &Context<'_>,
        input: ProductWatchInput,
    ) -> Result<Option<NotificationUserPayload>> {
        let request = ctx.data::<Ctx>()?;
        let kinds = kinds(input.kinds);
        let outcome = commands::unwatch_product(request, input.product_id.0, &kinds).await;
        user_payload(request, outcome)
    }

    /// Registers a device of the caller for push messages; again says that it is still in use. Of more than 20
    /// devices the one seen longest ago is forgotten. Needs a login.
    async fn push_device_register(
        &self,
        ctx: &Context<'_>,
        input: PushDeviceRegisterInput,
    ) -> Result<Option<PushDevicePayload>> {
        let command = commands::RegisterDevice {
            token: input.token,
            platform: input.platform.into(),
            name: input.name,
        };
        let outcome = commands::register_device(ctx.data()?, command).await;
        let (device, user_errors) = settle(outcome, user_error)?;
        Ok(Some(PushDevicePayload {
            device: device.map(Into::into),
            user_errors,
        }))
    }

    /// Forgets a device of the caller. Needs a login.
    async fn push_device_remove(
        &self,
        ctx: &Context<'_>,
        input: PushDeviceRemoveInput,
    ) -> Result<Option<NotificationUserPayload>> {
        let request = ctx.data::<Ctx>()?;
        let outcome = commands::remove_device(request, input.device_id.0).await;
        user_payload(request, outcome)
    }

    /// Changes how something is told, from the next message on. A wording that names an unknown value, or does
    /// not show one that it must, is refused. Needs the permission `manage:notifications`.
    async fn notification_template_set(
        &self,
        ctx: &Context<'_>,
        input: NotificationTemplateSetInput,
    ) -> Result<Option<NotificationTemplatePayload>> {
        let wording = Some(input.wording.into());
        set_template(ctx, input.key, input.expected_version, wording).await
    }

    /// Takes the wording that Pasar comes with into force again. Needs the permission `manage:notifications`.
    async fn notification_template_reset(
        &self,
        ctx: &Context<'_>,
        input: NotificationTemplateResetInput,
    ) -> Result<Option<NotificationTemplatePayload>> {
        set_template(ctx, input.key, input.expected_version, None).await
    }
}
