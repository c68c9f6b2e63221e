//! A person, as far as they are told things.

use chrono::{DateTime, Utc};
use kernel::{DeviceId, ProductId, ProductWatchId, UserId};
use strum::{IntoStaticStr, VariantArray};

use super::{Locale, QuietHours};

/// How many devices of one person get push messages; a new one takes the place of the one seen longest ago.
pub const MAX_DEVICES: i64 = 20;
/// How many watches a person may have.
pub const MAX_WATCHES: i64 = 500;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The account.
    pub user_id: UserId,
    /// The number of the latest notification in the app.
    pub last_seq: i64,
    /// The language of what they see in the app.
    pub locale: Locale,
    /// Whether advertising is welcome.
    pub has_marketing_consent: bool,
    /// Whether the account is closed by the marketplace.
    pub is_closed: bool,
    /// Whether the account is gone: nothing may be kept about the person any more.
    pub is_erased: bool,
    /// When they are left in peace.
    pub quiet: Option<QuietHours>,
}

impl Person {
    /// Whether anything may be told to them.
    #[must_use]
    pub const fn is_reachable(&self) -> bool {
        !self.is_closed && !self.is_erased
    }
}

/// What a person wants to hear of a product.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WatchKind {
    /// That it costs less. Stays until it is taken back.
    PriceDrop,
    /// That it can be bought again. Ends when it was told.
    BackInStock,
}

/// A person's wish to hear of a product.
#[derive(Debug, Clone)]
pub struct Watch {
    /// Id.
    pub id: ProductWatchId,
    /// Who.
    pub user_id: UserId,
    /// Of which product.
    pub product_id: ProductId,
    /// What.
    pub kind: WatchKind,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// The system of a device.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Android.
    Android,
    /// iOS or iPadOS.
    Ios,
    /// A browser.
    Web,
}

/// A device that push messages reach.
#[derive(Debug, Clone)]
pub struct Device {
    /// Id.
    pub id: DeviceId,
    /// Whose.
    pub user_id: UserId,
    /// What the push service calls it. Never shown.
    pub token: String,
    /// Its system.
    pub platform: Platform,
    /// How its owner calls it.
    pub name: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it last registered.
    pub seen_at: DateTime<Utc>,
}
