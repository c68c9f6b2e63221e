//! Scalars that GraphQL does not have.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;

/// A whole number of 64 bits, written as a string because JSON numbers lose digits above 2⁵³ and
/// GraphQL's `Int` ends at 2³¹.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Int64(pub i64);

/// A whole number of 64 bits, written as a string because JSON numbers lose digits above 2⁵³ and
/// GraphQL's `Int` ends at 2³¹.
#[Scalar(name = "Int64")]
impl ScalarType for Int64 {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        parsed.map(Self).ok_or_else(|| {
            InputValueError::custom(
                "expected a whole number of 64 bits as a string, like \"150000\"",
            )
            .with_extension("code", crate::ErrorCode::BAD_USER_INPUT)
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A decimal number as a string, for display: `"150000"`, `"12.50"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(pub String);

/// A decimal number as a string, for display: `"150000"`, `"12.50"`.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A day of the calendar without a time or a time zone: `"1990-04-21"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A day of the calendar without a time or a time zone: `"1990-04-21"`.
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        parsed.map(Self).ok_or_else(|| {
            InputValueError::custom("expected a day like \"1990-04-21\"")
                .with_extension("code", crate::ErrorCode::BAD_USER_INPUT)
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
