//! How much of a variant lies in a warehouse.

use chrono::{DateTime, Utc};
use kernel::{
    InventoryAlertId, MovementId, ProductId, SellerId, StockLevelId, VariantId, WarehouseId,
};
use serde::{Deserialize, Serialize};

use super::{Alert, AlertKind, AlertStatus, Cause, Movement, Rejection, rejection::path};

/// The most that one level holds.
pub const MAX_QUANTITY: i32 = 1_000_000;
/// The threshold of a level whose shop has not chosen one.
pub const DEFAULT_LOW_STOCK_THRESHOLD: i32 = 5;

/// Which stock: a variant in a warehouse. Levels are locked in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The variant.
    pub variant_id: VariantId,
    /// The warehouse.
    pub warehouse_id: WarehouseId,
}

/// The stock of one variant in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevel {
    /// Id.
    pub id: StockLevelId,
    /// Which stock.
    pub place: Place,
    /// The product of the variant.
    pub product_id: ProductId,
    /// The shop.
    pub seller_id: SellerId,
    /// Units on hand.
    pub quantity: i32,
    /// At or below this an alert is raised.
    pub low_stock_threshold: i32,
    /// The number of the last movement.
    pub movement_seq: i32,
    /// Grows with every event.
    pub version: i32,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl StockLevel {
    /// A level that waits for its first movement.
    #[must_use]
    pub const fn open(
        id: StockLevelId,
        place: Place,
        (product_id, seller_id): (ProductId, SellerId),
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            place,
            product_id,
            seller_id,
            quantity: 0,
            low_stock_threshold: DEFAULT_LOW_STOCK_THRESHOLD,
            movement_seq: 0,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// Refuses a change that would leave less than nothing or more than [`MAX_QUANTITY`]. `field` is the
    /// input field with the size of the change.
    ///
    /// # Errors
    /// [`Rejection::InsufficientStock`], [`Rejection::Invalid`].
    pub fn check_shift(&self, delta: i32, field: &str) -> Result<(), Rejection> {
        let after = self.quantity.saturating_add(delta);
        if after < 0 {
            return Err(Rejection::InsufficientStock {
                path: path(field),
                available: self.quantity,
                requested: delta.saturating_neg(),
            });
        }
        if after > MAX_QUANTITY {
            let rule = "must leave at most 1000000 units in the warehouse";
            return Err(Rejection::invalid(field, rule));
        }
        Ok(())
    }

    /// Refuses when the caller has read an older version.
    ///
    /// # Errors
    /// [`Rejection::VersionConflict`].
    pub const fn expect_version(&self, expected: i32) -> Result<(), Rejection> {
        if self.version == expected {
            return Ok(());
        }
        Err(Rejection::VersionConflict {
            current: self.version,
        })
    }

    /// What must be said about it now, if anything.
    #[must_use]
    pub const fn alert_kind(&self) -> Option<AlertKind> {
        AlertKind::of(self.quantity, self.low_stock_threshold)
    }

    /// The alert that says it.
    #[must_use]
    pub const fn alert(&self, id: InventoryAlertId, kind: AlertKind, now: DateTime<Utc>) -> Alert {
        Alert {
            id,
            stock_level_id: self.id,
            seller_id: self.seller_id,
            kind,
            status: AlertStatus::Open,
            quantity: self.quantity,
            low_stock_threshold: self.low_stock_threshold,
            created_at: now,
            acknowledged_at: None,
            resolved_at: None,
        }
    }

    /// Counts one more event about it; gives the version that the event has.
    pub const fn count_event(&mut self) -> i32 {
        self.version = self.version.saturating_add(1);
        self.version
    }
}

/// Checks a quantity or threshold that a caller sent.
///
/// # Errors
/// [`Rejection::Invalid`] unless it is 0 to [`MAX_QUANTITY`].
pub fn check_quantity(field: &str, quantity: i32) -> Result<(), Rejection> {
    if (0..=MAX_QUANTITY).contains(&quantity) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "must be 0 to 1000000"))
}

/// A movement together with what it changes in alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The level after the movement.
    pub level: StockLevel,
    /// The movement.
    pub movement: Movement,
    /// What was said about the level before. A new level had nothing to say.
    pub alert_before: Option<AlertKind>,
    /// Whether it was empty before and is not now. A new level is not *re*stocked.
    pub is_restocked: bool,
}

impl Change {
    /// The movement by `delta` that has led to `level`.
    #[must_use]
    pub fn new(level: StockLevel, id: MovementId, delta: i32, cause: Cause) -> Self {
        let before = level.quantity.saturating_sub(delta);
        let is_first = level.movement_seq == 1;
        let alert_before = (!is_first)
            .then(|| AlertKind::of(before, level.low_stock_threshold))
            .flatten();
        let movement = Movement {
            id,
            stock_level_id: level.id,
            seq: level.movement_seq,
            delta,
            resulting_quantity: level.quantity,
            cause,
            created_at: level.updated_at,
        };
        let is_restocked = !is_first && before == 0 && level.quantity > 0;
        Self {
            level,
            movement,
            alert_before,
            is_restocked,
        }
    }
}

/// What a comparison of stock with its ledger found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// How many levels were compared.
    pub checked: i32,
    /// Those that are not what their ledger says, at most 100.
    pub differences: Vec<Difference>,
}

/// A level that is not what its ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The level.
    pub level: StockLevel,
    /// The sum of its movements.
    pub recorded: i64,
}
