//! Messages leave.

use std::{pin::pin, slice, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use futures_util::{FutureExt as _, future::BoxFuture};
use kernel::Fault;
use service::{Ctx, db::may_pass};

use super::{
    compose::{Envelope, Post, compose},
    record_status::{failed, sent},
};
use crate::{
    channels::{Channels, Outcome},
    domain::{ChannelKind, Delivery, DeliveryStatus, Queue, look_again_at, retry_at},
    store,
};

/// How long sending one message may take.
const SEND_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
/// How long deliveries belong to the worker that has claimed them, unless it renews that; also how late they
/// leave when it dies.
const LEASE_SECONDS: i64 = 15;
/// How often it renews that while it works.
const RENEW_EVERY: std::time::Duration = std::time::Duration::from_secs(4);

/// A message that is ready to leave: sends it and writes down what became of it.
pub type Sending = BoxFuture<'static, Result<(), Fault>>;

/// Claims what is due in a queue, at most `limit`, and makes it ready. A worker that dies between sending and
/// writing it down leaves deliveries that are sent again when its lease ends: with the same id, which providers
/// with idempotency keys (and the mailbox) recognise.
///
/// # Errors
/// [`Fault`] of the database; nothing was claimed. Of a [`Sending`]: what became of it could not be written
/// down, it is sent again.
pub async fn take_due(
    ctx: &Ctx,
    channels: &Channels,
    queue: Queue,
    limit: usize,
) -> Result<Vec<Sending>, Fault> {
    let now = ctx.now();
    let limit = i64::try_from(limit)?;
    let claimed = store::deliveries::claim(&ctx.db, queue, now, lease(now), limit).await?;
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let post = Arc::new(hold(ctx, &claimed, Post::load(ctx, &claimed)).await);
    let sending = |delivery: Delivery| {
        let (ctx, channels, post) = (ctx.clone(), channels.clone(), Arc::clone(&post));
        let work = async move {
            match &*post {
                Ok(post) => deliver(&ctx, &channels, post, &delivery).await,
                Err(fault) => not_written(&ctx, &channels, &delivery, fault).await,
            }
        };
        work.boxed()
    };
    Ok(claimed.into_iter().map(sending).collect())
}

fn lease(now: DateTime<Utc>) -> DateTime<Utc> {
    now + Duration::seconds(LEASE_SECONDS)
}

/// Works while the deliveries stay this worker's.
async fn hold<T>(ctx: &Ctx, claimed: &[Delivery], work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Ok(done) = tokio::time::timeout(RENEW_EVERY, &mut work).await {
            return done;
        }
        let renewed = store::deliveries::renew(&ctx.db, claimed, lease(ctx.now())).await;
        if let Err(fault) = renewed {
            tracing::warn!(cause = fault.chain(), "deliveries are not held");
        }
    }
}

async fn deliver(
    ctx: &Ctx,
    channels: &Channels,
    post: &Post,
    delivery: &Delivery,
) -> Result<(), Fault> {
    let (site, own) = (&channels.settings().site_url, slice::from_ref(delivery));
    let message = match hold(ctx, own, compose(ctx, post, delivery, site)).await {
        Ok(Envelope::Message(message)) => message,
        Ok(Envelope::Nobody(reason)) => return cancel(ctx, delivery, reason).await,
        Ok(Envelope::NotYet(until)) => {
            return store::deliveries::put_back(&ctx.db, delivery, until).await;
        }
        Err(fault) => return not_written(ctx, channels, delivery, &fault).await,
    };
    let sending = tokio::time::timeout(SEND_TIMEOUT, channels.send(&message));
    let outcome = hold(ctx, own, sending).await;
    let outcome = outcome.unwrap_or_else(|_| Outcome::Failed {
        reason: "the provider does not answer".to_owned(),
        retry_after: None,
    });
    let provider = channels.provider(delivery.channel);
    settle(ctx, delivery, provider, outcome).await
}

/// A message could not be written. What passes by itself, as when somebody is away, is looked at again soon and
/// is no attempt; everything else is a failed one, since it would stay like that for ever.
async fn not_written(
    ctx: &Ctx,
    channels: &Channels,
    delivery: &Delivery,
    fault: &Fault,
) -> Result<(), Fault> {
    if may_pass(fault) {
        tracing::warn!(cause = fault.chain(), "a message has to wait");
        let at = look_again_at(delivery.created_at, ctx.now());
        return store::deliveries::put_back(&ctx.db, delivery, at).await;
    }
    tracing::error!(cause = fault.chain(), "a message cannot be written");
    let outcome = Outcome::Failed {
        reason: "the message cannot be written".to_owned(),
        retry_after: None,
    };
    settle(ctx, delivery, channels.provider(delivery.channel), outcome).await
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
            let soonest = now + asked;
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
