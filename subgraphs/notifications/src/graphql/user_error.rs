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
    let refusal = match rejection {
        Rejection::VersionConflict { current } => {
            return UserError::VersionConflict(VersionConflict::new(current));
        }
        Rejection::Invalid { field, rule } => {
            let message = format!("`{field}` {rule}");
            Refusal::new(ErrorCode::InvalidValue, message, &["input", field])
        }
        Rejection::NotFound { field } => Refusal::new(
            ErrorCode::NotFound,
            "there is no such thing, or it is not yours",
            &["input", field],
        ),
        Rejection::TooMany { rule } => Refusal::new(ErrorCode::TooMany, rule, &[]),
    };
    UserError::Refusal(refusal)
}
