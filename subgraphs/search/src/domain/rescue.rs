//! What is shown instead when nothing is found.

use kernel::CategoryId;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// Why there are hits although what was asked for has none.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RescueKind {
    /// Mistyped words were corrected.
    Typo,
    /// Words were replaced by what they are also called.
    Synonym,
    /// The category that the words name is shown.
    Category,
}

/// What is shown instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescue {
    /// Why.
    pub kind: RescueKind,
    /// The words that were searched for instead; `None` for a category.
    pub text: Option<String>,
    /// The category that is shown.
    pub category: Option<CategoryId>,
}
