//! Faults and rejections: the two ways in which something does not happen.

use std::{error::Error as StdError, fmt, sync::OnceLock};

/// What kind of failure a caller is told about. A closed list: [`FaultKind::code`] is what clients
/// find in `errors[].extensions.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The caller must log in.
    Unauthenticated,
    /// The caller is known and may not.
    Forbidden,
    /// An argument is not what the schema's text asks for.
    InvalidInput,
    /// Too many requests.
    RateLimited,
    /// It took too long.
    Timeout,
    /// Something it depends on does not answer.
    Unavailable,
    /// A defect.
    Internal,
}

impl FaultKind {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::InvalidInput => "BAD_USER_INPUT",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL_SERVER_ERROR",
        }
    }

    /// Whether the operator should hear of it: the caller cannot mend these.
    #[must_use]
    pub const fn is_our_failure(self) -> bool {
        matches!(self, Self::Timeout | Self::Unavailable | Self::Internal)
    }
}

/// Tells whether a library's error says only that something does not answer at the moment.
pub type IsPassing = fn(&(dyn StdError + 'static)) -> bool;

/// One per process: `?` has nowhere else to ask, and this crate knows no library.
static IS_PASSING: OnceLock<IsPassing> = OnceLock::new();

/// A failure that is not an answer of the business rules. `public` may be shown; the source never.
pub struct Fault {
    kind: FaultKind,
    public: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Fault {
    /// A defect, with what caused it. The caller only learns that something went wrong.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            kind: FaultKind::Internal,
            public: "something went wrong on our side".to_owned(),
            source: Some(source.into()),
        }
    }

    /// `column`, written `table.column`, holds what the rules do not know: a defect, or a hand in the database.
    #[must_use]
    pub fn unknown_value(column: &str, value: &str) -> Self {
        Self::internal(format!(
            "column `{column}` holds the unknown value `{value}`"
        ))
    }

    /// Something this depends on does not answer.
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            kind: FaultKind::Unavailable,
            public: "a part of the marketplace does not answer; try again later".to_owned(),
            source: Some(source.into()),
        }
    }

    /// From now on `?` turns errors that `is_passing` knows into `UNAVAILABLE` instead of a defect. For the
    /// crate that talks to the database; the first call in a process counts.
    pub fn recognise(is_passing: IsPassing) {
        IS_PASSING.get_or_init(|| is_passing);
    }

    /// The caller must log in.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::told(
            FaultKind::Unauthenticated,
            "log in first: this needs a bearer token",
        )
    }

    /// The caller may not. `need` says what is missing, without telling what exists.
    #[must_use]
    pub fn forbidden(need: &str) -> Self {
        Self::told(FaultKind::Forbidden, need)
    }

    /// An argument is wrong; `advice` says what to send instead.
    #[must_use]
    pub fn invalid_input(advice: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::InvalidInput,
            public: advice.into(),
            source: None,
        }
    }

    /// A fault with a text for the caller and no hidden source.
    #[must_use]
    pub fn told(kind: FaultKind, public: &str) -> Self {
        Self {
            kind,
            public: public.to_owned(),
            source: None,
        }
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// What the caller may read.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// What caused it, for deciding whether to try again.
    #[must_use]
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }

    /// The whole chain of causes, for the log only.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.public.clone();
        let mut next = self.source.as_deref().map(|source| source as &dyn StdError);
        while let Some(source) = next {
            text.push_str(": ");
            text.push_str(&source.to_string());
            next = source.source();
        }
        text
    }
}

// `?` turns any library error into a defect, except those that speak of the caller's input and those that
// pass (`Fault::recognise`). This works because `Fault` is itself no `std::error::Error`.
impl<E: StdError + Send + Sync + 'static> From<E> for Fault {
    fn from(error: E) -> Self {
        let any: &dyn std::any::Any = &error;
        if any.is::<crate::IdError>() || any.is::<crate::CursorError>() {
            return Self::invalid_input(error.to_string());
        }
        if IS_PASSING
            .get()
            .is_some_and(|is_passing| is_passing(&error))
        {
            return Self::unavailable(error);
        }
        Self::internal(error)
    }
}

// No `Display`: it would invite mixing the public text with the hidden cause.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.chain())
    }
}

/// Why a command did not happen: `R` is the subgraph's list of expected refusals.
#[derive(Debug)]
pub enum Error<R> {
    /// Expected; the caller can act on it. Travels as data in the payload.
    Rejected(R),
    /// Not the caller's doing, or not their right. Travels as a GraphQL error.
    Fault(Fault),
}

impl<R> From<Fault> for Error<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<R, E: StdError + Send + Sync + 'static> From<E> for Error<R> {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recognised_as_passing_is_no_defect() {
        Fault::recognise(<dyn StdError>::is::<fmt::Error>);
        assert_eq!(Fault::from(fmt::Error).kind(), FaultKind::Unavailable);
        let other = std::io::Error::other("x");
        assert_eq!(Fault::from(other).kind(), FaultKind::Internal);
    }
}
