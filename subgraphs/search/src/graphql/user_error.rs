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
