//! The two ways in which a request does not do what was asked: refusals are data in the payload,
//! faults are errors of the answer with a code from a closed list.

use async_graphql::{Enum, Error, ErrorExtensions, Interface, SimpleObject};
use kernel::Fault;

/// Why a mutation was refused. One list for the whole graph; a new code is a new line here.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// The account is closed by the marketplace.
    AccountDisabled,
    /// The account is locked for a while after too many failed logins.
    AccountLocked,
    /// It is there already.
    AlreadyExists,
    /// It was asked for too often in a row: wait until the time that is told.
    Cooldown,
    /// The thing is in a state that does not allow this.
    InvalidState,
    /// A value breaks a rule; the message says which.
    InvalidValue,
    /// The idempotency key was used before with another input.
    IdempotencyKeyReused,
    /// Not enough stock.
    InsufficientStock,
    /// E-mail or password is wrong; which of the two is not told.
    InvalidCredentials,
    /// A token is wrong, expired or used.
    InvalidToken,
    /// It is not there, or not for the caller to see.
    NotFound,
    /// The caller may not do this with this thing.
    NotPermitted,
    /// The quantity is not the expected one: read it again, then repeat.
    QuantityChanged,
    /// The list holds as many as it may.
    TooMany,
    /// The password breaks a rule; the message says which.
    WeakPassword,
    /// Somebody changed the thing since it was read: read it again, then repeat.
    VersionConflict,
}

impl ErrorCode {
    /// The code of a top-level error about a malformed argument.
    pub const BAD_USER_INPUT: &'static str = "BAD_USER_INPUT";
}

/// A refusal that is told by its code and message alone.
#[derive(SimpleObject, Clone)]
#[graphql(shareable)]
pub struct Refusal {
    /// Why, for programs.
    pub code: ErrorCode,
    /// Why and what to do about it, for people.
    pub message: String,
    /// The input field that is at fault, from the outside in; null when it is not a single one.
    pub path: Option<Vec<String>>,
}

/// The thing was changed by somebody else since it was read.
#[derive(SimpleObject, Clone)]
#[graphql(shareable)]
pub struct VersionConflict {
    /// Always `VERSION_CONFLICT`.
    pub code: ErrorCode,
    /// Why and what to do about it, for people.
    pub message: String,
    /// The input field that is at fault.
    pub path: Option<Vec<String>>,
    /// The version that the thing has now.
    pub current_version: i32,
}

/// Why a mutation did not do what was asked. The concrete type may carry more.
// A subgraph whose refusals carry more than these two has an interface of the same name with more types.
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
pub enum UserError {
    /// Told by its code and message alone.
    Refusal(Refusal),
    /// Somebody else was faster.
    VersionConflict(VersionConflict),
}

impl Refusal {
    /// A refusal about the input field `path`.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>, path: &[&str]) -> Self {
        Self {
            code,
            message: message.into(),
            path: user_error_path(path),
        }
    }

    /// `field` of the input breaks a rule: "must have …".
    #[must_use]
    pub fn invalid(field: &str, rule: &str) -> Self {
        let message = format!("`{field}` {rule}");
        Self::new(ErrorCode::InvalidValue, message, &["input", field])
    }

    /// The idempotency key belongs to another input.
    #[must_use]
    pub fn key_reused() -> Self {
        let message = "this key was used with another input: take a fresh one";
        let path = ["input", "idempotencyKey"];
        Self::new(ErrorCode::IdempotencyKeyReused, message, &path)
    }
}

impl VersionConflict {
    /// The refusal of a mutation whose `expectedVersion` is no longer true.
    #[must_use]
    pub fn new(current_version: i32) -> Self {
        Self {
            code: ErrorCode::VersionConflict,
            message: format!(
                "it was changed in the meantime and has version {current_version} now: read it again, then repeat"
            ),
            path: user_error_path(&["input", "expectedVersion"]),
            current_version,
        }
    }
}

/// The `path` of a user error: null when empty.
#[must_use]
pub fn user_error_path(path: &[&str]) -> Option<Vec<String>> {
    (!path.is_empty()).then(|| path.iter().map(|&part| part.to_owned()).collect())
}

/// Makes a fault an error of the answer. Our own failures are logged here, once, with their cause;
/// the caller sees the public text and the code.
#[expect(clippy::needless_pass_by_value, reason = "for use in map_err")]
#[must_use]
pub fn fault(cause: Fault) -> Error {
    to_error(&cause)
}

fn to_error(fault: &Fault) -> Error {
    if fault.kind().is_our_failure() {
        tracing::error!(
            code = fault.kind().code(),
            cause = fault.chain(),
            "request failed"
        );
    }
    Error::new(fault.public()).extend_with(|_, e| e.set("code", fault.kind().code()))
}

/// Like [`fault`], for the shared outcome of a batch.
#[expect(clippy::needless_pass_by_value, reason = "for use in map_err")]
#[must_use]
pub fn shared_fault(cause: std::sync::Arc<Fault>) -> Error {
    to_error(&cause)
}

/// For reference resolvers: a fault is added to the errors of the answer and the entity is missing,
/// instead of failing all entities of the request.
pub fn soft<T>(
    ctx: &async_graphql::Context<'_>,
    loaded: Result<Option<T>, std::sync::Arc<Fault>>,
) -> Option<T> {
    loaded.unwrap_or_else(|cause| {
        ctx.add_error(to_error(&cause).into_server_error(ctx.item.pos));
        None
    })
}

/// For fields that not everybody may read: a fault is added to the errors of the answer and the field
/// is null. `async-graphql` would leave a failed field out of the answer, and with it its object when
/// no other field is left.
pub fn or_null<T>(ctx: &async_graphql::Context<'_>, read: Result<T, Fault>) -> Option<T> {
    read.map_err(|cause| {
        let error = fault(cause).into_server_error(ctx.item.pos);
        ctx.add_error(ctx.set_error_path(error));
    })
    .ok()
}

/// Splits the outcome of a command for its payload: the changed thing, or why it was refused.
///
/// # Errors
/// A fault, as an error of the answer.
pub fn settle<T, R, U>(
    outcome: Result<T, kernel::Error<R>>,
    user_error: impl FnOnce(R) -> U,
) -> Result<(Option<T>, Vec<U>), Error> {
    match outcome {
        Ok(changed) => Ok((Some(changed), Vec::new())),
        Err(kernel::Error::Rejected(rejection)) => Ok((None, vec![user_error(rejection)])),
        Err(kernel::Error::Fault(cause)) => Err(fault(cause)),
    }
}
