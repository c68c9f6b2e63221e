//! Every expected refusal of this subgraph.

/// Why a command was refused. The caller can act on each of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// A value breaks a rule: where in the input, and what it must be.
    Invalid {
        /// The input field, from the outside in, without `input`.
        path: Vec<String>,
        /// What it must be.
        rule: String,
    },
    /// Another product or category has this slug.
    SlugTaken,
    /// Another variant of the shop has this SKU.
    SkuTaken,
    /// Another attribute has this code.
    CodeTaken,
    /// There is no such product, or the caller may not see it.
    ProductNotFound,
    /// There is no such variant, or the caller may not see it.
    VariantNotFound,
    /// There is no such category.
    CategoryNotFound {
        /// The input field that names it.
        field: &'static str,
    },
    /// There is no such attribute.
    AttributeNotFound,
    /// The caller has not the role in the shop that it takes.
    NotPermitted {
        /// Who may.
        who: &'static str,
    },
    /// The state of the thing does not allow it.
    InvalidState {
        /// What is possible, and when.
        rule: String,
    },
    /// The list holds as many as it may.
    TooMany {
        /// How many it may hold.
        rule: &'static str,
    },
    /// Somebody changed the thing in the meantime.
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
    /// The idempotency key was used with another input.
    IdempotencyKeyReused,
}

impl Rejection {
    /// The input field `field` breaks `rule`.
    #[must_use]
    pub fn invalid(field: &str, rule: impl Into<String>) -> Self {
        Self::Invalid {
            path: vec![field.to_owned()],
            rule: rule.into(),
        }
    }

    /// A state does not allow it.
    #[must_use]
    pub fn state(rule: impl Into<String>) -> Self {
        Self::InvalidState { rule: rule.into() }
    }

    /// The same refusal about a value inside item `index` of the list `field`.
    #[must_use]
    pub fn in_item(self, field: &str, index: usize) -> Self {
        self.inside(&[field, &index.to_string()])
    }

    /// The same refusal about a value inside `outer`.
    #[must_use]
    pub fn inside(self, outer: &[&str]) -> Self {
        let Self::Invalid { path, rule } = self else {
            return self;
        };
        let mut whole: Vec<String> = outer.iter().map(|&part| part.to_owned()).collect();
        whole.extend(path);
        Self::Invalid { path: whole, rule }
    }
}

/// Refuses when the caller has read another version than the present one.
///
/// # Errors
/// [`Rejection::VersionConflict`].
pub const fn expect_version(current: i32, expected: i32) -> Result<(), Rejection> {
    if current == expected {
        return Ok(());
    }
    Err(Rejection::VersionConflict { current })
}

/// Why a command did not happen.
pub type Error = kernel::Error<Rejection>;

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
