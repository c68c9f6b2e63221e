//! Refusals as the schema shows them.

use gql::{ErrorCode, Refusal, UserError, VersionConflict};

use crate::domain::Rejection;

/// The refusal that the schema shows for `rejection`.
pub(crate) fn user_error(rejection: Rejection) -> UserError {
    let review = "reviewId";
    let (code, message, field) = match rejection {
        Rejection::VersionConflict { current } => {
            return VersionConflict::new(current).into();
        }
        Rejection::Invalid { field, rule } => return Refusal::invalid(field, rule).into(),
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
        Rejection::IdempotencyKeyReused => return Refusal::key_reused().into(),
    };
    UserError::Refusal(Refusal::new(code, message, &["input", field]))
}
