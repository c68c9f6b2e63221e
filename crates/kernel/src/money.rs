//! Money: whole minor units and a currency. No floats; every operation is checked.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A currency that the marketplace handles (ISO 4217 code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Indonesian rupiah, exponent 0: the payment rails of Indonesia know no cents.
    Idr,
    /// United States dollar, exponent 2.
    Usd,
}

impl Currency {
    /// ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Idr => "IDR",
            Self::Usd => "USD",
        }
    }

    /// How many decimal places the minor unit stands for.
    #[must_use]
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Idr => 0,
            Self::Usd => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        match code {
            "IDR" => Ok(Self::Idr),
            "USD" => Ok(Self::Usd),
            _ => Err(MoneyError::UnknownCurrency),
        }
    }
}

/// Why a calculation with money has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// Amounts of different currencies cannot be combined.
    #[error("the currencies differ")]
    CurrencyMismatch,
    /// Not a currency this marketplace handles.
    #[error("unknown currency; use IDR or USD")]
    UnknownCurrency,
    /// An allocation needs at least one positive weight and no negative one.
    #[error("an allocation needs a positive weight")]
    NoWeight,
}

/// An amount in minor units (IDR: whole rupiah, USD: cents).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    minor_units: i64,
    currency: Currency,
}

impl Money {
    /// An amount of `minor_units`.
    #[must_use]
    pub const fn new(minor_units: i64, currency: Currency) -> Self {
        Self {
            minor_units,
            currency,
        }
    }

    /// Whole rupiah.
    #[must_use]
    pub const fn rupiah(amount: i64) -> Self {
        Self::new(amount, Currency::Idr)
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor_units(self) -> i64 {
        self.minor_units
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// Difference.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// Product with a quantity.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_mul(self, quantity: i64) -> Result<Self, MoneyError> {
        let minor_units = self
            .minor_units
            .checked_mul(quantity)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self {
            minor_units,
            ..self
        })
    }

    /// Splits the amount in proportion to `weights`; the parts add up to the whole. Left-over minor
    /// units go to the largest remainders, the earlier part first. The only division of money.
    ///
    /// # Errors
    /// [`MoneyError::NoWeight`] when no weight is positive or one is negative.
    pub fn allocate(self, weights: &[i64]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        if total <= 0 || weights.iter().any(|weight| *weight < 0) {
            return Err(MoneyError::NoWeight);
        }
        let whole = i128::from(self.minor_units);
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().enumerate() {
            let share = whole
                .checked_mul(i128::from(*weight))
                .ok_or(MoneyError::Overflow)?;
            parts.push(share.div_euclid(total));
            remainders.push((std::cmp::Reverse(share.rem_euclid(total)), index));
        }
        remainders.sort_unstable();
        // Floor division leaves fewer units over than there are parts with a remainder.
        let left_over = whole.saturating_sub(parts.iter().sum());
        for (_, index) in remainders
            .iter()
            .take(usize::try_from(left_over).unwrap_or(0))
        {
            if let Some(part) = parts.get_mut(*index) {
                *part = part.saturating_add(1);
            }
        }
        parts
            .into_iter()
            .map(|part| {
                let minor_units = i64::try_from(part).map_err(|_| MoneyError::Overflow)?;
                Ok(Self {
                    minor_units,
                    ..self
                })
            })
            .collect()
    }

    fn combine(
        self,
        other: Self,
        operation: fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor_units =
            operation(self.minor_units, other.minor_units).ok_or(MoneyError::Overflow)?;
        Ok(Self {
            minor_units,
            ..self
        })
    }

    /// The amount as a decimal number in major units, for display: `150000`, `12.50`.
    #[must_use]
    pub fn decimal(self) -> String {
        let places = self.currency.exponent() as usize;
        if places == 0 {
            return self.minor_units.to_string();
        }
        let sign = if self.minor_units < 0 { "-" } else { "" };
        let scale = 10_u64.pow(self.currency.exponent());
        let magnitude = self.minor_units.unsigned_abs();
        format!("{sign}{}.{:0places$}", magnitude / scale, magnitude % scale)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency.code(), self.decimal())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimals_follow_the_exponent_of_the_currency() {
        assert_eq!(Money::rupiah(150_000).to_string(), "IDR 150000");
        assert_eq!(Money::new(1_205, Currency::Usd).decimal(), "12.05");
        assert_eq!(Money::new(-5, Currency::Usd).decimal(), "-0.05");
        assert_eq!(
            Money::new(i64::MIN, Currency::Usd).decimal(),
            "-92233720368547758.08"
        );
    }

    #[test]
    fn left_over_rupiah_go_to_the_largest_remainders() {
        let parts = Money::rupiah(100).allocate(&[1, 1, 1]).unwrap();
        assert_eq!(
            parts.iter().map(|p| p.minor_units()).collect::<Vec<_>>(),
            [34, 33, 33]
        );
        assert_eq!(Money::rupiah(100).allocate(&[]), Err(MoneyError::NoWeight));
        assert_eq!(
            Money::rupiah(100).allocate(&[2, -1]),
            Err(MoneyError::NoWeight)
        );
    }

    proptest! {
        #[test]
        fn an_allocation_adds_up_and_is_within_one_unit_of_fair(
            amount: i64, weights in prop::collection::vec(0_i64..1_000_000, 1..20),
        ) {
            prop_assume!(weights.iter().any(|w| *w > 0));
            let parts = Money::rupiah(amount).allocate(&weights).unwrap();
            let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
            prop_assert_eq!(
                parts.iter().map(|p| i128::from(p.minor_units())).sum::<i128>(), i128::from(amount)
            );
            for (part, weight) in parts.iter().zip(&weights) {
                let error = i128::from(part.minor_units()) * total - i128::from(amount) * i128::from(*weight);
                prop_assert!(error.abs() < total);
            }
        }

        #[test]
        fn checked_arithmetic_agrees_with_wide_arithmetic(a: i64, b: i64) {
            let wide = |value: i128| i64::try_from(value).map_err(|_| MoneyError::Overflow);
            let (x, y) = (Money::rupiah(a), Money::rupiah(b));
            prop_assert_eq!(x.checked_add(y).map(Money::minor_units), wide(i128::from(a) + i128::from(b)));
            prop_assert_eq!(x.checked_sub(y).map(Money::minor_units), wide(i128::from(a) - i128::from(b)));
            prop_assert_eq!(x.checked_mul(b).map(Money::minor_units), wide(i128::from(a) * i128::from(b)));
            prop_assert_eq!(x.checked_add(Money::new(b, Currency::Usd)), Err(MoneyError::CurrencyMismatch));
        }
    }
}
