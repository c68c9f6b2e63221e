//! What this subgraph reads of others' events. Fields that it does not need are not named.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{CategoryId, Money, ProductId, SellerId, StockLevelId, WarehouseId};
use serde::Deserialize;

/// Of every `product.*` event, and of catalog's snapshots.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    pub(crate) product_id: ProductId,
    pub(crate) seller_id: SellerId,
    pub(crate) category_id: CategoryId,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) status: String,
    pub(crate) features: Vec<String>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) min_price: Money,
    pub(crate) max_price: Money,
    /// Only in snapshots: the first event of a product tells it by its time.
    pub(crate) created_at: Option<DateTime<Utc>>,
}

/// Of every `category.*` event but the deletion, and of catalog's snapshots.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Category {
    pub(crate) category_id: CategoryId,
    /// From the top of the tree down to it. Only the parent is used: those above move without telling.
    pub(crate) path: Vec<CategoryId>,
    pub(crate) name: String,
    pub(crate) name_en: String,
}

/// Of `category.deleted`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CategoryGone {
    pub(crate) category_id: CategoryId,
}

/// Of every `seller.*` event: what it does not tell stays as it was. And of sellers' snapshots, which tell
/// everything.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seller {
    pub(crate) seller_id: SellerId,
    pub(crate) shop_name: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) province: Option<String>,
    pub(crate) status: Option<String>,
}

/// Of every event about a stock level, and of inventory's snapshots.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stock {
    pub(crate) stock_level_id: StockLevelId,
    pub(crate) product_id: ProductId,
    pub(crate) warehouse_id: WarehouseId,
    pub(crate) quantity: i32,
    /// Only in snapshots: whether the warehouse is open, and as of which version of it.
    pub(crate) is_warehouse_active: Option<bool>,
    pub(crate) warehouse_version: Option<i32>,
}

/// Of every `warehouse.*` event.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Warehouse {
    pub(crate) warehouse_id: WarehouseId,
}

/// Of `rating.changed`, and of the snapshots of reviews.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rating {
    pub(crate) product_id: ProductId,
    /// A decimal number of stars, `"4.25"`; null or absent without ratings.
    pub(crate) average: Option<String>,
    pub(crate) count: i32,
}
