//! An announcement is told to each whom it concerns.

use chrono::Duration;
use kernel::{Fault, Named as _, ProductId, SellerId, UserId};
use serde::Deserialize;
use serde_json::json;
use service::{Ctx, Transaction, db::may_pass};

use super::wake;
use crate::{
    domain::{
        Announcement, Audience, AudienceKind, ChannelKind, Delivery, DeliveryStatus, Device,
        Matrix, News, Notification, NotificationType, Person, VariableValue, WatchKind,
        preferences::waits_until,
    },
    store,
};

/// How many people are told in one transaction.
pub const BATCH: i64 = 200;
/// How long an announcement belongs to the worker that has claimed it; also how late it is told when that dies.
const LEASE_SECONDS: i64 = 15;
/// What is older is no news any more: it is dropped. So a reader that begins at the start of a long log does
/// not wake everybody.
const STALE_DAYS: i64 = 7;
/// How often an announcement is tried that fails for a reason that does not pass by itself.
const MAX_ATTEMPTS: i32 = 8;
/// From which attempt on the log warns of an announcement that waits until its reason has passed.
const NOTICED_FROM: i32 = 4;

const MEMBERS: &str = "query($ids: [ID!]!) { sellerMembers(sellerIds: $ids) { userId role } }";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    seller_members: Vec<Member>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    user_id: UserId,
    role: String,
}

/// Tells the announcement to such an audience that has waited longest, batch by batch. Gives whether there was
/// one.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn fan_out_next(ctx: &Ctx, audience: AudienceKind) -> Result<bool, Fault> {
    let now = ctx.now();
    let lease = now + Duration::seconds(LEASE_SECONDS);
    let claimed = store::announcements::claim(&ctx.db, audience, now, lease).await?;
    let Some(claimed) = claimed else {
        return Ok(false);
    };
    if let Err(fault) = tell(ctx, &claimed).await {
        let passes = may_pass(&fault);
        let wait =
            Duration::seconds(2_i64.saturating_pow(claimed.attempts.clamp(1, 9).unsigned_abs()));
        let next = (passes || claimed.attempts < MAX_ATTEMPTS).then(|| ctx.now() + wait);
        if next.is_none() {
            tracing::error!(cause = fault.chain(), "an announcement was given up");
            metrics::counter!(
                "pasar_notifications_announcements_given_up_total", "audience" => audience.name()
            )
            .increment(1);
        } else if passes && claimed.attempts < NOTICED_FROM {
            // Topics overtake each other all the time.
            tracing::debug!(cause = fault.chain(), "an announcement has to wait");
        } else {
            tracing::warn!(cause = fault.chain(), "an announcement has to wait");
        }
        store::announcements::put_off(&ctx.db, &claimed, next, &fault.chain()).await?;
    }
    Ok(true)
}

async fn tell(ctx: &Ctx, claimed: &Announcement) -> Result<(), Fault> {
    if ctx.now() - claimed.news.occurred_at > Duration::days(STALE_DAYS) {
        let mut tx = ctx.begin().await?;
        store::announcements::delete(&mut tx, claimed).await?;
        return Ok(tx.commit().await?);
    }
    let news = with_product(ctx, &claimed.news).await?;
    match claimed.audience {
        Audience::User(id) => tell_all(ctx, claimed, &news, &[id]).await,
        Audience::Shop(id) => {
            let members = members(ctx, id, news.kind).await?;
            tell_all(ctx, claimed, &news, &members).await
        }
        Audience::Watchers(id) => {
            while tell_some_watchers(ctx, claimed, &news, id).await? {}
            Ok(())
        }
    }
}

/// The news with the product's name, which events do not all tell.
async fn with_product(ctx: &Ctx, news: &News) -> Result<News, Fault> {
    let news = news.clone();
    let Some(id) = news.product_id else {
        return Ok(news);
    };
    let product = store::products::find(&ctx.db, id).await?.ok_or_else(|| {
        Fault::unavailable(format!("catalog's news of `{id}` have not come in yet"))
    })?;
    let mut news = news.with("product_name", VariableValue::Text(product.name));
    news.seller_id.get_or_insert(product.seller_id);
    Ok(news)
}

/// The people of a shop whom that concerns.
async fn members(
    ctx: &Ctx,
    seller_id: SellerId,
    kind: NotificationType,
) -> Result<Vec<UserId>, Fault> {
    let variables = json!({ "ids": [seller_id] });
    let found: Members = ctx.peers.call(ctx, "sellers", MEMBERS, variables).await?;
    let all = found.seller_members.into_iter();
    Ok(all
        .filter(|member| !kind.is_for_owner() || member.role == "OWNER")
        .map(|member| member.user_id)
        .collect())
}

/// Tells few people at once.
async fn tell_all(
    ctx: &Ctx,
    claimed: &Announcement,
    news: &News,
    users: &[UserId],
) -> Result<(), Fault> {
    let mut tx = ctx.begin().await?;
    if store::announcements::lock_claimed(&mut tx, claimed)
        .await?
        .is_none()
    {
        return Ok(());
    }
    let told = write(ctx, &mut tx, news, users).await?;
    store::announcements::delete(&mut tx, claimed).await?;
    tx.commit().await?;
    wake(ctx, &told);
    Ok(())
}

/// Tells the next batch of those who watch the product. Gives whether there may be more.
async fn tell_some_watchers(
    ctx: &Ctx,
    claimed: &Announcement,
    news: &News,
    product_id: ProductId,
) -> Result<bool, Fault> {
    let Some(kind) = watch_of(news.kind) else {
        return Err(Fault::internal("nobody watches for such news"));
    };
    let mut tx = ctx.begin().await?;
    let Some(reached) = store::announcements::lock_claimed(&mut tx, claimed).await? else {
        return Ok(false);
    };
    let since = news.occurred_at;
    let found =
        store::watches::list_watchers(&mut tx, product_id, kind, since, reached, BATCH).await?;
    store::people::lock(&mut tx, &found).await?;
    let users = store::watches::lock_watchers(&mut tx, product_id, kind, &found).await?;
    let told = write(ctx, &mut tx, news, &users).await?;
    if kind == WatchKind::BackInStock {
        store::watches::end(&mut tx, product_id, kind, &users).await?;
    }
    let is_full = i64::try_from(found.len())? == BATCH;
    match found.last().filter(|_| is_full) {
        Some(last) => {
            let lease = ctx.now() + Duration::seconds(LEASE_SECONDS);
            store::announcements::advance(&mut tx, claimed, *last, lease).await?;
        }
        None => store::announcements::delete(&mut tx, claimed).await?,
    }
    tx.commit().await?;
    wake(ctx, &told);
    Ok(is_full)
}

const fn watch_of(kind: NotificationType) -> Option<WatchKind> {
    match kind {
        NotificationType::PriceDrop => Some(WatchKind::PriceDrop),
        NotificationType::BackInStock => Some(WatchKind::BackInStock),
        _ => None,
    }
}

/// Writes what these people are told and how they will be reached. Gives who sees it in the app.
async fn write(
    ctx: &Ctx,
    tx: &mut Transaction,
    news: &News,
    users: &[UserId],
) -> Result<Vec<UserId>, Fault> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    store::people::ensure(tx, users, ctx.now()).await?;
    let people = store::people::lock(tx, users).await?;
    let told = store::notifications::load_told(tx, users, news.kind, &news.subject_key).await?;
    let matrices = store::people::load_matrices(&mut **tx, users, Some(news.kind)).await?;
    let devices = if news.kind.takes(ChannelKind::Push) {
        store::devices::load_by_user(&mut **tx, users).await?
    } else {
        Vec::new()
    };
    let (mut notifications, mut deliveries, mut counters) = (Vec::new(), Vec::new(), Vec::new());
    for person in people {
        if !person.is_reachable() || told.contains(&person.user_id) {
            continue;
        }
        let matrix = matrices.get(&person.user_id).cloned().unwrap_or_default();
        let is_on = |channel| matrix.is_enabled(news.kind, channel, person.has_marketing_consent);
        let seq = is_on(ChannelKind::InApp).then_some(person.last_seq + 1);
        let notification = Notification {
            id: ctx.ids.next(),
            user_id: person.user_id,
            seq,
            news: news.clone(),
            read_at: None,
            created_at: ctx.now(),
        };
        let ways = ways_out(ctx, &notification, &person, &matrix, &devices);
        if seq.is_none() && ways.is_empty() {
            continue;
        }
        counters.extend(seq.map(|seq| (person.user_id, seq)));
        notifications.push(notification);
        deliveries.extend(ways);
    }
    store::notifications::insert(tx, &notifications).await?;
    store::deliveries::insert(tx, &deliveries).await?;
    store::people::set_last_seq(tx, &counters).await?;
    Ok(counters.into_iter().map(|(user_id, _)| user_id).collect())
}

/// The deliveries of a notification: one per channel that is on, and per device.
fn ways_out(
    ctx: &Ctx,
    notification: &Notification,
    person: &Person,
    matrix: &Matrix,
    devices: &[Device],
) -> Vec<Delivery> {
    let (kind, now) = (notification.news.kind, ctx.now());
    let delivery = |channel, device_id| Delivery {
        id: ctx.ids.next(),
        notification_id: notification.id,
        user_id: person.user_id,
        kind,
        channel,
        device_id,
        status: DeliveryStatus::Queued,
        attempts: 0,
        next_attempt_at: waits_until(kind, channel, person.quiet, now).or(Some(now)),
        provider: None,
        provider_id: None,
        reason: None,
        created_at: now,
        updated_at: now,
        sent_at: None,
    };
    let mut ways = Vec::new();
    for (channel, _) in kind.rule().channels {
        if !matrix.is_enabled(kind, *channel, person.has_marketing_consent) {
            continue;
        }
        match channel {
            ChannelKind::InApp => {}
            ChannelKind::Push => {
                let own = devices
                    .iter()
                    .filter(|device| device.user_id == person.user_id);
                ways.extend(own.map(|device| delivery(*channel, Some(device.id))));
            }
            ChannelKind::Email | ChannelKind::Sms | ChannelKind::Whatsapp => {
                ways.push(delivery(*channel, None));
            }
        }
    }
    ways
}
