//! Refusals as the schema shows them.

use async_graphql::{Enum, Interface, SimpleObject};
use chrono::{DateTime, Utc};
use gql::{ErrorCode, Refusal, VersionConflict, error::user_error_path};

use crate::domain::{PasswordRule as Rule, Rejection};

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
    WeakPassword(WeakPassword),
    AccountLocked(AccountLocked),
    Cooldown(Cooldown),
}

/// One thing that a password must have.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Rule")]
pub(crate) enum PasswordRule {
    /// At least 8 characters.
    MinLength,
    /// At most 128 characters.
    MaxLength,
    /// An upper-case letter.
    Uppercase,
    /// A lower-case letter.
    Lowercase,
    /// A digit.
    Digit,
    /// A character that is neither letter nor digit.
    Special,
    /// Not one of the passwords that everybody tries first, nor one of them dressed up.
    NotCommon,
}

/// The password breaks rules.
#[derive(SimpleObject)]
pub(crate) struct WeakPassword {
    /// Always `WEAK_PASSWORD`.
    code: ErrorCode,
    /// Why and what to do about it, for people.
    message: String,
    /// The input field that is at fault.
    path: Option<Vec<String>>,
    /// All the rules that it breaks.
    missing: Vec<PasswordRule>,
}

/// The account is locked for a while after too many wrong passwords.
#[derive(SimpleObject)]
pub(crate) struct AccountLocked {
    /// Always `ACCOUNT_LOCKED`.
    code: ErrorCode,
    /// Why and what to do about it, for people.
    message: String,
    /// Always null.
    path: Option<Vec<String>>,
    /// When the next attempt is looked at; attempts before that are not.
    locked_until: DateTime<Utc>,
}

/// It was asked for too often in a row.
#[derive(SimpleObject)]
pub(crate) struct Cooldown {
    /// Always `COOLDOWN`.
    code: ErrorCode,
    /// Why and what to do about it, for people.
    message: String,
    /// Always null.
    path: Option<Vec<String>>,
    /// When the next request is looked at.
    retry_at: DateTime<Utc>,
}

/// The refusal that the schema shows for `rejection`.
pub(crate) fn user_error(rejection: Rejection) -> UserError {
    let (code, message, path): (_, &str, &[&str]) = match rejection {
        Rejection::VersionConflict { current } => {
            return UserError::VersionConflict(VersionConflict::new(current));
        }
        Rejection::Invalid { field, rule } => return Refusal::invalid(field, rule).into(),
        Rejection::WeakPassword { field, missing } => return weak_password(field, &missing),
        Rejection::AccountLocked { locked_until } => return account_locked(locked_until),
        Rejection::Cooldown { retry_at } => return cooldown(retry_at),
        Rejection::InvalidLetterToken => (
            ErrorCode::InvalidToken,
            "the link is not valid any more: ask for a new letter",
            &["input", "token"],
        ),
        Rejection::InvalidCode => (
            ErrorCode::InvalidToken,
            "the code is wrong or not valid any more: try again, or ask for a new one",
            &["input", "code"],
        ),
        Rejection::WrongPassword { field } => {
            let message = "this is not your password";
            let refusal = Refusal::new(ErrorCode::InvalidCredentials, message, &["input", field]);
            return UserError::Refusal(refusal);
        }
        Rejection::EmailTaken => (
            ErrorCode::AlreadyExists,
            "there is an account with this e-mail address: log in",
            &["input", "email"],
        ),
        Rejection::PhoneTaken { field } => return phone_taken(field),
        Rejection::InvalidCredentials => (
            ErrorCode::InvalidCredentials,
            "e-mail or password is wrong",
            &[],
        ),
        Rejection::AccountDisabled => (
            ErrorCode::AccountDisabled,
            "the account is closed: write to the support",
            &[],
        ),
        Rejection::InvalidToken => (
            ErrorCode::InvalidToken,
            "the refresh token is not valid any more: log in again",
            &["input", "refreshToken"],
        ),
        Rejection::UserNotFound => (
            ErrorCode::NotFound,
            "there is no such account",
            &["input", "userId"],
        ),
        Rejection::SessionNotFound => (
            ErrorCode::NotFound,
            "there is no such session",
            &["input", "sessionId"],
        ),
        Rejection::RoleNotFound => (
            ErrorCode::NotFound,
            "there is no such role",
            &["input", "role"],
        ),
        Rejection::InvalidState { rule } => (ErrorCode::InvalidState, rule, &[]),
    };
    UserError::Refusal(Refusal::new(code, message, path))
}

fn weak_password(field: &str, missing: &[Rule]) -> UserError {
    let needs: Vec<&str> = missing
        .iter()
        .map(|rule| match rule {
            Rule::MinLength => "at least 8 characters",
            Rule::MaxLength => "at most 128 characters",
            Rule::Uppercase => "an upper-case letter",
            Rule::Lowercase => "a lower-case letter",
            Rule::Digit => "a digit",
            Rule::Special => "a character that is neither letter nor digit",
            Rule::NotCommon => "to be less common",
        })
        .collect();
    UserError::WeakPassword(WeakPassword {
        code: ErrorCode::WeakPassword,
        message: format!("the password needs {}", needs.join(", ")),
        path: user_error_path(&["input", field]),
        missing: missing.iter().map(|rule| (*rule).into()).collect(),
    })
}

fn phone_taken(field: Option<&str>) -> UserError {
    let message = "another account has verified this phone number";
    let path: Vec<&str> = field.into_iter().flat_map(|it| ["input", it]).collect();
    UserError::Refusal(Refusal::new(ErrorCode::AlreadyExists, message, &path))
}

fn account_locked(locked_until: DateTime<Utc>) -> UserError {
    UserError::AccountLocked(AccountLocked {
        code: ErrorCode::AccountLocked,
        message: "too many wrong passwords: wait, then try again".to_owned(),
        path: None,
        locked_until,
    })
}

fn cooldown(retry_at: DateTime<Utc>) -> UserError {
    UserError::Cooldown(Cooldown {
        code: ErrorCode::Cooldown,
        message: "asked for too often: look into your messages, or wait and try again".to_owned(),
        path: None,
        retry_at,
    })
}
