//! What a provider says later of a message.

use kernel::{Fault, NotificationId};
use service::{Ctx, Transaction, outbox};

use crate::{
    channels::StatusReport,
    domain::{Delivery, DeliveryStatus, ReportedStatus},
    events::{DeliveryFace, NotificationFailed, NotificationSent},
    store,
};

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It was recorded, or says nothing new.
    Recorded,
    /// Nobody sent such a message.
    Unknown,
    /// It cannot be told yet which attempt it speaks of: the provider should report again.
    TooEarly,
}

/// Records a report of a provider, whose signature the caller has verified. Reports may come twice, late
/// and in any order.
///
/// # Errors
/// [`Fault`] of the database: nothing was recorded, the provider should report again.
pub async fn record_status(ctx: &Ctx, report: StatusReport) -> Result<Heard, Fault> {
    let mut tx = ctx.begin().await?;
    let found = match report.delivery_id {
        Some(id) => store::deliveries::find_for_update(&mut tx, id).await?,
        None => {
            let (provider, id) = (report.provider, &report.provider_id);
            store::deliveries::find_by_provider_for_update(&mut tx, provider, id).await?
        }
    };
    let Some(mut delivery) = found else {
        return Ok(Heard::Unknown);
    };
    let Some(status) = delivery.status.after(&report.status) else {
        return Ok(Heard::Recorded);
    };
    if matches!(report.status, ReportedStatus::Failed { .. }) {
        // Of an attempt whose answer was lost: another one takes its place, and what becomes of that counts.
        if is_of_another_attempt(&delivery, &report) {
            return Ok(Heard::Recorded);
        }
        // The same perhaps: of several attempts no answer has told yet what the provider calls it.
        if delivery.attempts > 1 && delivery.provider_id.is_none() {
            return Ok(Heard::TooEarly);
        }
    }
    delivery.status = status;
    delivery.next_attempt_at = None;
    delivery.updated_at = ctx.now();
    // Of an earlier attempt, or of an earlier report that this one overtakes.
    delivery.reason = None;
    delivery
        .provider
        .get_or_insert_with(|| report.provider.to_owned());
    delivery.provider_id.get_or_insert(report.provider_id);
    if delivery.sent_at.is_none() {
        delivery.sent_at = Some(report.at);
        sent(&mut tx, ctx, &delivery).await?;
    }
    if let ReportedStatus::Failed { reason } = report.status {
        delivery.reason = Some(reason);
        failed(&mut tx, ctx, &delivery, "BOUNCED").await?;
    }
    store::deliveries::update(&mut tx, &delivery).await?;
    tx.commit().await?;
    super::count(delivery.channel, delivery.status);
    Ok(Heard::Recorded)
}

/// Whether the provider speaks of another of its messages than the one that the delivery is known by.
fn is_of_another_attempt(delivery: &Delivery, report: &StatusReport) -> bool {
    let known = delivery.provider_id.as_deref();
    // Who does not say how they call it is known by our own id.
    let known = known.filter(|id| *id != delivery.id.to_string());
    known.is_some_and(|id| !report.provider_id.is_empty() && id != report.provider_id)
}

/// Writes the event that a provider took the message.
pub(super) async fn sent(
    tx: &mut Transaction,
    ctx: &Ctx,
    delivery: &Delivery,
) -> Result<(), Fault> {
    let event = NotificationSent {
        delivery: DeliveryFace::from(delivery),
    };
    let (id, version) = next_version(tx, delivery).await?;
    outbox::append(tx, ctx, id, version, &event).await
}

/// Writes the event that the message will not arrive.
pub(super) async fn failed(
    tx: &mut Transaction,
    ctx: &Ctx,
    delivery: &Delivery,
    cause: &'static str,
) -> Result<(), Fault> {
    debug_assert_eq!(delivery.status, DeliveryStatus::Failed);
    let event = NotificationFailed {
        delivery: DeliveryFace::from(delivery),
        cause,
    };
    let (id, version) = next_version(tx, delivery).await?;
    outbox::append(tx, ctx, id, version, &event).await
}

async fn next_version(
    tx: &mut Transaction,
    delivery: &Delivery,
) -> Result<(NotificationId, i32), Fault> {
    let id = delivery.notification_id;
    let version = store::notifications::next_version(tx, id).await?;
    Ok((id, version))
}
