//! Which products a list shows, and in which order.

use std::collections::BTreeMap;

use kernel::{CategoryId, ProductId, SellerId};

use super::{ProductKind, ProductStatus, Unit};

/// In which order to walk a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ProductSort {
    /// The newest first.
    #[default]
    Newest,
    /// The cheapest first.
    PriceAsc,
    /// The dearest first, by the cheapest variant.
    PriceDesc,
    /// By name.
    Name,
}

/// Which products to list. `None` asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Only these.
    pub ids: Option<Vec<ProductId>>,
    /// Only in one of these categories.
    pub categories: Option<Vec<CategoryId>>,
    /// Only of this shop.
    pub seller_id: Option<SellerId>,
    /// Only in one of these states.
    pub statuses: Vec<ProductStatus>,
    /// Not of shops that the marketplace has closed.
    pub is_open_shop: bool,
    /// Only of this kind.
    pub kind: Option<ProductKind>,
    /// Only sold by this unit.
    pub unit: Option<Unit>,
    /// Only when the cheapest variant costs at least this, in rupiah.
    pub price_min: Option<i64>,
    /// Only when the cheapest variant costs at most this, in rupiah.
    pub price_max: Option<i64>,
    /// Only with all these attribute values, by code.
    pub attributes: Option<BTreeMap<String, String>>,
}
