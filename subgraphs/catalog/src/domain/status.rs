//! Where a product stands, and what may be done with it there.

use kernel::Named as _;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::Rejection;

/// Where a product stands.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProductStatus {
    /// Only the people of the shop see it.
    Draft,
    /// On the shelf: everybody sees it.
    Active,
    /// Taken off the shelf for good, kept for those who bought it.
    Archived,
    /// Taken down by the marketplace.
    Suspended,
}

/// What can be done with a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Change it or its variants.
    Edit,
    /// Put it on the shelf.
    Publish,
    /// Make it a draft again.
    Unpublish,
    /// Take it off the shelf for good.
    Archive,
    /// Take it down.
    Suspend,
    /// Give it back to the shop, as a draft.
    Reinstate,
}

/// The whole machine: in this state, this action leads there. What is not in the table is refused.
pub const TRANSITIONS: [(ProductStatus, Action, ProductStatus); 12] = {
    use Action::{Archive, Edit, Publish, Reinstate, Suspend, Unpublish};
    use ProductStatus::{Active, Archived, Draft, Suspended};
    [
        (Draft, Edit, Draft),
        (Active, Edit, Active),
        // So that the shop can mend what it was suspended for.
        (Suspended, Edit, Suspended),
        (Draft, Publish, Active),
        (Active, Unpublish, Draft),
        (Archived, Unpublish, Draft),
        (Draft, Archive, Archived),
        (Active, Archive, Archived),
        (Draft, Suspend, Suspended),
        (Active, Suspend, Suspended),
        (Archived, Suspend, Suspended),
        (Suspended, Reinstate, Draft),
    ]
};

impl ProductStatus {
    /// Where `action` leads from here.
    ///
    /// # Errors
    /// [`Rejection::InvalidState`] when it is not possible here.
    pub fn after(self, action: Action) -> Result<Self, Rejection> {
        TRANSITIONS
            .iter()
            .find(|(from, by, _)| *from == self && *by == action)
            .map(|(_, _, to)| *to)
            .ok_or_else(|| Rejection::state(format!("{}; it is {}", action.rule(), self.name())))
    }
}

impl Action {
    /// When it is possible.
    const fn rule(self) -> &'static str {
        match self {
            Self::Edit => "an archived product cannot be changed: make it a draft first",
            Self::Publish => "only a DRAFT can be published",
            Self::Unpublish => "only an ACTIVE or ARCHIVED product can become a draft again",
            Self::Archive => "only a DRAFT or ACTIVE product can be archived",
            Self::Suspend => "the product is suspended already",
            Self::Reinstate => "only a SUSPENDED product can be reinstated",
        }
    }
}
