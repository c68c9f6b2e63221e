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
        Rejection::SearchNotFound => (
            ErrorCode::NotFound,
            "there is no such search; searches are kept for 90 days",
            &["input", "searchId"],
        ),
        Rejection::SynonymNotFound => (
            ErrorCode::NotFound,
            "this term has no synonyms",
            &["input", "term"],
        ),
        Rejection::ReindexRunning => (
            ErrorCode::InvalidState,
            "a rebuild is running: wait for its end",
            &[],
        ),
    };
    UserError::Refusal(Refusal::new(code, message, path))
}
