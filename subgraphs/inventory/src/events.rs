//! What this subgraph publishes.

use kernel::{InventoryAlertId, ProductId, SellerId, StockLevelId, VariantId, WarehouseId};
use schemars::JsonSchema;
use serde::Serialize;
use service::outbox::{EventContract, EventPayload, contract};

use crate::domain::{StockLevel, Warehouse};

/// The events of this subgraph, for the catalogue in `schema/events/`.
#[must_use]
pub fn contracts() -> Vec<EventContract> {
    vec![
        contract::<StockChanged>(),
        contract::<LowStock>(),
        contract::<OutOfStock>(),
        contract::<Restocked>(),
        contract::<ThresholdChanged>(),
        contract::<AlertAcknowledged>(),
        contract::<WarehouseCreated>(),
        contract::<WarehouseUpdated>(),
        contract::<WarehouseDeactivated>(),
        contract::<WarehouseActivated>(),
    ]
}

/// Which stock an event is about.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stock {
    /// The stock level.
    pub stock_level_id: StockLevelId,
    /// The shop.
    pub seller_id: SellerId,
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// Units on hand after it.
    pub quantity: i32,
    /// At or below this the stock is low.
    pub low_stock_threshold: i32,
}

impl From<&StockLevel> for Stock {
    fn from(level: &StockLevel) -> Self {
        Self {
            stock_level_id: level.id,
            seller_id: level.seller_id,
            product_id: level.product_id,
            variant_id: level.place.variant_id,
            warehouse_id: level.place.warehouse_id,
            quantity: level.quantity,
            low_stock_threshold: level.low_stock_threshold,
        }
    }
}

/// Stock as events have told it: for those who begin to keep availability.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AvailabilitySnapshot {
    /// What the events of the stock level tell.
    #[serde(flatten)]
    pub stock: Stock,
    /// Whether the stock is for sale, as the events of the warehouse tell.
    pub is_warehouse_active: bool,
    /// The version of the warehouse that this is true of.
    pub warehouse_version: i32,
}

/// Units came in or went out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockChanged {
    /// Which stock.
    #[serde(flatten)]
    pub stock: Stock,
    /// How many units came in, or went out when negative.
    pub delta: i32,
    /// The number of the movement within the level: 1, 2, 3 …
    pub movement_seq: i32,
    /// `INITIAL`, `ADJUSTMENT_INCREASE`, `ADJUSTMENT_DECREASE`, `DAMAGE`, `RECEIPT`, `RETURN`,
    /// `TRANSFER_IN` or `TRANSFER_OUT`.
    pub movement_type: &'static str,
}

/// Stock fell to its threshold, or rose from nothing to no more than that.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LowStock {
    /// Which stock.
    #[serde(flatten)]
    pub stock: Stock,
    /// The alert that was raised.
    pub alert_id: InventoryAlertId,
}

/// The last unit went out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutOfStock {
    /// Which stock.
    #[serde(flatten)]
    pub stock: Stock,
    /// The alert that was raised.
    pub alert_id: InventoryAlertId,
}

/// There are units again where there were none.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Restocked {
    /// Which stock.
    #[serde(flatten)]
    pub stock: Stock,
}

/// The shop chose another low-stock threshold.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ThresholdChanged {
    /// Which stock.
    #[serde(flatten)]
    pub stock: Stock,
}

/// Somebody of the shop sees to an alert.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertAcknowledged {
    /// Which stock.
    #[serde(flatten)]
    pub stock: Stock,
    /// The alert.
    pub alert_id: InventoryAlertId,
}

/// A warehouse was opened.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WarehouseCreated {
    /// The warehouse.
    #[serde(flatten)]
    pub warehouse: WarehouseFace,
}

/// What a shop says about a warehouse was changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WarehouseUpdated {
    /// The warehouse.
    #[serde(flatten)]
    pub warehouse: WarehouseFace,
}

/// The stock of a warehouse is not for sale any more.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WarehouseDeactivated {
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// The shop.
    pub seller_id: SellerId,
}

/// The stock of a warehouse is for sale again.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WarehouseActivated {
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// The shop.
    pub seller_id: SellerId,
}

/// A warehouse and what its shop says about it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WarehouseFace {
    /// The warehouse.
    pub warehouse_id: WarehouseId,
    /// The shop.
    pub seller_id: SellerId,
    /// What its people call it.
    pub name: String,
    /// Short unique name within the shop.
    pub code: String,
    /// City or regency.
    pub city: String,
    /// Province of that city.
    pub province: String,
}

impl From<&Warehouse> for WarehouseFace {
    fn from(warehouse: &Warehouse) -> Self {
        let details = warehouse.details.clone();
        Self {
            warehouse_id: warehouse.id,
            seller_id: warehouse.seller_id,
            name: details.name,
            code: details.code,
            city: details.city,
            province: details.province,
        }
    }
}

impl EventPayload for StockChanged {
    const EVENT_TYPE: &'static str = "inventory.stock_changed";
    const AGGREGATE_TYPE: &'static str = "stock_level";
}
impl EventPayload for LowStock {
    const EVENT_TYPE: &'static str = "inventory.low_stock";
    const AGGREGATE_TYPE: &'static str = "stock_level";
}
impl EventPayload for OutOfStock {
    const EVENT_TYPE: &'static str = "inventory.out_of_stock";
    const AGGREGATE_TYPE: &'static str = "stock_level";
}
impl EventPayload for Restocked {
    const EVENT_TYPE: &'static str = "inventory.restocked";
    const AGGREGATE_TYPE: &'static str = "stock_level";
}
impl EventPayload for ThresholdChanged {
    const EVENT_TYPE: &'static str = "inventory.threshold_changed";
    const AGGREGATE_TYPE: &'static str = "stock_level";
}
impl EventPayload for AlertAcknowledged {
    const EVENT_TYPE: &'static str = "inventory.alert_acknowledged";
    const AGGREGATE_TYPE: &'static str = "stock_level";
}
impl EventPayload for WarehouseCreated {
    const EVENT_TYPE: &'static str = "warehouse.created";
    const AGGREGATE_TYPE: &'static str = "warehouse";
}
impl EventPayload for WarehouseUpdated {
    const EVENT_TYPE: &'static str = "warehouse.updated";
    const AGGREGATE_TYPE: &'static str = "warehouse";
}
impl EventPayload for WarehouseDeactivated {
    const EVENT_TYPE: &'static str = "warehouse.deactivated";
    const AGGREGATE_TYPE: &'static str = "warehouse";
}
impl EventPayload for WarehouseActivated {
    const EVENT_TYPE: &'static str = "warehouse.activated";
    const AGGREGATE_TYPE: &'static str = "warehouse";
}
