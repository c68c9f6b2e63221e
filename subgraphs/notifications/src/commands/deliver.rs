//! Messages leave.

use chrono::Duration;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use kernel::Fault;
use service::Ctx;

use super::{
    compose::{Envelope, Post, compose},
    record_status::{failed, sent},
};
use crate::{
    channels::{Channels, Outcome},
    domain::{ChannelKind, Delivery, DeliveryStatus, retry_at},
    store,
};

/// How many deliveries a worker takes at a time.
const BATCH: i64 = 32;
/// How many messages a worker sends at the same time.
const AT_ONCE: usize = 8;
/// How long sending one message may take.
const SEND_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
/// How long deliveries belong to the worker that has claimed them: longer than a batch can take.
const LEASE_SECONDS: i64 = 240;
/// The longest wait that a provider may ask for.
const LONGEST_WAIT: i64 = 86_400;
/// When deliveries are tried again that could not be written, because identity is away.
const AWAY_SECONDS: i64 = 10;

/// Sends what is due, at most a batch; gives how much that was. A worker that dies between sending and
/// writing it down leaves deliveries that are sent again when its lease ends: with the same id, which
/// providers with idempotency keys (and the mailbox) recognise.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn deliver_due(ctx: &Ctx, channels: &Channels) -> Result<usize, Fault> {
    let now = ctx.now();
    let lease = now + Duration::seconds(LEASE_SECONDS);
    let claimed = store::deliveries::claim(&ctx.db, now, lease, BATCH).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let post = match Post::load(ctx, &claimed).await {
        Ok(post) => post,
        Err(fault) => {
            tracing::warn!(cause = fault.chain(), "messages have to wait");
            for delivery in &claimed {
                put_back(ctx, delivery).await?;
            }
            return Ok(claimed.len());
        }
    };
    let (post, count) = (&post, claimed.len());
    let outcomes = stream::iter(claimed)
        .map(|delivery| deliver(ctx, channels, post, delivery).boxed())
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    outcomes.into_iter().collect::<Result<Vec<()>, _>>()?;
    Ok(count)
}

async fn put_back(ctx: &Ctx, delivery: &Delivery) -> Result<(), Fault> {
    let later = ctx.now() + Duration::seconds(AWAY_SECONDS);
    store::deliveries::put_back(&ctx.db, delivery, later).await
}

async fn deliver(
    ctx: &Ctx,
    channels: &Channels,
    post: &Post,
    delivery: Delivery,
) -> Result<(), Fault> {
    let site = &channels.settings().site_url;
    let message = match compose(ctx, post, &delivery, site).await {
        Ok(Envelope::Message(message)) => message,
        Ok(Envelope::Nobody(reason)) => return cancel(ctx, &delivery, reason).await,
        Ok(Envelope::NotYet(until)) => {
            return store::deliveries::put_back(&ctx.db, &delivery, until).await;
        }
        Err(fault) => {
            tracing::warn!(cause = fault.chain(), "a message has to wait");
            return put_back(ctx, &delivery).await;
        }
    };
    let outcome = tokio::time::timeout(SEND_TIMEOUT, channels.send(&message))
        .await
        .unwrap_or_else(|_| Outcome::Failed {
            reason: "the provider does not answer".to_owned(),
            retry_after: None,
        });
    let provider = channels.provider(delivery.channel);
    settle(ctx, &delivery, provider, outcome).await
}

/// Writes down that there is nobody to send it to any more.
async fn cancel(ctx: &Ctx, claimed: &Delivery, reason: &str) -> Result<(), Fault> {
    let mut tx = ctx.begin().await?;
    let found = store::deliveries::find_for_update(&mut tx, claimed.id).await?;
    let Some(mut delivery) = found.filter(|found| is_still_ours(found, claimed)) else {
        return Ok(());
    };
    delivery.status = DeliveryStatus::Cancelled;
    delivery.next_attempt_at = None;
    delivery.reason = Some(reason.to_owned());
    delivery.updated_at = ctx.now();
    store::deliveries::update(&mut tx, &delivery).await?;
    tx.commit().await?;
    super::count(delivery.channel, delivery.status);
    Ok(())
}

/// Whether nobody else has taken the delivery over, nor has a callback of the provider closed it.
fn is_still_ours(found: &Delivery, claimed: &Delivery) -> bool {
    found.status == DeliveryStatus::Queued && found.attempts == claimed.attempts
}

/// Writes down what became of an attempt.
async fn settle(
    ctx: &Ctx,
    claimed: &Delivery,
    provider: &str,
    outcome: Outcome,
) -> Result<(), Fault> {
    let mut tx = ctx.begin().await?;
    let found = store::deliveries::find_for_update(&mut tx, claimed.id).await?;
    let Some(mut delivery) = found.filter(|found| is_still_ours(found, claimed)) else {
        return Ok(());
    };
    let now = ctx.now();
    delivery.provider = Some(provider.to_owned());
    delivery.updated_at = now;
    delivery.next_attempt_at = None;
    match outcome {
        Outcome::Accepted { provider_id } => {
            delivery.status = DeliveryStatus::Sent;
            delivery.provider_id = Some(provider_id);
            delivery.reason = None;
            delivery.sent_at = Some(now);
            sent(&mut tx, ctx, &delivery).await?;
        }
        Outcome::Refused { reason } => {
            refuse(&mut delivery, reason);
            failed(&mut tx, ctx, &delivery, "REFUSED").await?;
        }
        Outcome::Gone { reason } => {
            refuse(&mut delivery, reason);
            failed(&mut tx, ctx, &delivery, "REFUSED").await?;
            if let Some(id) = delivery
                .device_id
                .filter(|_| delivery.channel == ChannelKind::Push)
            {
                store::devices::delete(&mut tx, delivery.user_id, id).await?;
            }
        }
        Outcome::Failed {
            reason,
            retry_after,
        } => {
            let asked = Duration::from_std(retry_after.unwrap_or_default()).unwrap_or_default();
            let soonest = now + asked.min(Duration::seconds(LONGEST_WAIT));
            let ours = retry_at(delivery.id, delivery.attempts, now);
            delivery.next_attempt_at = ours.map(|at| at.max(soonest));
            if delivery.next_attempt_at.is_none() {
                refuse(&mut delivery, reason);
                failed(&mut tx, ctx, &delivery, "ATTEMPTS").await?;
            } else {
                delivery.reason = Some(reason);
            }
        }
    }
    store::deliveries::update(&mut tx, &delivery).await?;
    tx.commit().await?;
    super::count(delivery.channel, delivery.status);
    Ok(())
}

fn refuse(delivery: &mut Delivery, reason: String) {
    delivery.status = DeliveryStatus::Failed;
    delivery.reason = Some(reason);
}
