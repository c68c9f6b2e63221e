//! Refusals as the schema shows them.

use gql::{ErrorCode, Refusal, UserError, VersionConflict};

use crate::domain::Rejection;

/// The refusal that the schema shows for `rejection`.
pub(crate) fn user_error(rejection: Rejection) -> UserError {
    let refusal = match rejection {
        Rejection::VersionConflict { current } => {
            return VersionConflict::new(current).into();
        }
        Rejection::Invalid { field, rule } => Refusal::invalid(field, &rule),
        Rejection::NotFound { field } => Refusal::new(
            ErrorCode::NotFound,
            "there is no such thing, or it is not yours",
            &["input", field],
        ),
        Rejection::TooMany { rule } => Refusal::new(ErrorCode::TooMany, rule, &[]),
    };
    UserError::Refusal(refusal)
}
