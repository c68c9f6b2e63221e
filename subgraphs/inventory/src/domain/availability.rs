//! What buyers learn about stock.

/// How much of a variant or product can be bought: a sum over stock levels in active warehouses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Availability {
    /// In a word.
    pub status: AvailabilityStatus,
    /// In units.
    pub quantity: i32,
}

/// Availability in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AvailabilityStatus {
    /// More than the low-stock thresholds together.
    InStock,
    /// At most the low-stock thresholds together.
    LowStock,
    /// Nothing.
    OutOfStock,
}

impl Availability {
    /// Where there is no stock level at all.
    pub const NONE: Self = Self {
        status: AvailabilityStatus::OutOfStock,
        quantity: 0,
    };

    /// Of levels that hold `quantity` together and have thresholds of `threshold` together.
    #[must_use]
    pub fn of(quantity: i64, threshold: i64) -> Self {
        let status = match quantity {
            ..=0 => AvailabilityStatus::OutOfStock,
            _ if quantity <= threshold => AvailabilityStatus::LowStock,
            _ => AvailabilityStatus::InStock,
        };
        // GraphQL's Int ends at 2³¹; so much is simply plenty.
        let quantity = i32::try_from(quantity.max(0)).unwrap_or(i32::MAX);
        Self { status, quantity }
    }
}
