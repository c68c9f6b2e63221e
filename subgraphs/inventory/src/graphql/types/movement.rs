//! Lines of the ledger.

use async_graphql::{Enum, SimpleObject};
use chrono::{DateTime, Utc};
use gql::GlobalId;
use kernel::markers;

use crate::domain::{Movement, MovementKind, Reason};

/// What a movement of stock is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "MovementKind")]
pub(crate) enum StockMovementType {
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
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Reason")]
pub(crate) enum StockReason {
    /// A mistake is put right.
    Correction,
    /// The shelf was counted.
    Count,
    /// Broken or spoiled; makes stock less.
    Damage,
    /// Lost or stolen; makes stock less.
    Loss,
    /// Goods came in; makes stock more.
    Receipt,
    /// A customer sent it back; makes stock more.
    Return,
}

/// A line of the stock ledger; it is never edited.
#[derive(SimpleObject)]
pub(crate) struct StockMovement {
    /// Id, begins with `movement_`.
    id: GlobalId<markers::Movement>,
    /// 1, 2, 3 … within the stock level.
    seq: i32,
    /// What it is.
    r#type: StockMovementType,
    /// How many units came in, or went out when negative; 0 only for a first count of nothing.
    delta: i32,
    /// How many units there were then.
    resulting_quantity: i32,
    /// Why; null for transfers.
    reason: Option<StockReason>,
    /// What the person added.
    note: Option<String>,
    /// Who: a user's id or `service:<name>`.
    actor: String,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<Movement> for StockMovement {
    fn from(movement: Movement) -> Self {
        Self {
            id: movement.id.into(),
            seq: movement.seq,
            r#type: movement.cause.kind.into(),
            delta: movement.delta,
            resulting_quantity: movement.resulting_quantity,
            reason: movement.cause.reason.map(Into::into),
            note: movement.cause.note,
            actor: movement.cause.actor,
            created_at: movement.created_at,
        }
    }
}
