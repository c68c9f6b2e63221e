//! Money in the schema.

use async_graphql::{Enum, InputObject, SimpleObject};
use kernel::{Currency, Money};

use crate::{Decimal, Int64};

/// Currency by its ISO 4217 code.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CurrencyCode {
    /// Indonesian rupiah; has no minor unit.
    Idr,
    /// United States dollar; the minor unit is the cent.
    Usd,
}

/// An amount of money. Calculate with `minorUnits`, show `amount`.
#[derive(SimpleObject)]
#[graphql(name = "Money", shareable)]
pub struct MoneyValue {
    /// The amount in minor units: whole rupiah for IDR, cents for USD.
    minor_units: Int64,
    /// The currency.
    currency: CurrencyCode,
    /// The same amount as a decimal number in major units, for display.
    amount: Decimal,
}

/// An amount of money.
#[derive(InputObject)]
pub struct MoneyInput {
    /// The amount in minor units: whole rupiah for IDR, cents for USD.
    minor_units: Int64,
    /// The currency.
    currency: CurrencyCode,
}

impl From<Money> for MoneyValue {
    fn from(money: Money) -> Self {
        Self {
            minor_units: Int64(money.minor_units()),
            currency: match money.currency() {
                Currency::Idr => CurrencyCode::Idr,
                Currency::Usd => CurrencyCode::Usd,
            },
            amount: Decimal(money.decimal()),
        }
    }
}

impl From<MoneyInput> for Money {
    fn from(input: MoneyInput) -> Self {
        let currency = match input.currency {
            CurrencyCode::Idr => Currency::Idr,
            CurrencyCode::Usd => Currency::Usd,
        };
        Self::new(input.minor_units.0, currency)
    }
}
