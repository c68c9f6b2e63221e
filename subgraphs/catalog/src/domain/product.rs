//! A product: what a shop shows and says of a thing it sells.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{CategoryId, Money, ProductId, SellerId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::{ProductStatus, Rejection, text::check_length};

/// How many features a product may list.
pub const MAX_FEATURES: usize = 20;

/// Whether a product is sent or downloaded.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProductKind {
    /// A thing that is sent.
    Physical,
    /// Delivered without shipping.
    Digital,
}

/// What one piece of the price buys.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// One piece.
    Piece,
    /// A kilogram.
    Kilogram,
    /// A gram.
    Gram,
    /// A bunch (`ikat`).
    Bunch,
    /// A litre.
    Liter,
    /// A metre.
    Meter,
    /// A pack.
    Pack,
    /// A set.
    Set,
}

/// What the shop says about a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Where it is in the shop.
    pub category_id: CategoryId,
    /// What it is called, 3 to 255 characters.
    pub name: String,
    /// What it is, at most 5,000 characters.
    pub description: String,
    /// What the price buys.
    pub unit: Unit,
    /// Whether it spoils.
    pub is_perishable: bool,
    /// Selling points, in the order to show.
    pub features: Vec<String>,
    /// Values of the category's attributes by code, in canonical form.
    pub attributes: BTreeMap<String, String>,
}

/// A product without its variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Id.
    pub id: ProductId,
    /// The shop that sells it.
    pub seller_id: SellerId,
    /// Unique name in addresses; never changes.
    pub slug: String,
    /// Whether it is sent; never changes.
    pub kind: ProductKind,
    /// What the shop says about it.
    pub details: Details,
    /// Where it stands.
    pub status: ProductStatus,
    /// Why the marketplace took it down, while it is.
    pub suspension_reason: Option<String>,
    /// Whether the marketplace has closed its shop.
    #[serde(default)]
    pub is_shop_suspended: bool,
    /// Price of the cheapest variant.
    pub min_price: Money,
    /// Price of the dearest variant.
    pub max_price: Money,
    /// Grows with every event.
    pub version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was last put on the shelf; `None` when it never was.
    pub published_at: Option<DateTime<Utc>>,
}

impl Details {
    /// Checks every field but the attributes, which need the category.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn check(&self, kind: ProductKind) -> Result<(), Rejection> {
        check_length("name", &self.name, 3..=255)?;
        check_length("description", &self.description, 0..=5_000)?;
        if self.features.len() > MAX_FEATURES {
            let rule = format!("must have at most {MAX_FEATURES} items");
            return Err(Rejection::invalid("features", rule));
        }
        for (index, feature) in self.features.iter().enumerate() {
            check_length(&index.to_string(), feature, 1..=120)
                .map_err(|rejection| rejection.inside(&["features"]))?;
        }
        if kind == ProductKind::Physical {
            return Ok(());
        }
        if self.is_perishable {
            let rule = "must be false: digital goods do not spoil";
            return Err(Rejection::invalid("isPerishable", rule));
        }
        if !matches!(self.unit, Unit::Piece | Unit::Pack | Unit::Set) {
            let rule = "must be PIECE, PACK or SET for digital goods";
            return Err(Rejection::invalid("unit", rule));
        }
        Ok(())
    }
}

impl Product {
    /// Whether the shop has put it on the shelf.
    #[must_use]
    pub fn is_on_shelf(&self) -> bool {
        self.status == ProductStatus::Active
    }

    /// Whether everybody may see it: on the shelf of a shop that is open.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.is_on_shelf() && !self.is_shop_suspended
    }

    /// Counts one event: every event of a product has a version of its own.
    pub fn touch(&mut self, now: DateTime<Utc>) {
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
    }
}
