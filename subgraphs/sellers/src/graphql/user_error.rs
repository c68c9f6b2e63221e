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
#[expect(clippy::needless_pass_by_value, reason = "for use in settle")]
pub(crate) fn user_error(rejection: Rejection) -> UserError {
    let (code, message, path): (_, &str, &[&str]) = match rejection {
        Rejection::VersionConflict { current } => {
            return UserError::VersionConflict(VersionConflict::new(current));
        }
        Rejection::Invalid { field, rule } => {
            let message = format!("`{field}` {rule}");
            let refusal = Refusal::new(ErrorCode::InvalidValue, message, &["input", field]);
            return UserError::Refusal(refusal);
        }
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
        Rejection::IdempotencyKeyReused => (
            ErrorCode::IdempotencyKeyReused,
            "this key was used with another input: take a fresh one",
            &["input", "idempotencyKey"],
        ),
    };
    UserError::Refusal(Refusal::new(code, message, path))
}
