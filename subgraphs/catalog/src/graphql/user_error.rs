//! Refusals as the schema shows them.

use gql::{ErrorCode, Refusal, UserError, VersionConflict};

use crate::domain::Rejection;

/// The refusal that the schema shows for `rejection`.
#[expect(clippy::needless_pass_by_value, reason = "for use in settle")]
pub(crate) fn user_error(rejection: Rejection) -> UserError {
    let (code, message, path): (_, &str, &[&str]) = match &rejection {
        Rejection::VersionConflict { current } => {
            return VersionConflict::new(*current).into();
        }
        Rejection::Invalid { path, rule } => return invalid(path, rule),
        Rejection::SlugTaken => (
            ErrorCode::AlreadyExists,
            "this slug is taken",
            &["input", "slug"],
        ),
        Rejection::SkuTaken => (
            ErrorCode::AlreadyExists,
            "another product of the shop has a variant with this SKU",
            &[],
        ),
        Rejection::CodeTaken => (
            ErrorCode::AlreadyExists,
            "another attribute has this code",
            &["input", "code"],
        ),
        Rejection::ProductNotFound => (
            ErrorCode::NotFound,
            "there is no such product",
            &["input", "productId"],
        ),
        Rejection::VariantNotFound => (
            ErrorCode::NotFound,
            "there is no such variant",
            &["input", "variantId"],
        ),
        Rejection::CategoryNotFound { field } => (
            ErrorCode::NotFound,
            "there is no such category",
            &["input", field],
        ),
        Rejection::AttributeNotFound => (
            ErrorCode::NotFound,
            "there is no such attribute",
            &["input", "attributeId"],
        ),
        Rejection::NotPermitted { who } => (ErrorCode::NotPermitted, who, &[]),
        Rejection::InvalidState { rule } => (ErrorCode::InvalidState, rule, &[]),
        Rejection::TooMany { rule } => (ErrorCode::TooMany, rule, &[]),
        Rejection::IdempotencyKeyReused => return Refusal::key_reused().into(),
    };
    UserError::Refusal(Refusal::new(code, message, path))
}

fn invalid(path: &[String], rule: &str) -> UserError {
    let message = format!("`{}` {rule}", path.join("."));
    let whole: Vec<&str> = std::iter::once("input")
        .chain(path.iter().map(String::as_str))
        .collect();
    UserError::Refusal(Refusal::new(ErrorCode::InvalidValue, message, &whole))
}
