//! A message that was kept instead of sent.

use chrono::{DateTime, Utc};
use kernel::{DeliveryId, UserId};

use super::ChannelKind;

/// A message of a channel that has no provider.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The delivery that it would have been.
    pub id: DeliveryId,
    /// Whom it is for.
    pub user_id: UserId,
    /// The channel.
    pub channel: ChannelKind,
    /// E-mail address, phone number or token of a device.
    pub address: String,
    /// Subject; empty where the channel has none.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML of an e-mail.
    pub html: Option<String>,
    /// When it would have been sent.
    pub created_at: DateTime<Utc>,
}
