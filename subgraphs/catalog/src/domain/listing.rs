//! A product with its variants: what commands change as a whole.

use chrono::{DateTime, Utc};
use kernel::{Money, ProductId, SellerId, VariantId};
use serde::{Deserialize, Serialize};

use super::{
    Action, Attribute, Details, Product, ProductKind, ProductStatus, Rejection, Variant,
    VariantDetails,
    text::check_length,
    text::check_slug,
    variant::{MAX_VARIANTS, find_alike},
};

/// A product with its variants in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The product.
    pub product: Product,
    /// Its variants, at least one, by position.
    pub variants: Vec<Variant>,
}

/// What a new product is made of.
pub struct NewListing {
    /// Its id.
    pub id: ProductId,
    /// The shop.
    pub seller_id: SellerId,
    /// Unique name in addresses.
    pub slug: String,
    /// Whether it is sent.
    pub kind: ProductKind,
    /// What the shop says about it.
    pub details: Details,
    /// Its variants with their ids, in order.
    pub variants: Vec<(VariantId, VariantDetails)>,
}

/// A variant became cheaper or dearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceChange {
    /// Price before.
    pub old: Money,
    /// Price now.
    pub new: Money,
}

impl Listing {
    /// A new product, as a draft.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] or [`Rejection::TooMany`] when something breaks a rule.
    pub fn create(new: NewListing, now: DateTime<Utc>) -> Result<Self, Rejection> {
        check_slug(&new.slug)?;
        new.details.check(new.kind)?;
        if !(1..=MAX_VARIANTS).contains(&new.variants.len()) {
            let rule = format!("must have 1 to {MAX_VARIANTS} items");
            return Err(Rejection::invalid("variants", rule));
        }
        for (index, (_, details)) in new.variants.iter().enumerate() {
            details
                .check(new.kind)
                .map_err(|rejection| rejection.in_item("variants", index))?;
        }
        let variants: Vec<Variant> = (0..)
            .zip(new.variants)
            .map(|(position, (id, details))| Variant {
                id,
                product_id: new.id,
                position,
                details,
            })
            .collect();
        if let Some((index, rejection)) = find_alike(&variants) {
            return Err(rejection.in_item("variants", index));
        }
        let product = Product {
            id: new.id,
            seller_id: new.seller_id,
            slug: new.slug,
            kind: new.kind,
            details: new.details,
            status: ProductStatus::Draft,
            suspension_reason: None,
            is_shop_suspended: false,
            min_price: Money::rupiah(0),
            max_price: Money::rupiah(0),
            version: 1,
            created_at: now,
            updated_at: now,
            published_at: None,
        };
        let mut listing = Self { product, variants };
        listing.reprice();
        Ok(listing)
    }

    /// Changes what the shop says about the product.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when archived or no longer fit for the shelf it is on,
    /// [`Rejection::Invalid`] when a field breaks a rule.
    pub fn edit(
        &mut self,
        details: Details,
        attributes: &[Attribute],
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        self.product.status.after(Action::Edit)?;
        details.check(self.product.kind)?;
        if details.unit != self.product.details.unit && self.product.published_at.is_some() {
            let rule = "the unit cannot be changed once the product has been published";
            return Err(Rejection::state(rule));
        }
        self.product.details = details;
        self.check_shelf(attributes)?;
        self.product.touch(now);
        Ok(())
    }

    /// Adds a variant at the end.
    ///
    /// # Errors
    /// [`Rejection`] when archived, a field breaks a rule, there are too many, or it is like another.
    pub fn add_variant(
        &mut self,
        id: VariantId,
        details: VariantDetails,
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        self.product.status.after(Action::Edit)?;
        details.check(self.product.kind)?;
        if self.variants.len() >= MAX_VARIANTS {
            return Err(Rejection::TooMany {
                rule: "a product has at most 100 variants",
            });
        }
        let last = self.variants.last().map_or(-1, |variant| variant.position);
        self.variants.push(Variant {
            id,
            product_id: self.product.id,
            position: last.saturating_add(1),
            details,
        });
        self.variants_changed(now)
    }

    /// Changes a variant; tells when its price is another.
    ///
    /// # Errors
    /// [`Rejection`] when archived, not there, a field breaks a rule, or it is like another.
    pub fn update_variant(
        &mut self,
        id: VariantId,
        details: VariantDetails,
        now: DateTime<Utc>,
    ) -> Result<Option<PriceChange>, Rejection> {
        self.product.status.after(Action::Edit)?;
        details.check(self.product.kind)?;
        let variant = self
            .variants
            .iter_mut()
            .find(|variant| variant.id == id)
            .ok_or(Rejection::VariantNotFound)?;
        let change = PriceChange {
            old: variant.details.price,
            new: details.price,
        };
        variant.details = details;
        self.variants_changed(now)?;
        Ok((change.old != change.new).then_some(change))
    }

    /// Removes a variant and gives it back. The last one stays.
    ///
    /// # Errors
    /// [`Rejection`] when archived, not there, or the only one.
    pub fn remove_variant(
        &mut self,
        id: VariantId,
        now: DateTime<Utc>,
    ) -> Result<Variant, Rejection> {
        self.product.status.after(Action::Edit)?;
        let index = self
            .variants
            .iter()
            .position(|variant| variant.id == id)
            .ok_or(Rejection::VariantNotFound)?;
        if self.variants.len() == 1 {
            return Err(Rejection::state("the last variant cannot be removed"));
        }
        let removed = self.variants.remove(index);
        self.variants_changed(now)?;
        Ok(removed)
    }

    /// Puts the product on the shelf.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] unless it is a draft that is complete.
    pub fn publish(
        &mut self,
        attributes: &[Attribute],
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        self.product.status = self.product.status.after(Action::Publish)?;
        self.check_shelf(attributes)?;
        self.product.published_at = Some(now);
        self.product.touch(now);
        Ok(())
    }

    /// Makes the product a draft again.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] unless active or archived.
    pub fn unpublish(&mut self, now: DateTime<Utc>) -> Result<(), Rejection> {
        self.product.status = self.product.status.after(Action::Unpublish)?;
        self.product.touch(now);
        Ok(())
    }

    /// Takes the product off the shelf for good.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] unless a draft or active.
    pub fn archive(&mut self, now: DateTime<Utc>) -> Result<(), Rejection> {
        self.product.status = self.product.status.after(Action::Archive)?;
        self.product.touch(now);
        Ok(())
    }

    /// Takes the product down.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when it is down already, [`Rejection::Invalid`] for a bad reason.
    pub fn suspend(&mut self, reason: String, now: DateTime<Utc>) -> Result<(), Rejection> {
        check_length("reason", &reason, 3..=500)?;
        self.product.status = self.product.status.after(Action::Suspend)?;
        self.product.suspension_reason = Some(reason);
        self.product.touch(now);
        Ok(())
    }

    /// Gives a product that was taken down back to the shop, as a draft.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] unless suspended, [`Rejection::Invalid`] for a bad reason.
    pub fn reinstate(&mut self, reason: &str, now: DateTime<Utc>) -> Result<(), Rejection> {
        check_length("reason", reason, 3..=500)?;
        self.product.status = self.product.status.after(Action::Reinstate)?;
        self.product.suspension_reason = None;
        self.product.touch(now);
        Ok(())
    }

    /// Whether it may be deleted: nobody outside the shop can have seen it.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] otherwise.
    pub fn check_deletable(&self) -> Result<(), Rejection> {
        if self.product.status == ProductStatus::Draft && self.product.published_at.is_none() {
            return Ok(());
        }
        let rule = "only a DRAFT that was never published can be deleted: archive it instead";
        Err(Rejection::state(rule))
    }

    /// What must be true of a product on the shelf.
    fn check_shelf(&self, attributes: &[Attribute]) -> Result<(), Rejection> {
        if !self.product.is_on_shelf() {
            return Ok(());
        }
        self.check_weights()?;
        let values = &self.product.details.attributes;
        let missing = attributes.iter().find(|attribute| {
            attribute.definition.is_required && !values.contains_key(&attribute.code)
        });
        missing.map_or(Ok(()), |attribute| {
            let code = &attribute.code;
            let rule = format!("a product of this category needs the attribute `{code}` on sale");
            Err(Rejection::state(rule))
        })
    }

    fn check_weights(&self) -> Result<(), Rejection> {
        if !self.product.is_on_shelf() || self.product.kind == ProductKind::Digital {
            return Ok(());
        }
        let weightless = self
            .variants
            .iter()
            .find(|variant| variant.details.weight_grams.is_none());
        weightless.map_or(Ok(()), |variant| {
            let sku = &variant.details.sku;
            let rule = format!("the variant `{sku}` needs a weight: a physical product is shipped");
            Err(Rejection::state(rule))
        })
    }

    fn variants_changed(&mut self, now: DateTime<Utc>) -> Result<(), Rejection> {
        if let Some((_, rejection)) = find_alike(&self.variants) {
            return Err(rejection);
        }
        self.check_weights()?;
        self.reprice();
        self.product.touch(now);
        Ok(())
    }

    fn reprice(&mut self) {
        let prices = self
            .variants
            .iter()
            .map(|variant| variant.details.price.minor_units());
        if let (Some(min), Some(max)) = (prices.clone().min(), prices.max()) {
            self.product.min_price = Money::rupiah(min);
            self.product.max_price = Money::rupiah(max);
        }
    }
}
