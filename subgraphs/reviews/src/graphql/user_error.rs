//! Refusals as the schema shows them.

use async_graphql::Interface;
use gql::{ErrorCode, Refusal, VersionConflict};

use crate::domain::Rejection;

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
}

/// The refusal that the schema shows for `rejection`.
pub(crate) fn user_error(rejection: Rejection) -> UserError {
    let review = "reviewId";
    let (code, message, field) = match rejection {
        Rejection::VersionConflict { current } => {
            return UserError::VersionConflict(VersionConflict::new(current));
        }
        Rejection::Invalid { field, rule } => {
            let message = format!("`{field}` {rule}");
            let refusal = Refusal::new(ErrorCode::InvalidValue, message, &["input", field]);
            return UserError::Refusal(refusal);
        }
        Rejection::InvalidState { rule } => {
            return UserError::Refusal(Refusal::new(ErrorCode::InvalidState, rule, &[]));
        }
        Rejection::ProductNotFound => (
            ErrorCode::NotFound,
            "there is no such product on sale",
            "productId",
        ),
        Rejection::ReviewNotFound => (ErrorCode::NotFound, "there is no such review", review),
        Rejection::ResponseNotFound => (
            ErrorCode::NotFound,
            "the shop has not responded to this review",
            review,
        ),
        Rejection::AlreadyReviewed => (
            ErrorCode::AlreadyExists,
            "you have reviewed this product already: change that review instead",
            "productId",
        ),
        Rejection::AlreadyReported => (
            ErrorCode::AlreadyExists,
            "you have reported this review already",
            review,
        ),
        Rejection::NotPermitted { who, field } => (ErrorCode::NotPermitted, who, field),
        Rejection::IdempotencyKeyReused => (
            ErrorCode::IdempotencyKeyReused,
            "this key was used with another input: take a fresh one",
            "idempotencyKey",
        ),
    };
    UserError::Refusal(Refusal::new(code, message, &["input", field]))
}
