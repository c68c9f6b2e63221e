//! Object types: newtypes over domain values.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use gql::GlobalId;
use kernel::{UserId, markers};
use service::Ctx;

use super::loaders::Loaders;
use crate::{
    access::MANAGE_SELLERS,
    domain::{Member, MemberRole, Seller, SellerStatus},
};

/// Where a shop stands with verification.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SellerStatus", remote = "SellerStatus")]
pub(crate) enum SellerStatusValue {
    /// Registered; nothing submitted yet.
    Unverified,
    /// Documents wait for a decision.
    InReview,
    /// Checked and found right.
    Verified,
    /// Checked and refused; may submit again.
    Rejected,
    /// Closed by the marketplace.
    Suspended,
}

/// What a person may do in a shop.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "MemberRole")]
pub(crate) enum SellerRole {
    /// Looks after orders, stock and reviews.
    Staff,
    /// Also changes products and the shop's profile.
    Manager,
    /// Also verifies the shop and chooses its people. One per shop.
    Owner,
}

pub(crate) struct SellerNode(pub(crate) Seller);

/// A shop.
#[Object(name = "Seller")]
impl SellerNode {
    /// Id, begins with `seller_`.
    async fn id(&self) -> GlobalId<markers::Seller> {
        self.0.id.into()
    }

    /// Unique name in addresses.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Name over the door.
    async fn shop_name(&self) -> &str {
        &self.0.profile.shop_name
    }

    /// What it is about in one line; null when it says nothing.
    async fn tagline(&self) -> Option<&str> {
        Some(self.0.profile.tagline.as_str()).filter(|tagline| !tagline.is_empty())
    }

    /// What the shop sells and how.
    async fn description(&self) -> &str {
        &self.0.profile.description
    }

    /// City or regency it ships from.
    async fn city(&self) -> &str {
        &self.0.profile.city
    }

    /// Province of that city.
    async fn province(&self) -> &str {
        &self.0.profile.province
    }

    /// Where it stands with verification.
    async fn status(&self) -> SellerStatusValue {
        self.0.status.into()
    }

    /// Whether the marketplace has checked who is behind the shop.
    async fn is_verified(&self) -> bool {
        self.0.status == SellerStatus::Verified
    }

    /// Grows with every change; mutations take it as `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was registered.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// What was submitted for verification. For the people of the shop and the marketplace only;
    /// null when nothing was submitted.
    async fn verification(&self, ctx: &Context<'_>) -> Result<Option<SellerVerification>> {
        if insiders(ctx, &self.0).await?.is_none() {
            return Ok(None);
        }
        let verification = self.0.verification.as_ref();
        Ok(verification.map(|verification| SellerVerification {
            legal_name: verification.legal_name.clone(),
            business_number: verification.business_number.clone(),
            decision_reason: verification.decision_reason.clone(),
        }))
    }

    /// The people of the shop, the first first, at most 50. For themselves and the marketplace only.
    async fn members(&self, ctx: &Context<'_>) -> Result<Option<Vec<SellerMember>>> {
        let members = insiders(ctx, &self.0).await?;
        Ok(members.map(|members| members.into_iter().map(SellerMember::from).collect()))
    }
}

/// The people of the shop, if the caller is one of them or manages shops.
async fn insiders(ctx: &Context<'_>, seller: &Seller) -> Result<Option<Vec<Member>>> {
    let request = ctx.data::<Ctx>()?;
    let members = ctx.data::<Loaders>()?.members.load(seller.id).await;
    let members = members.map_err(gql::shared_fault)?.unwrap_or_default();
    let user_id = request.principal.user_id();
    if members.iter().any(|member| Some(member.user_id) == user_id) {
        return Ok(Some(members));
    }
    Ok(gql::or_null(ctx, request.require(MANAGE_SELLERS)).map(|()| members))
}

/// What a shop has submitted for verification, and the answer.
#[derive(SimpleObject)]
pub(crate) struct SellerVerification {
    /// Name of the legal person behind the shop.
    legal_name: String,
    /// NIB (Nomor Induk Berusaha), 13 digits.
    business_number: String,
    /// Why it was refused; null unless it was.
    decision_reason: Option<String>,
}

/// A person's place in a shop.
#[derive(SimpleObject)]
pub(crate) struct SellerMember {
    /// Id, begins with `member_`.
    id: GlobalId<markers::SellerMember>,
    /// The person.
    user: UserNode,
    /// What they may do.
    role: SellerRole,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl From<Member> for SellerMember {
    fn from(member: Member) -> Self {
        Self {
            id: member.id.into(),
            user: UserNode { id: member.user_id },
            role: member.role.into(),
            created_at: member.created_at,
        }
    }
}

/// An account; `identity` owns and describes it.
pub(crate) struct UserNode {
    pub(crate) id: UserId,
}

#[Object(name = "User")]
impl UserNode {
    /// Id, begins with `user_`.
    async fn id(&self) -> GlobalId<markers::User> {
        self.id.into()
    }

    /// The shop in which the person works. For themselves and the marketplace only; null when there is
    /// none.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Option<SellerNode>> {
        let request = ctx.data::<Ctx>()?;
        let is_own = request.principal.user_id() == Some(self.id);
        if !is_own && gql::or_null(ctx, request.require(MANAGE_SELLERS)).is_none() {
            return Ok(None);
        }
        let loaders = ctx.data::<Loaders>()?;
        let member = loaders
            .membership
            .load(self.id)
            .await
            .map_err(gql::shared_fault)?;
        let Some(member) = member else {
            return Ok(None);
        };
        let seller = loaders
            .sellers
            .load(member.seller_id)
            .await
            .map_err(gql::shared_fault)?;
        Ok(seller.map(SellerNode))
    }
}
