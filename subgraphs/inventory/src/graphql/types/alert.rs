//! Warnings that stock runs out.

use async_graphql::{Context, Enum, Object, Result};
use chrono::{DateTime, Utc};
use gql::GlobalId;
use kernel::markers;

use super::StockLevelNode;
use crate::{
    domain::{Alert, AlertKind, AlertStatus},
    graphql::loaders::Loaders,
};

/// What a stock alert says.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AlertKind")]
pub(crate) enum StockAlertType {
    /// At or below the threshold, not zero.
    LowStock,
    /// Zero.
    OutOfStock,
}

/// How far a stock alert has come.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "AlertStatus")]
pub(crate) enum StockAlertStatus {
    /// Nobody has seen to it.
    Open,
    /// Somebody sees to it.
    Acknowledged,
    /// It is no longer so.
    Resolved,
}

pub(crate) struct StockAlertNode(pub(crate) Alert);

/// A warning that a stock level runs out. A level has at most one that is not resolved.
#[Object(name = "StockAlert")]
impl StockAlertNode {
    /// Id, begins with `alert_`.
    async fn id(&self) -> GlobalId<markers::InventoryAlert> {
        self.0.id.into()
    }

    /// What it says.
    async fn r#type(&self) -> StockAlertType {
        self.0.kind.into()
    }

    /// How far it has come.
    async fn status(&self) -> StockAlertStatus {
        self.0.status.into()
    }

    /// What it is about, as it is now.
    async fn stock_level(&self, ctx: &Context<'_>) -> Result<Option<StockLevelNode>> {
        let loaders = ctx.data::<Loaders>()?;
        let level = loaders.levels.load(self.0.stock_level_id).await;
        Ok(level.map_err(gql::shared_fault)?.map(StockLevelNode))
    }

    /// The quantity that raised it.
    async fn quantity(&self) -> i32 {
        self.0.quantity
    }

    /// The threshold at that time.
    async fn low_stock_threshold(&self) -> i32 {
        self.0.low_stock_threshold
    }

    /// When it was raised.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When somebody took it on; null when nobody has.
    async fn acknowledged_at(&self) -> Option<DateTime<Utc>> {
        self.0.acknowledged_at
    }

    /// When it was no longer so; null while it is.
    async fn resolved_at(&self) -> Option<DateTime<Utc>> {
        self.0.resolved_at
    }
}
