//! What this subgraph publishes.

use kernel::{Named as _, SellerId, UserId};
use schemars::JsonSchema;
use serde::Serialize;
use service::outbox::{EventContract, EventPayload, contract};

use crate::domain::Seller;

/// The events of this subgraph, for the catalogue in `schema/events/`.
#[must_use]
pub fn contracts() -> Vec<EventContract> {
    vec![
        contract::<SellerRegistered>(),
        contract::<SellerUpdated>(),
        contract::<SellerVerificationSubmitted>(),
        contract::<SellerVerified>(),
        contract::<SellerRejected>(),
        contract::<SellerSuspended>(),
        contract::<SellerReinstated>(),
        contract::<SellerMemberAdded>(),
        contract::<SellerMemberRemoved>(),
    ]
}

/// A shop was registered.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerRegistered {
    /// The shop.
    pub seller_id: SellerId,
    /// Who owns it.
    pub owner_id: UserId,
    /// Its public face.
    #[serde(flatten)]
    pub face: SellerFace,
}

/// A shop's public face was changed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerUpdated {
    /// The shop.
    pub seller_id: SellerId,
    /// Its public face.
    #[serde(flatten)]
    pub face: SellerFace,
}

/// What others may show of a shop.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerFace {
    /// Unique name in addresses.
    pub slug: String,
    /// Name over the door.
    pub shop_name: String,
    /// City it ships from.
    pub city: String,
    /// Province of that city.
    pub province: String,
}

impl From<&Seller> for SellerFace {
    fn from(seller: &Seller) -> Self {
        Self {
            slug: seller.slug.clone(),
            shop_name: seller.profile.shop_name.clone(),
            city: seller.profile.city.clone(),
            province: seller.profile.province.clone(),
        }
    }
}

/// A shop as its events have told it: for those who begin to keep shops, in the words of
/// [`SellerUpdated`] and with what the type of the last decision says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SellerSnapshot {
    /// What `seller.updated` tells.
    #[serde(flatten)]
    pub seller: SellerUpdated,
    /// `UNVERIFIED`, `IN_REVIEW`, `VERIFIED`, `REJECTED` or `SUSPENDED`.
    pub status: &'static str,
}

impl From<&Seller> for SellerSnapshot {
    fn from(seller: &Seller) -> Self {
        Self {
            seller: SellerUpdated {
                seller_id: seller.id,
                face: seller.into(),
            },
            status: seller.status.name(),
        }
    }
}

/// A shop submitted its documents.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerVerificationSubmitted {
    /// The shop.
    pub seller_id: SellerId,
}

/// A shop was verified.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerVerified {
    /// The shop.
    pub seller_id: SellerId,
}

/// A shop's documents were refused.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerRejected {
    /// The shop.
    pub seller_id: SellerId,
    /// Why, for the shop to read.
    pub reason: String,
}

/// A shop was closed by the marketplace.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerSuspended {
    /// The shop.
    pub seller_id: SellerId,
}

/// A closed shop was opened again.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerReinstated {
    /// The shop.
    pub seller_id: SellerId,
}

/// A person joined a shop.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerMemberAdded {
    /// The shop.
    pub seller_id: SellerId,
    /// The person.
    pub user_id: UserId,
    /// `STAFF`, `MANAGER` or `OWNER`.
    pub role: &'static str,
}

/// A person left a shop.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SellerMemberRemoved {
    /// The shop.
    pub seller_id: SellerId,
    /// The person.
    pub user_id: UserId,
}

impl EventPayload for SellerRegistered {
    const EVENT_TYPE: &'static str = "seller.registered";
    const AGGREGATE_TYPE: &'static str = "seller";
}
impl EventPayload for SellerUpdated {
    const EVENT_TYPE: &'static str = "seller.updated";
    const AGGREGATE_TYPE: &'static str = "seller";
}
impl EventPayload for SellerVerificationSubmitted {
    const EVENT_TYPE: &'static str = "seller.verification_submitted";
    const AGGREGATE_TYPE: &'static str = "seller";
}
impl EventPayload for SellerVerified {
    const EVENT_TYPE: &'static str = "seller.verified";
    const AGGREGATE_TYPE: &'static str = "seller";
}
impl EventPayload for SellerRejected {
    const EVENT_TYPE: &'static str = "seller.rejected";
    const AGGREGATE_TYPE: &'static str = "seller";
}
impl EventPayload for SellerSuspended {
    const EVENT_TYPE: &'static str = "seller.suspended";
    const AGGREGATE_TYPE: &'static str = "seller";
}
impl EventPayload for SellerReinstated {
    const EVENT_TYPE: &'static str = "seller.reinstated";
    const AGGREGATE_TYPE: &'static str = "seller";
}
impl EventPayload for SellerMemberAdded {
    const EVENT_TYPE: &'static str = "seller.member_added";
    const AGGREGATE_TYPE: &'static str = "seller";
}
impl EventPayload for SellerMemberRemoved {
    const EVENT_TYPE: &'static str = "seller.member_removed";
    const AGGREGATE_TYPE: &'static str = "seller";
}
