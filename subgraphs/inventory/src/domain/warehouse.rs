//! A place where stock lies.

use chrono::{DateTime, Utc};
use kernel::{SellerId, WarehouseId};
use serde::{Deserialize, Serialize};

use super::Rejection;

/// How many warehouses a shop may have, closed ones included.
pub const MAX_WAREHOUSES: usize = 50;

/// What a shop says about a warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What its people call it, 2 to 80 characters.
    pub name: String,
    /// Short unique name within the shop: 2 to 20 capital letters, digits and hyphens.
    pub code: String,
    /// City or regency, 2 to 80 characters.
    pub city: String,
    /// Province of that city, 2 to 80 characters.
    pub province: String,
}

/// A warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warehouse {
    /// Id.
    pub id: WarehouseId,
    /// The shop.
    pub seller_id: SellerId,
    /// What the shop says about it.
    pub details: Details,
    /// Whether its stock is for sale.
    pub is_active: bool,
    /// Grows with every change.
    pub version: i32,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Details {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the first field that breaks its rule.
    pub fn check(&self) -> Result<(), Rejection> {
        for (field, value) in [
            ("name", &self.name),
            ("city", &self.city),
            ("province", &self.province),
        ] {
            let fits = (2..=80).contains(&value.trim().chars().count());
            if !fits || value.chars().any(char::is_control) {
                return Err(Rejection::invalid(field, "must have 2 to 80 characters"));
            }
        }
        let is_code = (2..=20).contains(&self.code.len())
            && self
                .code
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
        if is_code {
            return Ok(());
        }
        let rule = "must have 2 to 20 capital letters, digits and hyphens";
        Err(Rejection::invalid("code", rule))
    }
}

impl Warehouse {
    /// A new warehouse, active.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when a field breaks a rule.
    pub fn open(
        id: WarehouseId,
        seller_id: SellerId,
        details: Details,
        now: DateTime<Utc>,
    ) -> Result<Self, Rejection> {
        details.check()?;
        Ok(Self {
            id,
            seller_id,
            details,
            is_active: true,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    /// Refuses when the caller has read an older version.
    ///
    /// # Errors
    /// [`Rejection::VersionConflict`].
    pub const fn expect_version(&self, expected: i32) -> Result<(), Rejection> {
        if self.version == expected {
            return Ok(());
        }
        Err(Rejection::VersionConflict {
            current: self.version,
        })
    }

    /// Changes what the shop says about it.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] when a field breaks a rule.
    pub fn update(&mut self, details: Details, now: DateTime<Utc>) -> Result<(), Rejection> {
        details.check()?;
        self.details = details;
        self.touch(now);
        Ok(())
    }

    /// Puts its stock up for sale or takes it off.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when it is so already.
    pub fn set_active(&mut self, is_active: bool, now: DateTime<Utc>) -> Result<(), Rejection> {
        if self.is_active == is_active {
            let rule = if is_active {
                "the warehouse is active already"
            } else {
                "the warehouse is deactivated already"
            };
            return Err(Rejection::InvalidState { rule });
        }
        self.is_active = is_active;
        self.touch(now);
        Ok(())
    }

    /// Refuses to bring stock into a deactivated warehouse; taking out is always possible.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`].
    pub const fn accept(&self, delta: i32) -> Result<(), Rejection> {
        if self.is_active || delta <= 0 {
            return Ok(());
        }
        Err(Rejection::InvalidState {
            rule: "the warehouse is deactivated: its stock can only become less",
        })
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
    }
}
