//! Refusals as the schema shows them.

use async_graphql::{Interface, SimpleObject};
use gql::{ErrorCode, Refusal, VersionConflict};

use crate::domain::{Rejection, warehouse::MAX_WAREHOUSES};

/// Why a mutation did not do what was asked. The concrete type may carry more.
#[derive(Interface)]
#[graphql(
    field(name = "code", ty = "&ErrorCode", desc = "Why, for programs."),
    field(
        name = "message",
        ty = "&String",
        desc = "Why and what to do about it, for people."
    ),
    field(
        name = "path",
        ty = "&Option<Vec<String>>",
        desc = "The input field that is at fault, from the outside in."
    )
)]
pub(crate) enum UserError {
    Refusal(Refusal),
    VersionConflict(VersionConflict),
    QuantityChanged(QuantityChanged),
    InsufficientStock(InsufficientStock),
}

/// The stock is not what it was when it was read.
#[derive(SimpleObject)]
pub(crate) struct QuantityChanged {
    /// Always `QUANTITY_CHANGED`.
    code: ErrorCode,
    /// Why and what to do about it, for people.
    message: String,
    /// The input field that is at fault.
    path: Option<Vec<String>>,
    /// Units that are there now; null when there is no stock level.
    current_quantity: Option<i32>,
}

/// There is not that much.
#[derive(SimpleObject)]
pub(crate) struct InsufficientStock {
    /// Always `INSUFFICIENT_STOCK`.
    code: ErrorCode,
    /// Why and what to do about it, for people.
    message: String,
    /// The input field that is at fault.
    path: Option<Vec<String>>,
    /// Units that are there.
    available: i32,
    /// Units that were wanted.
    requested: i32,
}

/// The refusal that the schema shows for `rejection`.
pub(crate) fn user_error(rejection: Rejection) -> UserError {
    let not_found = ErrorCode::NotFound;
    match rejection {
        Rejection::VersionConflict { current } => {
            UserError::VersionConflict(VersionConflict::new(current))
        }
        Rejection::QuantityChanged { path, current } => quantity_changed(path, current),
        Rejection::InsufficientStock {
            path,
            available,
            requested,
        } => insufficient(path, available, requested),
        Rejection::Invalid { path, rule } => {
            let field = path.last().cloned().unwrap_or_default();
            refusal(ErrorCode::InvalidValue, format!("`{field}` {rule}"), path)
        }
        Rejection::WarehouseNotFound { path } => {
            refusal(not_found, "there is no such warehouse", path)
        }
        Rejection::VariantNotFound { path } => {
            let message = "the shop of the warehouse has no such variant";
            refusal(not_found, message, path)
        }
        Rejection::LevelNotFound { path } => {
            let message = "this variant has no stock level in the warehouse: use `stockSet` first";
            refusal(not_found, message, path)
        }
        Rejection::AlertNotFound => {
            let path = vec!["alertId".to_owned()];
            refusal(not_found, "there is no such alert", path)
        }
        Rejection::NotPermitted { who, path } => refusal(ErrorCode::NotPermitted, who, path),
        Rejection::CodeTaken => {
            let message = "another warehouse of the shop has this code";
            refusal(ErrorCode::AlreadyExists, message, vec!["code".to_owned()])
        }
        Rejection::TooManyWarehouses => {
            let message = format!("a shop has at most {MAX_WAREHOUSES} warehouses");
            UserError::Refusal(Refusal::new(ErrorCode::TooMany, message, &[]))
        }
        Rejection::InvalidState { rule } => {
            UserError::Refusal(Refusal::new(ErrorCode::InvalidState, rule, &[]))
        }
        Rejection::IdempotencyKeyReused => Refusal::key_reused().into(),
    }
}

fn quantity_changed(path: Vec<String>, current: Option<i32>) -> UserError {
    let message = match current {
        Some(current) => {
            format!("there are {current} units now: read the stock again, then repeat")
        }
        None => "there is no stock level yet: leave out `expectedQuantity` to open it".to_owned(),
    };
    UserError::QuantityChanged(QuantityChanged {
        code: ErrorCode::QuantityChanged,
        message,
        path: Some(in_input(path)),
        current_quantity: current,
    })
}

fn insufficient(path: Vec<String>, available: i32, requested: i32) -> UserError {
    UserError::InsufficientStock(InsufficientStock {
        code: ErrorCode::InsufficientStock,
        message: format!("there are {available} units, not {requested}"),
        path: Some(in_input(path)),
        available,
        requested,
    })
}

fn refusal(code: ErrorCode, message: impl Into<String>, path: Vec<String>) -> UserError {
    UserError::Refusal(Refusal {
        code,
        message: message.into(),
        path: Some(in_input(path)),
    })
}

fn in_input(path: Vec<String>) -> Vec<String> {
    std::iter::once("input".to_owned()).chain(path).collect()
}
