//! Refusals as the schema shows them.

use gql::{ErrorCode, Refusal, UserError, VersionConflict};

use crate::domain::Rejection;

/// The refusal that the schema shows for `rejection`.
#[expect(clippy::needless_pass_by_value, reason = "for use in settle")]
pub(crate) fn user_error(rejection: Rejection) -> UserError {
    let (code, message, path): (_, &str, &[&str]) = match rejection {
        Rejection::VersionConflict { current } => {
            return VersionConflict::new(current).into();
        }
        Rejection::Invalid { field, rule } => return Refusal::invalid(field, rule).into(),
        Rejection::SlugTaken => (
            ErrorCode::AlreadyExists,
            "another shop has this slug",
            &["input", "slug"],
        ),
        Rejection::AlreadyMember => (
            ErrorCode::AlreadyExists,
            "this person already works in a shop",
            &[],
        ),
        Rejection::SellerNotFound => (
            ErrorCode::NotFound,
            "there is no such shop",
            &["input", "sellerId"],
        ),
        Rejection::MemberNotFound => (
            ErrorCode::NotFound,
            "this person does not work in the shop",
            &["input", "userId"],
        ),
        Rejection::NotPermitted { who } => (ErrorCode::NotPermitted, who, &["input", "sellerId"]),
        Rejection::InvalidState { rule } => (ErrorCode::InvalidState, rule, &[]),
        Rejection::TooManyMembers => (ErrorCode::TooMany, "a shop has at most 50 people", &[]),
        Rejection::IdempotencyKeyReused => return Refusal::key_reused().into(),
    };
    UserError::Refusal(Refusal::new(code, message, path))
}
