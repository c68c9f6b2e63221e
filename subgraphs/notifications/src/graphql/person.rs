//! What notifications add to an account.

use async_graphql::{Context, Object, Result, SimpleObject};
use gql::{Connection, GlobalId, connection, page_request};
use kernel::{Named as _, UserId, markers};
use service::Ctx;

use super::{
    Site,
    types::{ChannelValue, ClassValue, NotificationNode, ProductWatch, PushDevice, TypeValue},
};
use crate::{
    domain::{NotificationType, preferences::time_of_day},
    queries::{self, Preferences},
};

/// An account; `identity` owns and describes it.
pub(crate) struct UserNode {
    pub(crate) id: UserId,
}

#[Object(name = "User")]
impl UserNode {
    /// Id, begins with `user_`.
    async fn id(&self) -> GlobalId<markers::User> {
        self.id.into()
    }

    /// What the person was told in the app, the newest first. `first` is at most 100, 20 without it. For the
    /// person only.
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        #[graphql(desc = "Only what they have not read yet.", default)] unread_only: bool,
    ) -> Result<Option<Connection<NotificationNode>>> {
        let page = page_request(first, after)?;
        let site = &ctx.data::<Site>()?.0;
        let list = queries::list_notifications(ctx.data()?, site, self.id, unread_only, &page);
        let list = gql::or_null(ctx, list.await);
        Ok(list.map(|list| connection(list, NotificationNode)))
    }

    /// How many notifications the person has not read. For the person only.
    async fn unread_notification_count(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let count = queries::count_unread(ctx.data()?, self.id).await;
        let count = gql::or_null(ctx, count);
        Ok(count.map(|count| i32::try_from(count).unwrap_or(i32::MAX)))
    }

    /// Where and when the person wants to be told things. For the person only.
    async fn notification_preferences(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<NotificationPreferences>> {
        let found = queries::find_preferences(ctx.data()?, self.id).await;
        Ok(gql::or_null(ctx, found).map(Into::into))
    }

    /// The products that the person wants to hear of, the newest first. `first` is at most 100, 20 without it.
    /// For the person only.
    async fn product_watches(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<Connection<ProductWatch>>> {
        let page = page_request(first, after)?;
        let list = queries::list_watches(ctx.data::<Ctx>()?, self.id, &page).await;
        let list = gql::or_null(ctx, list);
        Ok(list.map(|list| connection(list, ProductWatch::from)))
    }

    /// The devices that push messages reach, the one seen last first, at most 20. For the person only.
    async fn push_devices(&self, ctx: &Context<'_>) -> Result<Option<Vec<PushDevice>>> {
        let devices = queries::list_devices(ctx.data()?, self.id).await;
        let devices = gql::or_null(ctx, devices);
        Ok(devices.map(|devices| devices.into_iter().map(PushDevice::from).collect()))
    }
}

/// Where and when a person wants to be told things.
#[derive(SimpleObject)]
pub(crate) struct NotificationPreferences {
    /// Every type with every channel it may take.
    switches: Vec<NotificationSwitch>,
    /// When the person is left in peace; null when never.
    quiet_hours: Option<QuietHoursNode>,
    /// Whether advertising is welcome; changed with the profile.
    has_marketing_consent: bool,
}

/// Whether a person is told one type over one channel.
#[derive(SimpleObject)]
struct NotificationSwitch {
    /// The type.
    r#type: TypeValue,
    /// The channel.
    channel: ChannelValue,
    /// Its class, which says what the person may decide.
    class: ClassValue,
    /// Whether they are told, as things are: consent and defaults included.
    is_enabled: bool,
    /// Whether it can be switched off.
    can_be_muted: bool,
}

/// A time of every day at which a person is left in peace, except for what is transactional.
#[derive(SimpleObject)]
#[graphql(name = "QuietHours")]
struct QuietHoursNode {
    /// When it begins, such as `22:00`.
    from: String,
    /// When it ends, such as `07:00`; before `from` means the next day.
    until: String,
    /// `WIB`, `WITA`, `WIT`, or an offset from UTC such as `+07:00`.
    time_zone: String,
}

impl From<Preferences> for NotificationPreferences {
    fn from(Preferences { person, matrix }: Preferences) -> Self {
        let consent = person.has_marketing_consent;
        let of_type = |kind: NotificationType| {
            let matrix = &matrix;
            let class = kind.rule().class;
            let channels = kind.rule().channels.iter();
            channels.map(move |(channel, is_default)| NotificationSwitch {
                r#type: kind.into(),
                channel: (*channel).into(),
                class: class.into(),
                is_enabled: matrix.is_enabled(kind, *channel, consent),
                can_be_muted: class != crate::domain::Class::Transactional || !is_default,
            })
        };
        Self {
            switches: NotificationType::all().flat_map(of_type).collect(),
            quiet_hours: person.quiet.map(|quiet| QuietHoursNode {
                from: time_of_day(quiet.from),
                until: time_of_day(quiet.until),
                time_zone: quiet.zone.name(),
            }),
            has_marketing_consent: consent,
        }
    }
}
