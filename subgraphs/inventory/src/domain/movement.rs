//! Lines of the stock ledger: one per change, never edited.

use chrono::{DateTime, Utc};
use kernel::{MovementId, StockLevelId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::Rejection;

/// What a movement is.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementKind {
    /// The first of its level.
    Initial,
    /// More than was thought.
    AdjustmentIncrease,
    /// Less than was thought.
    AdjustmentDecrease,
    /// Broken or spoiled.
    Damage,
    /// Goods came in.
    Receipt,
    /// A customer sent it back.
    Return,
    /// From another warehouse.
    TransferIn,
    /// To another warehouse.
    TransferOut,
}

/// Why a person changes stock.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// A mistake is put right.
    Correction,
    /// The shelf was counted.
    Count,
    /// Broken or spoiled.
    Damage,
    /// Lost or stolen.
    Loss,
    /// Goods came in.
    Receipt,
    /// A customer sent it back.
    Return,
}

impl Reason {
    /// What a change by `delta` for this reason is in the ledger.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when the reason only goes the other way.
    pub fn kind(self, delta: i32) -> Result<MovementKind, Rejection> {
        let goes_up = delta > 0;
        match (self, goes_up) {
            (Self::Correction | Self::Count, true) => Ok(MovementKind::AdjustmentIncrease),
            (Self::Correction | Self::Count | Self::Loss, false) => {
                Ok(MovementKind::AdjustmentDecrease)
            }
            (Self::Damage, false) => Ok(MovementKind::Damage),
            (Self::Receipt, true) => Ok(MovementKind::Receipt),
            (Self::Return, true) => Ok(MovementKind::Return),
            (Self::Damage | Self::Loss, true) => Err(Rejection::invalid(
                "reason",
                "DAMAGE and LOSS only make stock less",
            )),
            (Self::Receipt | Self::Return, false) => Err(Rejection::invalid(
                "reason",
                "RECEIPT and RETURN only make stock more",
            )),
        }
    }
}

/// What stands behind a movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What it is.
    pub kind: MovementKind,
    /// Why, when a person gave a reason.
    pub reason: Option<Reason>,
    /// What the person adds.
    pub note: Option<String>,
    /// Who: a user's id or `service:<name>`.
    pub actor: String,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Id.
    pub id: MovementId,
    /// The level that changed.
    pub stock_level_id: StockLevelId,
    /// 1, 2, 3 … within the level.
    pub seq: i32,
    /// How many units came in, or went out when negative.
    pub delta: i32,
    /// How many there were then.
    pub resulting_quantity: i32,
    /// What stands behind it.
    pub cause: Cause,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Checks a note: at most 500 characters.
///
/// # Errors
/// [`Rejection::Invalid`] when it is longer or has control characters.
pub fn check_note(note: Option<&str>) -> Result<(), Rejection> {
    let is_bad = |note: &str| {
        note.chars().count() > 500
            || note
                .chars()
                .any(|letter| letter.is_control() && letter != '\n')
    };
    if note.is_some_and(is_bad) {
        return Err(Rejection::invalid(
            "note",
            "must have at most 500 characters",
        ));
    }
    Ok(())
}
