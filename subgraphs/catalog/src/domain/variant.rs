//! A variant of a product: what is actually bought.

use std::collections::HashSet;

use kernel::{Currency, Money, ProductId, VariantId};
use serde::{Deserialize, Serialize};

use super::{ProductKind, Rejection, text::check_length};

/// How many variants a product may have.
pub const MAX_VARIANTS: usize = 100;
/// How many options (size, colour …) tell the variants of a product apart.
pub const MAX_OPTIONS: usize = 5;
/// The highest price: Rp 100 billion.
pub const MAX_PRICE: i64 = 100_000_000_000;
/// The heaviest thing: one tonne.
pub const MAX_WEIGHT_GRAMS: i32 = 1_000_000;
/// The longest side: 10 m.
pub const MAX_SIDE_MM: i32 = 10_000;

/// One property that tells a variant from its siblings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OptionValue {
    /// What differs: `Warna`.
    pub name: String,
    /// How: `Merah`.
    pub value: String,
}

/// Outer size when packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimensions {
    /// Longest side in millimetres.
    pub length_mm: i32,
    /// Second side in millimetres.
    pub width_mm: i32,
    /// Height in millimetres.
    pub height_mm: i32,
}

/// What the shop says about a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantDetails {
    /// The shop's own number for it, unique in the shop.
    pub sku: String,
    /// What to show beside the product's name.
    pub name: String,
    /// What tells it from its siblings.
    pub option_values: Vec<OptionValue>,
    /// What it costs.
    pub price: Money,
    /// What it used to cost, higher than the price.
    pub compare_at_price: Option<Money>,
    /// Weight when packed.
    pub weight_grams: Option<i32>,
    /// Size when packed.
    pub dimensions: Option<Dimensions>,
}

/// A variant of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Id.
    pub id: VariantId,
    /// The product.
    pub product_id: ProductId,
    /// Place among its siblings, ascending, with gaps.
    pub position: i32,
    /// What the shop says about it.
    pub details: VariantDetails,
}

impl VariantDetails {
    /// Checks every field on its own.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn check(&self, kind: ProductKind) -> Result<(), Rejection> {
        check_sku(&self.sku)?;
        check_length("name", &self.name, 1..=120)?;
        self.check_options()?;
        self.check_prices()?;
        if kind == ProductKind::Digital && self.weight_grams.is_some() {
            let rule = "must be left out: digital goods weigh nothing";
            return Err(Rejection::invalid("weightGrams", rule));
        }
        if kind == ProductKind::Digital && self.dimensions.is_some() {
            let rule = "must be left out: digital goods have no size";
            return Err(Rejection::invalid("dimensions", rule));
        }
        if self
            .weight_grams
            .is_some_and(|grams| !(1..=MAX_WEIGHT_GRAMS).contains(&grams))
        {
            let rule = format!("must be between 1 and {MAX_WEIGHT_GRAMS}");
            return Err(Rejection::invalid("weightGrams", rule));
        }
        self.dimensions.map_or(Ok(()), Dimensions::check)
    }

    fn check_options(&self) -> Result<(), Rejection> {
        if self.option_values.len() > MAX_OPTIONS {
            let rule = format!("must have at most {MAX_OPTIONS} items");
            return Err(Rejection::invalid("optionValues", rule));
        }
        let mut names = HashSet::new();
        for (index, option) in self.option_values.iter().enumerate() {
            check_length("name", &option.name, 1..=40)
                .and_then(|()| check_length("value", &option.value, 1..=80))
                .map_err(|rejection| rejection.in_item("optionValues", index))?;
            if !names.insert(&option.name) {
                let rule = "must not name an option twice";
                return Err(Rejection::invalid("optionValues", rule));
            }
        }
        Ok(())
    }

    fn check_prices(&self) -> Result<(), Rejection> {
        check_price("price", self.price)?;
        let Some(compare_at) = self.compare_at_price else {
            return Ok(());
        };
        check_price("compareAtPrice", compare_at)?;
        if compare_at.minor_units() <= self.price.minor_units() {
            let rule = "must be higher than the price";
            return Err(Rejection::invalid("compareAtPrice", rule));
        }
        Ok(())
    }
}

fn check_price(field: &str, price: Money) -> Result<(), Rejection> {
    if price.currency() != Currency::Idr {
        return Err(Rejection::invalid(field, "must be in IDR"));
    }
    if (1..=MAX_PRICE).contains(&price.minor_units()) {
        return Ok(());
    }
    let rule = format!("must be between 1 and {MAX_PRICE} rupiah");
    Err(Rejection::invalid(field, rule))
}

fn check_sku(sku: &str) -> Result<(), Rejection> {
    let fits = (1..=64).contains(&sku.len())
        && sku
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte));
    if fits {
        return Ok(());
    }
    let rule = "must have 1 to 64 letters, digits, dots, underscores, slashes and hyphens";
    Err(Rejection::invalid("sku", rule))
}

impl Dimensions {
    fn check(self) -> Result<(), Rejection> {
        let sides = [
            ("lengthMm", self.length_mm),
            ("widthMm", self.width_mm),
            ("heightMm", self.height_mm),
        ];
        for (field, side) in sides {
            if !(1..=MAX_SIDE_MM).contains(&side) {
                let rule = format!("must be between 1 and {MAX_SIDE_MM}");
                return Err(Rejection::invalid(field, rule).inside(&["dimensions"]));
            }
        }
        Ok(())
    }
}

/// Finds the first variant that a buyer or the shop could not tell from an earlier one: its index, and
/// what is wrong with it.
#[must_use]
pub fn find_alike(variants: &[Variant]) -> Option<(usize, Rejection)> {
    let rule = "must differ from the other variants of the product";
    let (mut skus, mut combinations) = (HashSet::new(), HashSet::new());
    for (index, variant) in variants.iter().enumerate() {
        if !skus.insert(&variant.details.sku) {
            return Some((index, Rejection::invalid("sku", rule)));
        }
        let mut combination = variant.details.option_values.clone();
        combination.sort();
        if !combinations.insert(combination) {
            return Some((index, Rejection::invalid("optionValues", rule)));
        }
    }
    None
}
