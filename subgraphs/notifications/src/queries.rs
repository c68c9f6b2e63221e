//! What is read of notifications. What concerns a person is for that person only.

use kernel::{Fault, Named as _, Page, PageRequest, UserId};
use service::Ctx;

pub use crate::store::deliveries::DeliveryFilter;
use crate::{
    access::MANAGE_NOTIFICATIONS,
    domain::{
        AudienceKind, ChannelKind, Delivery, Device, Letter, Locale, Matrix, Notification,
        NotificationType, Person, Queue, Rendered, Template, VariableValue, Watch, Wording,
        default_wording,
    },
    store,
};

/// How many notifications a subscription reads at a time.
const LIVE_BATCH: i64 = 100;
/// How far due deliveries and waiting announcements are counted.
const MOST_COUNTED: i64 = 100_000;

/// A notification as the person reads it in the app.
pub struct View {
    /// The notification.
    pub notification: Notification,
    /// Its texts.
    pub rendered: Rendered,
    /// Where tapping it leads.
    pub link: Option<String>,
}

/// A person's preferences as they are in force.
pub struct Preferences {
    /// The person.
    pub person: Person,
    /// What they have switched.
    pub matrix: Matrix,
}

/// Demands that the caller is that person.
///
/// # Errors
/// `UNAUTHENTICATED`, or `FORBIDDEN` for everybody else.
pub fn require_self(ctx: &Ctx, user_id: UserId) -> Result<(), Fault> {
    if ctx.user()? == user_id {
        return Ok(());
    }
    Err(Fault::forbidden("this is for the person only"))
}

/// What a person sees in the app, the newest first.
///
/// # Errors
/// `FORBIDDEN` for others, `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database.
pub async fn list_notifications(
    ctx: &Ctx,
    site: &str,
    user_id: UserId,
    is_unread_only: bool,
    page: &PageRequest,
) -> Result<Page<View>, Fault> {
    require_self(ctx, user_id)?;
    let list = store::notifications::list(&ctx.db, user_id, is_unread_only, page).await?;
    let (cursors, notifications): (Vec<_>, Vec<_>) = list.rows.into_iter().unzip();
    let views = render(ctx, site, user_id, notifications).await?;
    Ok(Page {
        rows: cursors.into_iter().zip(views).collect(),
        has_next: list.has_next,
        has_previous: list.has_previous,
    })
}

/// The texts of a person's notifications, in their language and as they are worded now.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn render(
    ctx: &Ctx,
    site: &str,
    user_id: UserId,
    notifications: Vec<Notification>,
) -> Result<Vec<View>, Fault> {
    if notifications.is_empty() {
        return Ok(Vec::new());
    }
    let people = store::people::load(&ctx.db, &[user_id]).await?;
    let locale = people
        .get(&user_id)
        .map(|person| person.locale)
        .unwrap_or_default();
    let kinds: Vec<_> = notifications.iter().map(|n| n.news.kind).collect();
    let changed = store::templates::load(&ctx.db, &kinds, &[ChannelKind::InApp], &[locale]).await?;
    let view = |notification: Notification| {
        let kind = notification.news.kind;
        let wording = changed.iter().find(|template| template.kind == kind);
        let wording = wording.map(|template| template.wording.clone());
        view(site, notification, wording, locale)
    };
    Ok(notifications.into_iter().map(view).collect())
}

fn view(site: &str, notification: Notification, wording: Option<Wording>, locale: Locale) -> View {
    let (kind, channel) = (notification.news.kind, ChannelKind::InApp);
    let link = notification.news.link(site);
    let mut variables = notification.news.variables.clone();
    let mut add = |name: &str, text: &str| {
        variables.insert(name.to_owned(), VariableValue::Text(text.to_owned()));
    };
    add("site", site);
    if let Some(link) = &link {
        add("link", link);
    }
    let own = default_wording(kind, channel, locale);
    let rendered = wording
        .unwrap_or_else(|| own.clone())
        .render(kind, channel, locale, &variables)
        .or_else(|| own.render(kind, channel, locale, &variables));
    View {
        notification,
        rendered: rendered.unwrap_or_else(|| Rendered {
            subject: kind.name().to_owned(),
            text: String::new(),
            html: None,
        }),
        link,
    }
}

/// How many notifications a person has not read.
///
/// # Errors
/// `FORBIDDEN` for others; [`Fault`] of the database.
pub async fn count_unread(ctx: &Ctx, user_id: UserId) -> Result<i64, Fault> {
    require_self(ctx, user_id)?;
    store::notifications::count_unread(&ctx.db, user_id).await
}

/// A person's preferences.
///
/// # Errors
/// `FORBIDDEN` for others; [`Fault`] of the database.
pub async fn find_preferences(ctx: &Ctx, user_id: UserId) -> Result<Preferences, Fault> {
    require_self(ctx, user_id)?;
    let person = find_person(ctx, user_id).await?;
    let mut matrices = store::people::load_matrices(&ctx.db, &[user_id], None).await?;
    Ok(Preferences {
        person,
        matrix: matrices.remove(&user_id).unwrap_or_default(),
    })
}

/// A person, also one that nothing is known of yet.
async fn find_person(ctx: &Ctx, user_id: UserId) -> Result<Person, Fault> {
    let mut people = store::people::load(&ctx.db, &[user_id]).await?;
    Ok(people.remove(&user_id).unwrap_or(Person {
        user_id,
        last_seq: 0,
        locale: Locale::default(),
        has_marketing_consent: false,
        is_closed: false,
        is_erased: false,
        quiet: None,
    }))
}

/// A person's watches, the newest first.
///
/// # Errors
/// `FORBIDDEN` for others, `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database.
pub async fn list_watches(
    ctx: &Ctx,
    user_id: UserId,
    page: &PageRequest,
) -> Result<Page<Watch>, Fault> {
    require_self(ctx, user_id)?;
    store::watches::list(&ctx.db, user_id, page).await
}

/// A person's devices, the one seen last first.
///
/// # Errors
/// `FORBIDDEN` for others; [`Fault`] of the database.
pub async fn list_devices(ctx: &Ctx, user_id: UserId) -> Result<Vec<Device>, Fault> {
    require_self(ctx, user_id)?;
    store::devices::load_by_user(&ctx.db, &[user_id]).await
}

/// The log of deliveries, the newest first.
///
/// # Errors
/// Without `manage:notifications`; `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database.
pub async fn list_deliveries(
    ctx: &Ctx,
    filter: &DeliveryFilter,
    page: &PageRequest,
) -> Result<Page<Delivery>, Fault> {
    ctx.require(MANAGE_NOTIFICATIONS)?;
    store::deliveries::list(&ctx.db, filter, page).await
}

/// The mailbox, the newest first.
///
/// # Errors
/// Without `manage:notifications`; `BAD_USER_INPUT` for a cursor of another list; [`Fault`] of the database.
pub async fn list_letters(
    ctx: &Ctx,
    user_id: Option<UserId>,
    channel: Option<ChannelKind>,
    page: &PageRequest,
) -> Result<Page<Letter>, Fault> {
    ctx.require(MANAGE_NOTIFICATIONS)?;
    store::mailbox::list(&ctx.db, user_id, channel, page).await
}

/// The wordings in force of one type, or of all, in the order of the lists.
///
/// # Errors
/// Without `manage:notifications`; [`Fault`] of the database.
pub async fn list_templates(
    ctx: &Ctx,
    kind: Option<NotificationType>,
) -> Result<Vec<Template>, Fault> {
    ctx.require(MANAGE_NOTIFICATIONS)?;
    let kinds: Vec<_> = kind.map_or_else(|| NotificationType::all().collect(), |kind| vec![kind]);
    let changed = store::templates::load(&ctx.db, &kinds, &[], &[]).await?;
    let mut templates = Vec::new();
    for kind in kinds {
        for (channel, _) in kind.rule().channels {
            for locale in Locale::all() {
                let found = changed.iter().find(|template| {
                    (template.kind, template.channel, template.locale) == (kind, *channel, locale)
                });
                let template = found.cloned();
                templates.push(
                    template.unwrap_or_else(|| Template::compiled_in(kind, *channel, locale)),
                );
            }
        }
    }
    Ok(templates)
}

/// A wording with samples of its values.
///
/// # Errors
/// The rejection of a wording that breaks a rule; without `manage:notifications`.
pub fn preview(
    ctx: &Ctx,
    kind: NotificationType,
    channel: ChannelKind,
    locale: Locale,
    wording: &Wording,
) -> Result<Rendered, crate::domain::Error> {
    ctx.require(MANAGE_NOTIFICATIONS)?;
    wording.check(kind, channel)?;
    let samples = crate::domain::wording::samples(kind, channel, ctx.now());
    let rendered = wording.render(kind, channel, locale, &samples);
    Ok(rendered.ok_or_else(|| Fault::internal("an accepted wording cannot be rendered"))?)
}

/// The number of a person's latest notification; refused when the account may see nothing any more. Asked at
/// the start of a subscription and before each event.
///
/// # Errors
/// `UNAUTHENTICATED` when nobody has logged in or the account is closed or gone; [`Fault`] of the database.
pub async fn find_last_seq(ctx: &Ctx) -> Result<i64, Fault> {
    let person = find_person(ctx, ctx.user()?).await?;
    if person.is_reachable() {
        Ok(person.last_seq)
    } else {
        Err(Fault::unauthenticated())
    }
}

/// What the caller sees in the app after `seq`, in order, a batch.
///
/// # Errors
/// `UNAUTHENTICATED` when nobody has logged in; [`Fault`] of the database.
pub async fn list_after(ctx: &Ctx, site: &str, seq: i64) -> Result<Vec<View>, Fault> {
    let user_id = ctx.user()?;
    let found = store::notifications::list_after(&ctx.db, user_id, seq, LIVE_BATCH).await?;
    render(ctx, site, user_id, found).await
}

/// How many deliveries of a queue are due; counts no further than 100,000.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn count_due(ctx: &Ctx, queue: Queue) -> Result<i64, Fault> {
    store::deliveries::count_due(&ctx.db, queue, ctx.now(), MOST_COUNTED).await
}

/// How many announcements to such an audience are still to be told; counts no further than 100,000.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn count_announcements(ctx: &Ctx, audience: AudienceKind) -> Result<i64, Fault> {
    store::announcements::count_waiting(&ctx.db, audience, MOST_COUNTED).await
}
