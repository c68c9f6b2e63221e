//! Every expected refusal of this subgraph.

/// Why a command was refused. The caller can act on each of these. A `path` names the input field that
/// is at fault, from the outside in, without `input`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// A value breaks a rule.
    Invalid {
        /// The input field.
        path: Vec<String>,
        /// What it must be.
        rule: &'static str,
    },
    /// There is no such warehouse.
    WarehouseNotFound {
        /// The input field.
        path: Vec<String>,
    },
    /// The shop of the warehouse has no such variant.
    VariantNotFound {
        /// The input field.
        path: Vec<String>,
    },
    /// The variant has never had stock in the warehouse.
    LevelNotFound {
        /// The input field.
        path: Vec<String>,
    },
    /// There is no such alert.
    AlertNotFound,
    /// The caller has not the role in the shop that it takes.
    NotPermitted {
        /// Who may.
        who: &'static str,
        /// The input field that names the shop or something of it.
        path: Vec<String>,
    },
    /// Another warehouse of the shop has this code.
    CodeTaken,
    /// The shop has as many warehouses as it may.
    TooManyWarehouses,
    /// The state of the thing does not allow it.
    InvalidState {
        /// What is possible, and when.
        rule: &'static str,
    },
    /// Somebody changed the thing in the meantime.
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
    /// The stock is not what the caller has read.
    QuantityChanged {
        /// The input field.
        path: Vec<String>,
        /// What it is now; `None` when there is no level.
        current: Option<i32>,
    },
    /// There is not that much.
    InsufficientStock {
        /// The input field.
        path: Vec<String>,
        /// How much there is.
        available: i32,
        /// How much was wanted.
        requested: i32,
    },
    /// The idempotency key was used with another input.
    IdempotencyKeyReused,
}

/// The path of one input field.
#[must_use]
pub fn path(field: &str) -> Vec<String> {
    vec![field.to_owned()]
}

impl Rejection {
    /// The input field `field` breaks `rule`.
    #[must_use]
    pub fn invalid(field: &str, rule: &'static str) -> Self {
        Self::Invalid {
            path: path(field),
            rule,
        }
    }

    /// The same refusal about item `index` of the list `field`.
    #[must_use]
    pub fn in_item(mut self, field: &str, index: usize) -> Self {
        if let Self::Invalid { path, .. }
        | Self::WarehouseNotFound { path }
        | Self::VariantNotFound { path }
        | Self::LevelNotFound { path }
        | Self::NotPermitted { path, .. }
        | Self::QuantityChanged { path, .. }
        | Self::InsufficientStock { path, .. } = &mut self
        {
            path.splice(0..0, [field.to_owned(), index.to_string()]);
        }
        self
    }
}

/// Why a command did not happen.
pub type Error = kernel::Error<Rejection>;

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
