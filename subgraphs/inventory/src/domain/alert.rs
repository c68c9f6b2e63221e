//! Warnings that stock runs out. A level has at most one that is not resolved, and whether it has one is
//! a pure function of quantity and threshold.

use chrono::{DateTime, Utc};
use kernel::{InventoryAlertId, SellerId, StockLevelId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// What an alert says.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertKind {
    /// At or below the threshold, not zero.
    LowStock,
    /// Zero.
    OutOfStock,
}

impl AlertKind {
    /// What must be said about a level with this quantity and threshold, if anything.
    #[must_use]
    pub const fn of(quantity: i32, threshold: i32) -> Option<Self> {
        if quantity == 0 {
            Some(Self::OutOfStock)
        } else if quantity <= threshold {
            Some(Self::LowStock)
        } else {
            None
        }
    }
}

/// How far an alert has come.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertStatus {
    /// Nobody has seen to it.
    Open,
    /// Somebody sees to it.
    Acknowledged,
    /// It is no longer so.
    Resolved,
}

/// A warning about one stock level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Id.
    pub id: InventoryAlertId,
    /// What it is about.
    pub stock_level_id: StockLevelId,
    /// The shop.
    pub seller_id: SellerId,
    /// What it says.
    pub kind: AlertKind,
    /// How far it has come.
    pub status: AlertStatus,
    /// The quantity that raised it.
    pub quantity: i32,
    /// The threshold at that time.
    pub low_stock_threshold: i32,
    /// When it was raised.
    pub created_at: DateTime<Utc>,
    /// When somebody took it on.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When it was no longer so.
    pub resolved_at: Option<DateTime<Utc>>,
}
