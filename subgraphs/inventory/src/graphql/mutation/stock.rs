//! Mutations of stock and its alerts.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use gql::{GlobalId, settle};
use kernel::markers;

use crate::{
    commands,
    domain::{Error, Place, StockLevel},
    graphql::{
        types::{StockAlertNode, StockLevelNode, StockReason},
        user_error::{UserError, user_error},
    },
};

type VariantId = GlobalId<markers::Variant>;
type WarehouseId = GlobalId<markers::Warehouse>;

/// How many units there are.
#[derive(InputObject)]
struct StockSetInput {
    /// The variant.
    variant_id: VariantId,
    /// The warehouse.
    warehouse_id: WarehouseId,
    /// Units on hand, 0 to 1000000.
    quantity: i32,
    /// Units that were read; leave it out to open a level where there is none.
    expected_quantity: Option<i32>,
    /// Why; `COUNT` without it.
    reason: Option<StockReason>,
    /// What to add to that, at most 500 characters.
    note: Option<String>,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// How many units there are in many places of one shop.
#[derive(InputObject)]
struct StockSetManyInput {
    /// What is where, 1 to 100 lines.
    #[graphql(validator(max_items = 100))]
    lines: Vec<StockSetLine>,
    /// Why; `COUNT` without it.
    reason: Option<StockReason>,
    /// What to add to that, at most 500 characters.
    note: Option<String>,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// How many units there are in one place.
#[derive(InputObject)]
struct StockSetLine {
    /// The variant.
    variant_id: VariantId,
    /// The warehouse.
    warehouse_id: WarehouseId,
    /// Units on hand, 0 to 1000000.
    quantity: i32,
    /// Units that were read; leave it out to open a level where there is none.
    expected_quantity: Option<i32>,
}

/// What comes in or goes out.
#[derive(InputObject)]
struct StockAdjustInput {
    /// The variant.
    variant_id: VariantId,
    /// The warehouse.
    warehouse_id: WarehouseId,
    /// How many units come in, or go out when negative; not 0.
    delta: i32,
    /// Why.
    reason: StockReason,
    /// What to add to that, at most 500 characters.
    note: Option<String>,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// What goes from where to where.
#[derive(InputObject)]
struct StockTransferInput {
    /// The variant.
    variant_id: VariantId,
    /// Where it lies.
    from_warehouse_id: WarehouseId,
    /// Where it goes: another warehouse of the same shop.
    to_warehouse_id: WarehouseId,
    /// How many units, 1 to 1000000.
    quantity: i32,
    /// A fresh key for each attempt that may be repeated, for example a UUID.
    idempotency_key: String,
}

/// When stock is low.
#[derive(InputObject)]
struct StockThresholdSetInput {
    /// The variant.
    variant_id: VariantId,
    /// The warehouse.
    warehouse_id: WarehouseId,
    /// At or below this it is low, 0 to 1000000; with 0 only running out raises an alert.
    low_stock_threshold: i32,
    /// The version that was read.
    expected_version: i32,
}

/// An alert to see to.
#[derive(InputObject)]
struct StockAlertAcknowledgeInput {
    /// The alert.
    alert_id: GlobalId<markers::InventoryAlert>,
}

/// The stock level after the change, or why it was refused.
#[derive(SimpleObject)]
struct StockLevelPayload {
    /// The stock level; null when the change was refused.
    stock_level: Option<StockLevelNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The stock levels after the change, or why it was refused.
#[derive(SimpleObject)]
struct StockSetManyPayload {
    /// The stock levels in the order of the lines, at most 100; null when the change was refused.
    stock_levels: Option<Vec<StockLevelNode>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Both stock levels after the transfer, or why it was refused.
#[derive(SimpleObject)]
struct StockTransferPayload {
    /// Where units went out; null when the transfer was refused.
    from: Option<StockLevelNode>,
    /// Where they came in; null when the transfer was refused.
    to: Option<StockLevelNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The alert after the change, or why it was refused.
#[derive(SimpleObject)]
struct StockAlertPayload {
    /// The alert; null when the change was refused.
    alert: Option<StockAlertNode>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

fn place(variant_id: &VariantId, warehouse_id: &WarehouseId) -> Place {
    Place {
        variant_id: variant_id.0,
        warehouse_id: warehouse_id.0,
    }
}

fn level_payload(outcome: Result<StockLevel, Error>) -> Result<Option<StockLevelPayload>> {
    let (level, user_errors) = settle(outcome, user_error)?;
    Ok(Some(StockLevelPayload {
        stock_level: level.map(StockLevelNode),
        user_errors,
    }))
}

impl From<StockSetLine> for commands::SetStockLine {
    fn from(line: StockSetLine) -> Self {
        Self {
            place: place(&line.variant_id, &line.warehouse_id),
            quantity: line.quantity,
            expected_quantity: line.expected_quantity,
        }
    }
}

#[derive(Default)]
pub(crate) struct StockMutation;

#[Object]
impl StockMutation {
    /// Says how many units of a variant lie in a warehouse, if there were as many as `expectedQuantity`; else the
    /// refusal is `QuantityChanged`. For the people of the shop and the permission `manage:stock`.
    async fn stock_set(
        &self,
        ctx: &Context<'_>,
        input: StockSetInput,
    ) -> Result<Option<StockLevelPayload>> {
        let line = commands::SetStockLine {
            place: place(&input.variant_id, &input.warehouse_id),
            quantity: input.quantity,
            expected_quantity: input.expected_quantity,
        };
        let command = commands::SetStock {
            lines: vec![line],
            reason: input.reason.unwrap_or(StockReason::Count).into(),
            note: input.note,
        };
        level_payload(commands::set_stock(ctx.data()?, &input.idempotency_key, command).await)
    }

    /// Like `stockSet` for up to 100 places of one shop, all or nothing. For the people of the shop and the
    /// permission `manage:stock`.
    async fn stock_set_many(
        &self,
        ctx: &Context<'_>,
        input: StockSetManyInput,
    ) -> Result<Option<StockSetManyPayload>> {
        let command = commands::SetStock {
            lines: input.lines.into_iter().map(Into::into).collect(),
            reason: input.reason.unwrap_or(StockReason::Count).into(),
            note: input.note,
        };
        let outcome = commands::set_stock_many(ctx.data()?, &input.idempotency_key, command).await;
        let (levels, user_errors) = settle(outcome, user_error)?;
        Ok(Some(StockSetManyPayload {
            stock_levels: levels.map(|levels| levels.into_iter().map(StockLevelNode).collect()),
            user_errors,
        }))
    }

    /// Moves units in or out; never below zero: then the refusal is `InsufficientStock`. For the people of the
    /// shop and the permission `manage:stock`.
    async fn stock_adjust(
        &self,
        ctx: &Context<'_>,
        input: StockAdjustInput,
    ) -> Result<Option<StockLevelPayload>> {
        let command = commands::AdjustStock {
            place: place(&input.variant_id, &input.warehouse_id),
            delta: input.delta,
            reason: input.reason.into(),
            note: input.note,
        };
        level_payload(commands::adjust_stock(ctx.data()?, &input.idempotency_key, command).await)
    }

    /// Moves units from one warehouse of a shop to another. For the people of the shop and the permission
    /// `manage:stock`.
    async fn stock_transfer(
        &self,
        ctx: &Context<'_>,
        input: StockTransferInput,
    ) -> Result<Option<StockTransferPayload>> {
        let command = commands::TransferStock {
            variant_id: input.variant_id.0,
            from_warehouse_id: input.from_warehouse_id.0,
            to_warehouse_id: input.to_warehouse_id.0,
            quantity: input.quantity,
        };
        let outcome = commands::transfer_stock(ctx.data()?, &input.idempotency_key, command).await;
        let (transfer, user_errors) = settle(outcome, user_error)?;
        let (from, to) = transfer.map(|both| (both.from, both.to)).unzip();
        Ok(Some(StockTransferPayload {
            from: from.map(StockLevelNode),
            to: to.map(StockLevelNode),
            user_errors,
        }))
    }

    /// Says when the stock of a variant in a warehouse is low. For the people of the shop and the permission
    /// `manage:stock`.
    async fn stock_threshold_set(
        &self,
        ctx: &Context<'_>,
        input: StockThresholdSetInput,
    ) -> Result<Option<StockLevelPayload>> {
        let command = commands::SetThreshold {
            place: place(&input.variant_id, &input.warehouse_id),
            low_stock_threshold: input.low_stock_threshold,
            expected_version: input.expected_version,
        };
        level_payload(commands::set_threshold(ctx.data()?, command).await)
    }

    /// Takes an alert on; doing it again changes nothing. For the people of the shop and the permission
    /// `manage:stock`.
    async fn stock_alert_acknowledge(
        &self,
        ctx: &Context<'_>,
        input: StockAlertAcknowledgeInput,
    ) -> Result<Option<StockAlertPayload>> {
        let outcome = commands::acknowledge_alert(ctx.data()?, input.alert_id.0).await;
        let (alert, user_errors) = settle(outcome, user_error)?;
        Ok(Some(StockAlertPayload {
            alert: alert.map(StockAlertNode),
            user_errors,
        }))
    }
}
