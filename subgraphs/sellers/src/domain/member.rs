//! The people in a shop.

use chrono::{DateTime, Utc};
use kernel::{SellerId, SellerMemberId, UserId};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// How many people may work in one shop.
pub const MAX_MEMBERS: usize = 50;

/// What a person may do in a shop.
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MemberRole {
    /// Looks after orders, stock and reviews.
    Staff,
    /// Also changes products and the shop's profile.
    Manager,
    /// Also verifies the shop and chooses its people. One per shop.
    Owner,
}

/// A person's place in a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Id.
    pub id: SellerMemberId,
    /// The shop.
    pub seller_id: SellerId,
    /// The person.
    pub user_id: UserId,
    /// What they may do.
    pub role: MemberRole,
    /// Since when.
    pub created_at: DateTime<Utc>,
}
