//! An attempt to reach somebody over one channel, and what becomes of it.

use chrono::{DateTime, Duration, Utc};
use kernel::{DeliveryId, DeviceId, NotificationId, UserId};
use strum::{IntoStaticStr, VariantArray};

use super::{ChannelKind, NotificationType};

/// How often a message is tried before it is given up.
pub const MAX_ATTEMPTS: i32 = 8;
/// The wait after the first attempt, which is short: most failures pass at once, and somebody may be waiting.
const FIRST_WAIT_MS: i64 = 4_000;
/// How much longer each wait is than the one before.
const GROWTH: i64 = 4;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 3_600_000;
/// How long a message at least and at most waits for somebody who is away.
const AWAY_SECONDS: (i64, i64) = (1, 15);

/// The queues that deliveries leave by, each with its own senders.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// What somebody sits and waits for: see [`NotificationType::is_awaited`].
    Awaited,
    /// Everything else.
    Ordinary,
}

/// Where a delivery stands.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It waits for its time, or for another attempt.
    Queued,
    /// The provider has taken it.
    Sent,
    /// It has arrived.
    Delivered,
    /// It was opened.
    Read,
    /// It was refused, came back, or was given up.
    Failed,
    /// There was nobody to send it to any more.
    Cancelled,
}

/// What a provider may say of a message later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportedStatus {
    /// It has arrived.
    Delivered,
    /// It was opened.
    Read,
    /// It will not arrive.
    Failed {
        /// Why, for operators, without address and content.
        reason: String,
    },
}

impl DeliveryStatus {
    /// The status after a report, which may come late, twice, or before the answer to the sending; `None`
    /// when it says nothing new.
    #[must_use]
    pub const fn after(self, report: &ReportedStatus) -> Option<Self> {
        match (self, report) {
            // A later status never gives way to an earlier one, so that the order of reports does not matter.
            // Mail may come back after a server has taken it; what was read has arrived whatever else is said.
            (Self::Queued | Self::Sent, ReportedStatus::Delivered) => Some(Self::Delivered),
            (Self::Queued | Self::Sent | Self::Delivered, ReportedStatus::Failed { .. }) => {
                Some(Self::Failed)
            }
            (Self::Queued | Self::Sent | Self::Delivered | Self::Failed, ReportedStatus::Read) => {
                Some(Self::Read)
            }
            _ => None,
        }
    }
}

/// An attempt to reach a person over one channel.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Id.
    pub id: DeliveryId,
    /// What is told.
    pub notification_id: NotificationId,
    /// To whom.
    pub user_id: UserId,
    /// What kind of thing.
    pub kind: NotificationType,
    /// By which way.
    pub channel: ChannelKind,
    /// To which device, if it is a push message.
    pub device_id: Option<DeviceId>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// When it will be tried next; `None` when it will not.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Who took it.
    pub provider: Option<String>,
    /// How they call it.
    pub provider_id: Option<String>,
    /// Why it failed last, for operators.
    pub reason: Option<String>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When the provider took it.
    pub sent_at: Option<DateTime<Utc>>,
}

/// When to try again after `attempts` attempts; `None` when it is given up. The wait grows fourfold up to an
/// hour; between half of it and the whole is taken, by the id, so that what failed together is not tried again
/// together.
#[must_use]
pub fn retry_at(id: DeliveryId, attempts: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if attempts >= MAX_ATTEMPTS {
        return None;
    }
    let earlier = u32::try_from(attempts.max(1)).ok()?.saturating_sub(1);
    let wait = FIRST_WAIT_MS
        .saturating_mul(GROWTH.saturating_pow(earlier))
        .min(LONGEST_WAIT_MS);
    let (high, low) = id.uuid().as_u64_pair();
    let mixed = (high ^ low ^ u64::from(earlier)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let half = wait / 2;
    let share = i64::try_from(mixed)
        .unwrap_or_default()
        .rem_euclid(half.max(1));
    Some(now + Duration::milliseconds(half + share))
}

/// When to look again whether somebody is back without whom a message from `created_at` cannot be written:
/// soon at first, later when that lasts.
#[must_use]
pub fn look_again_at(created_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let (least, most) = AWAY_SECONDS;
    let half = (now - created_at) / 2;
    now + half.clamp(Duration::seconds(least), Duration::seconds(most))
}
