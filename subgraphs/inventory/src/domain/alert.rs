//! Warnings that stock runs out. A level has at most one that is not resolved, and whether it has one is
//! a pure function of quantity and threshold.

use chrono::{DateTime, Utc};
use kernel::{InventoryAlertId, SellerId, StockLevelId};
use serde::{Deserialize, Serialize};

/// What an alert says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertKind {
    /// At or below the threshold, not zero.
    LowStock,
    /// Zero.
    OutOfStock,
}

impl AlertKind {
    const NAMES: [(Self, &'static str); 2] = [
        (Self::LowStock, "LOW_STOCK"),
        (Self::OutOfStock, "OUT_OF_STOCK"),
    ];

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

    /// The name in databases and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(kind, _)| *kind)
    }
}

/// How far an alert has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertStatus {
    /// Nobody has seen to it.
    Open,
    /// Somebody sees to it.
    Acknowledged,
    /// It is no longer so.
    Resolved,
}

impl AlertStatus {
    const NAMES: [(Self, &'static str); 3] = [
        (Self::Open, "OPEN"),
        (Self::Acknowledged, "ACKNOWLEDGED"),
        (Self::Resolved, "RESOLVED"),
    ];

    /// Every status.
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Resolved];

    /// The name in databases.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(status, _)| *status == self)
            .map_or("", |(_, name)| name)
    }

    /// The status of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(status, _)| *status)
    }
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
